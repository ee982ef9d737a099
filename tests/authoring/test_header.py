"""What is said of a workflow as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.draft import Draft, Header
from pectin.authoring.header import read_header
from pectin.authoring.workflow import Workflow
from pectin.core.definition import OnFailure, Place, Reducer, WorkflowLimits
from pectin.core.problem import DefinitionError
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from tests.authoring.orders import Order

NEW: Any = Workflow


def keep(state: Order) -> Order:
    return state


def build(**said: Any) -> Any:
    wf = NEW("orders", version="1.0.0", state=Order, **said)
    wf.node(keep)
    return wf.build().definition


def test_a_header_is_read() -> None:
    draft = Draft("orders", Place("a.py", 3))
    timeouts = TimeoutConfig(node_timeout_ms=1)
    header = read_header(
        draft,
        "orders",
        "1.0.0",
        session_type="stateless",
        timeouts=timeouts,
        reducers={"notes": "append"},
        on_failure="wait",
        stop_grace=0,
        max_iterations=3,
        wall_time="1h",
        max_cost_usd="2.50",
        total_tokens=9_000,
    )
    assert header == Header(
        id="orders",
        version="1.0.0",
        session_type=SessionType.STATELESS,
        timeouts=timeouts,
        reducers={"notes": Reducer.APPEND},
        on_failure=OnFailure.WAIT,
        stop_grace_ms=0,
        limits=WorkflowLimits(max_iterations=3, wall_time_ms=3_600_000, max_cost_usd="2.5", total_tokens=9_000),
    )
    assert draft.problems == []


def test_what_is_said_is_in_the_definition() -> None:
    definition = build(reducers={"labels": "append"}, on_failure="wait", stop_grace="30s", max_iterations=3)
    assert definition.reducers == {"labels": Reducer.APPEND}
    assert (definition.on_failure, definition.stop_grace_ms) == (OnFailure.WAIT, 30_000)
    assert definition.limits == WorkflowLimits(max_iterations=3)
    assert build(wall_time="72h").wall_time_ms == 259_200_000


def test_what_means_as_before_is_left_out() -> None:
    definition = build(reducers={}, on_failure="fail_fast")
    assert definition == build()
    assert (definition.reducers, definition.on_failure, definition.stop_grace_ms, definition.limits) == (
        {},
        None,
        None,
        None,
    )


@pytest.mark.parametrize("reducer", Reducer)
def test_there_is_a_name_for_each_reducer(reducer: Reducer) -> None:
    draft = Draft("orders", Place("a.py", 3))
    assert read_header(draft, "orders", "1.0.0", reducers={"key": reducer.value}).reducers == {"key": reducer}


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        (
            {"reducers": {"labels": "apend"}},
            "E027",
            "the reducer of `labels`, 'apend', is unknown; did you mean `append`?",
        ),
        (
            {"reducers": {"labels": 3}},
            "E027",
            "the reducer of `labels`, 3, is unknown; use one of append, add, max, min, union, merge",
        ),
        (
            {"reducers": ["labels"]},
            "E027",
            'the workflow\'s reducers, [\'labels\'], are no mapping; write `{"key": "append"}`',
        ),
        (
            {"reducers": {"lables": "append"}},
            "E029",
            "`lables` has a reducer, and the state has no such field; did you mean `labels`?",
        ),
        ({"reducers": {"labels": "add"}}, "E029", "`add` is the reducer of `labels`, which is a list of strings; "),
        (
            {"on_failure": "fail-fast"},
            "E027",
            "the workflow's on_failure, 'fail-fast', is unknown; did you mean `fail_fast`?",
        ),
        ({"stop_grace": "soon"}, "E022", "the workflow's stop_grace: "),
        ({"stop_grace": "2h"}, "E022", "7200000 ms is no `stop_grace`; write 0 to 1 h"),
        ({"wall_time": "0s"}, "E022", "the workflow's wall_time: '0s' is no time at all; write a longer one"),
        (
            {"max_iterations": 0},
            "E038",
            "the limits: `max_iterations` is 0; write a whole number from 1 on",
        ),
        (
            {"max_iterations": "3"},
            "E027",
            "the workflow's max_iterations, '3', is no whole number; write one from 1 on",
        ),
        (
            {"wall_time": "1h", "timeouts": TimeoutConfig(workflow_timeout_ms=5)},
            "E038",
            "`wall_time` of the limits and `workflow_timeout` of the timeouts are the same limit; delete one",
        ),
    ],
)
def test_what_cant_be_used_is_told_at_the_workflows_line(said: dict[str, Any], code: str, text: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        build(**said)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.place.file if problem.place else "") == (code, "tests/authoring/test_header.py")
    assert text in str(refusal.value)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"max_cost_usd": 2.5}, "the workflow's max_cost_usd: 2.5 is a float, and floats are not exact"),
        ({"max_cost_usd": "-1"}, "the workflow's max_cost_usd: '-1' is less than nothing"),
        ({"total_tokens": "many"}, "the workflow's total_tokens: 'many' is no number of tokens"),
        ({"output_tokens": 0}, "the limits: `output_tokens` is nothing"),
    ],
)
def test_a_limit_on_what_is_spent_that_can_t_be_kept_is_refused(said: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        build(**said)
    assert [(each.code, each.message) for each in caught.value.problems] == [("E050", problem)]


def test_a_limit_that_there_is_not_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="Workflow\\(\\) got an unexpected keyword argument 'max_cost'"):
        build(max_cost="1")

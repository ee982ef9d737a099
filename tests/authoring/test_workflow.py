"""The builder, on the files that users write."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from pectin.authoring.workflow import Workflow
from pectin.core.definition import Trigger
from pectin.core.problem import DefinitionError
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.ports.context import Context
from tests.authoring.orders import Order, new_workflow

SAMPLE = (Path(__file__).parents[1] / "typing/sample.md").read_text(encoding="utf-8")


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the typing sample, run."""
    found = re.search(rf"^## {name}\.py\n\n```python\n(.*?)^```$", SAMPLE, re.MULTILINE | re.DOTALL)
    assert found is not None
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(found[1], f"{name}.py", "exec"), vars(module))
    return module


def keep(state: Order) -> Order:
    return state


async def test_the_readmes_sample_builds_and_its_functions_can_be_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = load("refund", monkeypatch)
    definition = sample.refund.build().definition
    assert [node.id for node in definition.nodes] == ["look_up", "assess", "pay", "review"]
    assert [(edge.source, edge.target, edge.trigger) for edge in definition.edges] == [
        ("look_up", "assess", Trigger.ALWAYS),
        ("assess", "review", Trigger.WHEN),
        ("assess", "pay", Trigger.OTHERWISE),
        ("review", "pay", Trigger.WHEN),
        ("review", "end", Trigger.WHEN),
        ("review", "end", Trigger.WHEN),
    ]
    assert sample.assess(sample.Refund(order="A-1", amount=Decimal(1299))).risk == "high"
    assert (await sample.pay(sample.Refund(order="A-1"), Context(key="k"))).receipt == "paid 0, k"


def test_every_kind_of_node_and_of_state_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {node.kind for node in load("notes", monkeypatch).notes.build().definition.nodes}
    assert kinds == {"python_fn", "parallel", "join", "condition", "wait", "finalizer"}
    others = load("others", monkeypatch)
    assert others.orders.build().definition.start == "assess"
    assert others.loose.build().definition.state.open


def test_a_function_may_serve_twice() -> None:
    wf = new_workflow()
    one = wf.node(keep)
    two = wf.node(one, name="again")
    one.then(two)
    assert list(wf.build().functions) == ["keep", "again"]


def test_the_start_may_be_named() -> None:
    wf = new_workflow()
    one, two = wf.node(keep, name="one"), wf.node(keep, name="two")
    one.then(two)
    two.repeat(one, when="state.risk == 'low'", max_iterations=3)
    assert wf.build().definition.start == "one"
    wf.start(one)
    assert wf.build().definition.start == "one"


def test_what_is_said_of_the_whole_is_in_the_definition() -> None:
    timeouts = TimeoutConfig(node_timeout_ms=5)
    wf = Workflow("w", version="1.0.0", state=Order, name="W", description="All of it", timeouts=timeouts)
    wf.node(keep)
    definition = wf.build().definition
    assert (wf.id, wf.version) == (definition.id, definition.version) == ("w", "1.0.0")
    assert (definition.name, definition.description, definition.timeouts) == ("W", "All of it", timeouts)


def test_a_workflow_can_be_built_again_after_more_was_said() -> None:
    wf = new_workflow()
    one = wf.node(keep)
    first = wf.build()
    one.then(wf.wait("pause", until="'2026-11-26T09:14:00Z'"))
    assert len(wf.build().definition.nodes) == len(first.definition.nodes) + 1


def test_a_default_deadline_is_a_deadline() -> None:
    wf = Workflow("w", version="1.0.0", state=Order, timeouts=TimeoutConfig(approval_timeout_ms=1000))
    wf.approval("review", "Refund?").on(approved="end", rejected="end", timeout="end")
    assert len(wf.build().definition.edges) == 3


@pytest.mark.parametrize("call", ["model", "agent", "on_budget_exceeded"])
def test_there_is_no_stub_of_what_is_not_there_yet(call: str) -> None:
    assert not hasattr(new_workflow(), call)


def test_an_unknown_option_is_refused_at_once() -> None:
    wf: Any = new_workflow()
    with pytest.raises(TypeError, match="timeuot"):
        wf.node(keep, timeuot="3s")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"version": None}, "the workflow's version, None, is no text; write it in quotes"),
        ({"id": 5}, "the workflow's id, 5, is no text; write it in quotes"),
        ({"name": 3}, "the workflow's name, 3, is no text; write it in quotes"),
        ({"description": b"x"}, "the workflow's description, b'x', is no text; write it in quotes"),
        ({"session_type": "resumabel"}, "session type, 'resumabel', is unknown; did you mean `resumable`?"),
        ({"session_type": None}, "session type, None, is unknown; use one of stateless, resumable, "),
        ({"timeouts": 3}, "the workflow's timeouts, 3, are no TimeoutConfig; write `TimeoutConfig(node_timeout_ms="),
    ],
)
def test_what_is_said_of_the_workflow_is_of_its_type(options: dict[str, Any], told: str) -> None:
    new: Any = Workflow
    wf = new(**{"id": "w", "version": "1.0.0", "state": Order, **options})
    wf.node(keep)
    with pytest.raises(DefinitionError) as refusal:
        wf.build()
    (problem,) = refusal.value.problems
    assert (problem.code, problem.place.file if problem.place else "") == ("E027", "tests/authoring/test_workflow.py")
    assert told in str(refusal.value)


def test_all_that_is_wrong_with_the_whole_is_told_at_once() -> None:
    none: Any = None
    wf = Workflow("my orders", version=none, state=Order)
    wf.node(keep)
    with pytest.raises(DefinitionError, match=r"(?s)version, None, is no text.*id 'my orders' can't be used"):
        wf.build()


@pytest.mark.parametrize("session_type", [SessionType.RESUMABLE, "resumable"])
def test_a_session_type_may_be_given_by_name(session_type: Any) -> None:
    wf = Workflow("w", version="1.0.0", state=Order, session_type=session_type)
    wf.node(keep)
    assert wf.build().definition.session_type is SessionType.RESUMABLE


def test_a_node_name_that_is_no_text_is_refused() -> None:
    number: Any = 5
    wf = Workflow("w", version="1.0.0", state=Order)
    wf.node(keep, name=number)
    with pytest.raises(DefinitionError, match=r"^tests/.*: a node's name, 5, is no text; write it in quotes$"):
        wf.build()


def test_a_default_that_is_no_json_is_refused_with_its_place() -> None:
    class Measured(BaseModel):
        n: float = float("nan")

    wf = Workflow("w", version="1.0.0", state=Measured)
    with pytest.raises(DefinitionError, match=r"^tests/.*py:\d+: `n`: the default can't be stored: nan is no JSON"):
        wf.build()

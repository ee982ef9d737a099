"""A subgraph waits for an execution of its own; how that ends is how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.command import ChildEnded, Refused, Wake
from pectin.core.decide import decide
from pectin.core.definition import Child, Json, Node, OnItemFailure
from pectin.core.error import ErrorData
from pectin.core.event import ChildSpawned, NodeCancelled, NodeFailed
from pectin.core.evolve import evolve
from pectin.core.identity import ExecutionId, child_id
from pectin.core.limits import Limits
from pectin.core.schema import Any as AnyValue
from pectin.core.state import Run
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.work import CHILD_ENDED, PARENT_SAYS, birth, is_at_work, letters, listens
from pectin.nodes import bind
from tests.core.case import EXECUTION, Case
from tests.core.world import child, define, each, program, step

MAPPED = child("c", {"x": "state.x + 1"}, {"y": "output.x * 2"})
GATED = child("c", {"x": "state.x + 1"}, {"y": "output.x * 2"}, gated=True)


def ended(case: Case, name: str = "c", status: WorkflowStatus = WorkflowStatus.COMPLETED, **fields: Any) -> list[str]:
    id = case.run.children.get(name, "nobody")
    return case.send(ChildEnded(at=case.tick(), begin=case.offer, activation=name, child=id, status=status, **fields))


def test_a_child_is_spawned_with_its_mapped_input() -> None:
    case = Case("c -> b", nodes=[MAPPED])
    spawned = case.last(ChildSpawned)
    assert (spawned.workflow_id, spawned.workflow_version, spawned.input) == ("inner", "1.0.0", {"x": 1})
    assert spawned.child == child_id(ExecutionId.parse(EXECUTION), "c", 0).to_json()
    assert case.status == "running"
    assert not is_at_work(case.run, case.now)
    assert listens(case.run) == {"c": (CHILD_ENDED, spawned.child)}


def test_its_end_completes_the_subgraph_with_what_is_kept() -> None:
    case = Case("c -> b", nodes=[MAPPED])
    assert ended(case, state={"x": 4}) == ["completed c", "begun b"]
    assert case.run.data["y"] == 8
    assert case.run.children == {}
    assert ended(case, state={"x": 4}) == []
    assert isinstance(case.answer, Refused)


def test_the_whole_of_its_state_may_be_kept() -> None:
    whole = Node("c", "subgraph", child=Child("inner", "1.0.0"), output_key="got")
    case = Case("c -> b", nodes=[whole], keys={"got": AnyValue()})
    ended(case, state={"x": 4})
    assert case.run.data["got"] == {"x": 4}


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (WorkflowStatus.FAILED, "child_failed"),
        (WorkflowStatus.CANCELLED, "child_cancelled"),
        (WorkflowStatus.LIMIT_EXCEEDED, "child_limit_exceeded"),
    ],
)
def test_another_end_is_a_failure_of_its_class(status: WorkflowStatus, error_class: str) -> None:
    case = Case("c -> b", f"c -> d on_error when error.error_class == '{error_class}'", nodes=[MAPPED])
    error = ErrorData("io_error", "OSError", "no disk")
    assert ended(case, status=status, state={"x": 1}, error=error) == ["failed c", "begun d", "skipped b"]
    failed = case.last(NodeFailed)
    assert failed.error.message.endswith(f"ended as {status}: io_error: no disk")
    assert failed.output == {"x": 1}


@pytest.mark.parametrize(
    ("state", "error_class"), [({}, "condition_error"), ({"x": 1.5}, "bad_result"), ({"x": None}, "bad_result")]
)
def test_a_state_that_can_t_be_mapped_fails_the_subgraph(state: dict[str, Json], error_class: str) -> None:
    case = Case("c -> b", "c -> d on_error", nodes=[child("c", {}, {"y": "output.x"})])
    assert ended(case, state=state)[:2] == ["failed c", "begun d"]
    assert case.last(NodeFailed).error.error_class == error_class


def test_an_input_that_can_t_be_made_fails_it_before_anything_is_spawned() -> None:
    case = Case("c -> b", "c -> d on_error", nodes=[child("c", {"x": "1 / state.x"})])
    assert "failed c" in case.started
    assert case.last(NodeFailed).error.error_class == "condition_error"


def test_a_cancel_takes_the_child_along() -> None:
    case = Case("c -> b", nodes=[MAPPED])
    id = case.run.children["c"]
    assert case.cancel(by="operator")[:2] == ["closing cancelled", "cancelled c"]
    cancelled = case.last(NodeCancelled)
    assert cancelled.child == id
    (letter,) = letters(case.run, [cancelled])
    assert (letter.name, letter.correlation, letter.payload) == (PARENT_SAYS, id, {"says": "cancel", "by": "operator"})


# -- the child's side -------------------------------------------------------------------------------------------


def born(node: Node = MAPPED, input: dict[str, Json] | None = None) -> tuple[Case, Run]:
    case = Case("c -> b", nodes=[node])
    spawned = case.last(ChildSpawned)
    run = Run()
    evolve(run, birth(case.run, spawned, "hash"))
    if input is not None:
        run.input = input
    return case, run


INNER = program("a -> end")


def test_a_child_begins_at_its_first_wake_with_its_state_completed() -> None:
    case, run = born(input={"x": 1, "y": 2, "z": 3, "items": []})
    assert (run.status, run.parent and run.parent.depth) == (WorkflowStatus.PENDING, 2)
    assert is_at_work(run, 0)
    assert listens(run) == {"": (PARENT_SAYS, case.run.children["c"])}
    decide(INNER, run, Wake(at=5))
    assert (run.status, run.data["y"], list(run.ready)) == (WorkflowStatus.RUNNING, 2, ["a"])


def test_an_input_that_doesn_t_fit_is_the_child_s_failure() -> None:
    _, run = born(input={"x": "one"})
    events = decide(INNER, run, Wake(at=5)).events
    assert run.status is WorkflowStatus.FAILED
    assert run.error is not None
    assert run.error.error_class == "bad_input"
    (letter,) = letters(run, events)
    assert (letter.name, letter.payload["status"], letter.payload["error"]["error_class"]) == (
        CHILD_ENDED,
        "failed",
        "bad_input",
    )
    assert listens(run) == {}


def test_a_child_that_is_to_be_gated_runs_only_if_it_is() -> None:
    _, run = born(GATED)
    assert run.session_type is SessionType.APPROVAL_GATED
    decide(INNER, run, Wake(at=5))
    assert run.error is not None
    assert run.error.error_class == "not_approved"
    assert run.error.message == "its parent counts on it, and `world` 1.0.0 is not `approval_gated`"
    _, run = born(GATED, {"x": 1, "y": 2, "z": 3, "items": []})
    decide(bind(define("a -> end", session_type=SessionType.APPROVAL_GATED)), run, Wake(at=5))
    assert list(run.ready) == ["a"]


def test_an_ephemeral_child_never_runs() -> None:
    _, run = born()
    decide(bind(define("a -> end", session_type=SessionType.EPHEMERAL)), run, Wake(at=5))
    assert run.error is not None
    assert (run.error.error_class, run.error.message) == (
        "preview_only",
        "`world` is ephemeral: it can only be previewed",
    )


def test_executions_inside_one_another_have_a_bound() -> None:
    case = Case("c -> b", "c -> d on_error", nodes=[MAPPED], limits=Limits(depth_max=1))
    assert case.started[0] == "failed c"
    assert case.last(NodeFailed).error.message == "`c` would be execution 2 inside one another; depth_max is 1"


# -- items ------------------------------------------------------------------------------------------------------


def mapped(**traits: Any) -> Case:
    item = child("i", {"x": "item", "y": "index"}, {"x": "output.x"})
    node = each("m", "i", "[5, 6]", key="got")
    node = Node("m", "parallel", each=type(node.each)("[5, 6]", "i", **traits), output_key="got")  # type: ignore[misc]
    return Case("m -> b", nodes=[node, item], keys={"got": AnyValue()})


def test_an_item_may_be_a_child() -> None:
    case = mapped()
    spawned = [event.input for event in case.events if isinstance(event, ChildSpawned)]
    assert spawned == [{"x": 5, "y": 0}, {"x": 6, "y": 1}]
    assert ended(case, "m#1", state={"x": 60}) == ["completed m#1"]
    assert ended(case, "m#0", state={"x": 50})[:2] == ["completed m#0", "completed m"]
    assert case.run.data["got"] == [{"x": 50}, {"x": 60}]


def test_an_item_s_failure_is_collected() -> None:
    case = mapped(on_item_failure=OnItemFailure.COLLECT)
    ended(case, "m#0", status=WorkflowStatus.FAILED)
    ended(case, "m#1", state={"x": 60})
    assert case.run.data["got"][0]["error"]["error_class"] == "child_failed"
    assert case.run.data["got"][1] == {"x": 60}


def test_an_item_whose_input_can_t_be_made_fails_the_map() -> None:
    case = Case("m -> b", "m -> d on_error", nodes=[each("m", "i", "[1, 0]"), child("i", {"x": "1 / item"})])
    assert "cancelled m#0" in case.started
    assert case.last(NodeFailed).error.message.startswith("item 1: ")


def test_a_step_beside_a_child_goes_on() -> None:
    case = Case("s -> c", "s -> b", nodes=[MAPPED, step("b")])
    assert case.done("s") == ["completed s", "spawned c", "begun b"]
    assert case.done("b") == ["completed b"]
    assert case.status == "running"

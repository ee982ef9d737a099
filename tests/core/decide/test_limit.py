"""Limits on iterations and on time: the loop's own way on, the workflow's own node, or the end."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.command import Hold
from pectin.core.definition import Node, WorkflowLimits
from pectin.core.event import ClosingBegan, ExecutionEnded, LimitReached
from pectin.core.schema import Any as AnyValue
from pectin.core.timeout import TimeoutConfig
from pectin.core.work import next_wake
from tests.core.case import Case
from tests.core.world import MINUTE, approval, join, program, timer

LOOP = ("a -> a repeat 2 when state.x == 0", "a -> b")


def test_a_loop_without_a_way_for_its_limit_ends_the_execution() -> None:
    case = Case(*LOOP)
    case.done("a[1]")
    assert case.done("a[2]")[:2] == ["completed a[2]", "closing limit_exceeded"]
    assert case.last(ClosingBegan).error.message == "loop `a` wants iteration 3; max_iterations is 2"


def test_a_loop_s_own_way_is_taken_and_its_exits_are_not() -> None:
    case = Case("a -> a repeat 2 when state.x == 0", "a -> b", "a -> c on_limit", "b -> d", "c -> d")
    case.done("a[1]")
    assert case.done("a[2]") == ["completed a[2]", "left a", "begun c", "skipped b"]
    assert case.done("c") == ["completed c", "begun d"]


def test_the_way_for_the_limit_is_dead_when_the_loop_ends_by_itself() -> None:
    case = Case("a -> a repeat 2 when state.x == 0", "a -> b", "a -> c on_limit", "b -> d", "c -> d")
    assert case.done("a[1]", x=1) == ["completed a[1]", "left a", "begun b", "skipped c"]
    assert case.done("b") == ["completed b", "begun d"]


def test_a_failure_that_leaves_the_loop_leaves_its_limit_alone() -> None:
    case = Case("a -> a repeat 2 when state.x == 0", "a -> b on_error", "a -> c on_limit")
    assert case.fail("a[1]") == ["failed a[1]", "left a", "begun b", "skipped c"]


def test_a_way_for_the_limit_may_leave_several_loops() -> None:
    case = Case(
        "a -> b",
        "b -> b repeat 2 when state.x == 0",
        "b -> c",
        "b -> d on_limit",
        "c -> a repeat 3 when state.y == 0",
    )
    case.done("a[1]")
    case.done("b[1][1]")
    assert case.done("b[1][2]") == ["completed b[1][2]", "left b[1]", "skipped c[1]", "left a", "begun d"]


def test_a_join_collects_a_way_for_the_limit() -> None:
    case = Case(
        "s -> a",
        "s -> b",
        "a -> a repeat 1 when state.x == 0",
        "a -> j on_limit",
        "b -> j",
        "j -> end",
        nodes=[Node("s", "parallel"), join("j", "b", "a", key="got")],
        keys={"got": AnyValue()},
    )
    case.done("b", y=1)
    case.done("a[1]")
    assert case.run.data["got"] == [{"source": "b", "output": {"y": 1}}, {"source": "a", "output": None}]


def test_the_workflow_s_max_iterations_is_for_loops_that_say_none() -> None:
    edges = program(*LOOP).definition.edges
    assert edges[0].max_iterations == 2
    case = Case(bound=program("a -> a repeat 5 when state.x == 0", "a -> b", limits=WorkflowLimits(max_iterations=2)))
    for iteration in range(1, 5):
        case.done(f"a[{iteration}]")
    assert case.done("a[5]")[1] == "closing limit_exceeded"


# -- the workflow's own node ------------------------------------------------------------------------------------


def limited(*lines: str, nodes: tuple[Node, ...] = (), **limits: Any) -> Case:
    extra = {node.id for node in nodes}
    named = [Node("spare", "python_fn", {"function": "spare"})] if "spare" not in extra else []
    return Case(bound=program(*lines, nodes=[*nodes, *named], limits=WorkflowLimits(on_limit="spare", **limits)))


def test_the_node_of_the_limit_is_entered_with_everything_else_cancelled() -> None:
    case = limited("s -> a", "s -> w", "a -> a repeat 1 when state.x == 0", nodes=(Node("s", "parallel"), timer("w")))
    assert case.done("a[1]", y=4) == ["completed a[1]", "cancelled w", "limit max_iterations", "begun spare"]
    assert case.view("spare")["y"] == 4
    assert case.last(LimitReached).node == "spare"
    assert case.done("spare") == ["completed spare", "closing completed", "ended completed"]


def test_the_second_limit_is_the_end() -> None:
    case = limited("a -> b", "spare -> d", "d -> d repeat 1 when true", wall_time_ms=MINUTE)
    assert case.wake(MINUTE) == ["cancelled a", "limit wall_time", "begun spare"]
    case.done("spare")
    assert case.done("d[1]")[1] == "closing limit_exceeded"
    assert case.last(ClosingBegan).cause == "max_iterations"


# -- time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["limits", "timeouts"])
def test_the_time_of_an_execution_is_used_up_waiting_included(where: str) -> None:
    setting: dict[str, Any] = (
        {"limits": WorkflowLimits(wall_time_ms=MINUTE)}
        if where == "limits"
        else {"timeouts": TimeoutConfig(workflow_timeout_ms=MINUTE)}
    )
    case = Case(
        bound=program(
            "a -> end otherwise", "a -> b when output.decision == 'approved'", nodes=[approval("a")], **setting
        )
    )
    assert case.status == "paused"
    assert next_wake(case.run) == MINUTE
    assert case.wake(MINUTE - 1) == []
    assert case.wake(MINUTE + 5_000) == ["closing limit_exceeded", "cancelled a", "ended limit_exceeded"]
    assert case.last(ExecutionEnded).error.message == "the execution has taken 1 min 5 s; wall_time is 1 min"


def test_what_was_due_before_passes_first() -> None:
    nodes = [timer("t", MINUTE - 1)]
    case = Case(bound=program("t -> b", nodes=nodes, limits=WorkflowLimits(wall_time_ms=MINUTE)))
    assert case.wake(2 * MINUTE)[:2] == ["completed t", "begun b"]
    case = Case(bound=program("t -> b", nodes=[timer("t", MINUTE + 1)], limits=WorkflowLimits(wall_time_ms=MINUTE)))
    assert case.wake(2 * MINUTE)[0] == "closing limit_exceeded"


def test_a_failure_that_a_hold_kept_back_comes_before_the_limit_on_time() -> None:
    case = limited("a -> b", "a -> c", "spare -> d", "d -> d repeat 1 when true", wall_time_ms=MINUTE)
    case.done("a")
    case.send(Hold(at=case.tick(), by="operator"))
    case.fail("b")
    assert case.wake(MINUTE)[:2] == ["released", "closing failed"]


def test_the_limit_on_time_releases_a_hold() -> None:
    case = Case(bound=program("a -> b", limits=WorkflowLimits(wall_time_ms=MINUTE)))
    case.send(Hold(at=case.tick(), by="operator"))
    assert next_wake(case.run) == MINUTE
    assert case.wake(MINUTE)[:3] == ["released", "closing limit_exceeded", "cancelled a"]


def test_an_ending_execution_has_no_limit_on_time() -> None:
    case = Case(bound=program("a -> b", limits=WorkflowLimits(wall_time_ms=MINUTE)))
    case.cancel()
    assert case.run.wall is None


def test_a_node_of_kind_limit_exceeded_ends_the_execution() -> None:
    case = Case("a -> l", nodes=[Node("l", "limit_exceeded", {"message": "{{ state.x }} tries"})])
    assert case.done("a", x=7) == ["completed a", "completed l", "closing limit_exceeded", "ended limit_exceeded"]
    assert case.last(ExecutionEnded).error.message == "7 tries"

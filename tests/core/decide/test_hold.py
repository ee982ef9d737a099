"""While an execution is held, facts are recorded and nothing follows from them."""

from __future__ import annotations

from pectin.core.command import Already, Done, Hold, Interrupt, Refused, Release, Wake
from pectin.core.definition import OnFailure
from pectin.core.event import ExecutionResumed, HoldReleased
from pectin.core.schema import Any as AnyValue
from pectin.core.work import is_at_work, next_wake
from tests.core.case import Case
from tests.core.world import MINUTE, approval, each, fan, join, program, step, timer


def hold(case: Case, by: str = "operator", *, inherited: bool = False) -> list[str]:
    return case.send(Hold(at=case.tick(), begin=case.offer, by=by, inherited=inherited))


def release(case: Case, by: str = "operator", *, inherited: bool = False) -> list[str]:
    return case.send(Release(at=case.tick(), begin=case.offer, by=by, inherited=inherited))


def test_a_result_is_recorded_and_starts_nothing_until_the_release() -> None:
    case = Case("a -> b", "b -> end")
    assert hold(case) == ["held"]
    assert case.status == "paused"
    assert case.done("a", x=1) == ["completed a"]
    assert case.run.data["x"] == 1
    assert not is_at_work(case.run, case.now)
    assert release(case) == ["released", "begun b"]
    assert case.last(ExecutionResumed).cause == "release"
    case.done("b")
    assert case.last(HoldReleased).by == "operator"


def test_a_loop_that_is_to_go_round_is_a_branch_beside_who_reports_meanwhile() -> None:
    case = Case("s -> h", "s -> a", "h -> h repeat 3 when state.x == 1", nodes=[fan("s")])
    hold(case)
    case.done("h[1]", x=1)
    case.done("a", y=5)
    assert release(case) == ["released", "repeated h 2", "begun h[2]"]
    assert case.view("h[2]") == {"x": 1, "y": 0, "z": 0}


def test_a_loop_that_is_to_go_round_does_not_see_the_map_beside_it() -> None:
    case = Case("s -> h", "s -> m", "h -> h repeat 3 when state.x == 1",
                nodes=[fan("s"), each("m", "i", "[1]", key="got"), step("i")], keys={"got": AnyValue()})  # fmt: skip
    hold(case)
    case.done("h[1]", x=1)
    case.done("m#0", output=7)
    assert release(case) == ["released", "repeated h 2", "completed m", "begun h[2]"]
    assert case.view("h[2]")["got"] == []


def test_an_execution_does_not_end_while_it_is_held() -> None:
    case = Case("a -> end")
    hold(case)
    assert case.done("a") == ["completed a"]
    assert (case.status, case.run.activations) == ("paused", {})
    assert next_wake(case.run) is None
    assert release(case) == ["released", "closing completed", "ended completed"]


def test_an_unhandled_failure_waits_for_the_release_too() -> None:
    case = Case("a -> b", "a -> c", "c -> end")
    case.done("a")
    hold(case)
    assert case.fail("b") == ["failed b"]
    assert release(case)[:2] == ["released", "closing failed"]


def test_a_failure_that_waits_for_the_rest_is_no_reason_to_close_at_the_release() -> None:
    case = Case(bound=program("a -> b", "a -> c", "c -> d", on_failure=OnFailure.WAIT))
    case.done("a")
    hold(case)
    case.fail("b")
    case.done("c")
    assert release(case) == ["released", "begun d"]
    assert case.done("d") == ["completed d", "closing failed", "ended failed"]


def test_a_loop_neither_turns_nor_ends() -> None:
    case = Case("a -> a repeat 3 when state.x < 2", "a -> b")
    hold(case)
    assert case.done("a[1]", x=1) == ["completed a[1]"]
    assert release(case) == ["released", "repeated a 2", "begun a[2]"]
    hold(case)
    case.done("a[2]", x=2)
    assert release(case) == ["released", "left a", "begun b"]


def test_nested_loops_settle_from_the_innermost_at_the_release() -> None:
    case = Case("a -> b", "b -> b repeat 3 when state.x < 1", "b -> c", "c -> a repeat 3 when state.y < 1", "c -> d")
    case.done("a[1]")
    case.done("b[1][1]", x=1)
    hold(case)
    assert case.done("c[1]", y=1) == ["completed c[1]"]
    assert release(case) == ["released", "left a", "begun d"]


def test_no_item_is_scheduled_and_a_full_map_completes_at_the_release() -> None:
    case = Case("m -> end", nodes=[each("m", "i", at_once=1), step("i")])
    hold(case)
    assert case.done("m#0", output=1) == ["completed m#0"]
    assert release(case) == ["released", "begun m#1"]
    case.done("m#1", output=2)
    hold(case)
    case.done("m#2", output=3)
    assert release(case) == ["released", "completed m", "closing completed", "ended completed"]


def test_decisions_and_deadlines_are_facts() -> None:
    case = Case("a -> b when output.decision == 'approved'", "a -> end otherwise", nodes=[approval("a")])
    hold(case)
    assert case.decide("a") == ["completed a"]
    assert release(case) == ["released", "begun b"]
    case = Case("t -> b", nodes=[timer("t")])
    hold(case)
    assert next_wake(case.run) == MINUTE
    assert case.wake(MINUTE) == ["completed t"]
    assert release(case) == ["released", "begun b"]


def test_a_join_collects_while_held() -> None:
    case = Case("s -> a", "s -> b", "a -> j", "b -> j", "j -> t", nodes=[join("j", "a", "b", at_least=1)])
    case.done("s")
    hold(case)
    case.done("a")
    case.done("b")
    assert release(case) == ["released", "completed j", "begun t"]


def test_what_is_ready_is_not_begun() -> None:
    case = Case("a -> b", slots=0)
    hold(case)
    case.slots = 5
    assert case.wake() == []
    assert release(case) == ["released", "begun a"]


def test_a_cancel_works_at_once() -> None:
    case = Case("a -> b", slots=0)
    hold(case)
    assert case.cancel() == ["closing cancelled", "cancelled a", "ended cancelled"]
    assert case.run.hold is None


def test_a_hold_is_there_once_and_so_is_its_release() -> None:
    case = Case("a -> b")
    hold(case, by="operator")
    assert hold(case, by="finance") == []
    assert case.answer == Already("the execution was paused", "operator")
    release(case)
    assert case.answer == Done()
    assert release(case) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "not_held"


def test_an_ended_execution_is_neither_held_nor_released() -> None:
    case = Case("a -> end")
    case.done("a")
    for held in (hold(case), release(case)):
        assert held == []
        assert isinstance(case.answer, Refused)
        assert case.answer.code == "ended"


def test_a_child_that_its_operator_holds_does_not_go_on_with_its_parent() -> None:
    case = Case("a -> b")
    hold(case)
    assert release(case, inherited=True) == []
    assert release(case) == ["released"]
    hold(case, inherited=True)
    assert release(case, inherited=True) == ["released"]


def test_quarantine_after_three_interruptions_in_a_row_and_out_again() -> None:
    case = Case("a -> b")
    for _ in range(2):
        case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash")) == ["quarantined a"]
    assert case.status == "running"
    assert not is_at_work(case.run, case.now)
    assert case.send(Wake(at=case.tick(), begin=case.offer)) == []
    assert release(case) == ["let out a", "begun a"]
    assert case.run.activations["a"].interruptions == 0
    assert case.done("a") == ["completed a", "begun b"]

"""Approvals, deadlines and timers: who comes first decides, and the loser is told."""

import pytest

from pectin.core.command import Already, Done, Refused
from pectin.core.definition import Reducer
from pectin.core.event import ExecutionPaused, ExecutionResumed, NodeCompleted, NodeWaiting
from pectin.core.work import is_at_work, next_wake
from tests.core.case import Case
from tests.core.world import MINUTE, approval, program, step, timer

WAYS = (
    "r -> pay when output.decision == 'approved'",
    "r -> tell when output.decision == 'rejected'",
    "r -> end when output.decision == 'timeout'",
)


def asked(deadline_ms: int | None = MINUTE) -> Case:
    return Case(*WAYS, nodes=[approval("r", deadline_ms)])


def refusal(case: Case) -> Refused:
    assert isinstance(case.answer, Refused)
    return case.answer


def test_an_approval_waits_and_pauses_the_execution() -> None:
    case = asked()
    assert case.started == ["waiting r"]
    assert case.status == "paused"
    assert next_wake(case.run) == MINUTE
    assert not is_at_work(case.run, 5)


def test_a_decision_takes_its_edge_and_resumes() -> None:
    case = asked()
    assert case.decide("r", comment="fine") == ["completed r", "begun pay", "skipped tell"]
    assert case.status == "running"
    assert case.last(ExecutionResumed).cause == "decision"


def test_the_output_of_an_approval() -> None:
    case = asked()
    case.decide("r", "rejected", comment="too dear")
    completed = next(event for event in case.events if isinstance(event, NodeCompleted))
    assert completed.output == {"decision": "rejected", "by": "finance", "comment": "too dear"}
    assert (completed.by, completed.comment) == ("finance", "too dear")


def test_the_same_decision_again_is_already_done() -> None:
    case = asked()
    case.decide("r")
    assert case.decide("r", by="sales") == []
    assert case.answer == Already("`r` was approved", "finance")


def test_another_decision_is_refused_and_told_who_won() -> None:
    case = asked()
    case.decide("r")
    assert case.decide("r", "rejected", by="sales") == []
    assert refusal(case).code == "decided"
    assert refusal(case).winner == "finance"


def test_the_same_decision_with_another_edit_is_refused() -> None:
    node = approval("r", MINUTE, editable=["x", "y"])
    case = Case(bound=program(*WAYS, nodes=[node], reducers={"y": Reducer.ADD}))
    case.decide("r", edits={"x": 80, "y": 1})
    for edits in ({"x": 80}, {}, {"y": 2}, {"y": 1, "x": 80}):
        assert case.decide("r", by="sales", edits=edits) == []
        assert case.answer == Already("`r` was approved", "finance")
    for other in (1000, True, None):
        assert case.decide("r", by="sales", edits={"x": other}) == []
        assert refusal(case).reason == "`r` was approved by finance before, without this change of `x`"
    assert case.decide("r", "rejected", edits={"x": 80}) == []
    assert refusal(case).reason == "`r` was approved by finance before"


def test_at_its_deadline_the_decision_is_timeout() -> None:
    case = asked()
    assert case.wake(MINUTE - 1) == []
    assert case.wake(MINUTE)[:1] == ["completed r"]
    assert case.status == "completed"
    assert case.decide("r") == []
    assert refusal(case).reason == "`r` was decided `timeout` before"


def test_a_decision_after_a_cancel_is_told_that_the_cancel_won() -> None:
    for name in ("r", None):
        case = asked()
        case.cancel("ops")
        assert case.decide(name) == []
        assert refusal(case) == Refused("ended", "the end of the execution is decided: cancelled by ops", "ops")


def test_nobody_decides_nothing() -> None:
    case = asked()
    assert case.decide("r", by=" ") == []
    assert refusal(case).code == "no_actor"


@pytest.mark.parametrize("decision", ["maybe", "timeout"])
def test_an_unknown_decision_is_refused(decision: str) -> None:
    case = asked()
    assert case.decide("r", decision) == []
    assert refusal(case).reason == f"`r` has no decision `{decision}`; it has `approved`, `rejected`"


def test_a_decision_is_bound_to_what_was_shown() -> None:
    case = asked()
    shown = case.last(NodeWaiting).digest
    assert case.decide("r", digest="0" * 64) == []
    assert refusal(case).code == "other_request"
    assert case.decide("r", digest=shown)[0] == "completed r"


def test_a_node_that_is_unknown_or_does_not_wait() -> None:
    case = asked()
    assert (case.decide("nobody"), refusal(case).code) == ([], "unknown_node")
    assert (case.decide("pay"), refusal(case).code) == ([], "not_waiting")
    case.decide(None)
    assert case.answer == Done()
    assert (case.decide("pay"), refusal(case).code) == ([], "not_waiting")


def test_with_nothing_open_the_last_decision_is_meant() -> None:
    case = asked()
    case.decide(None)
    assert case.decide(None) == []
    assert case.answer == Already("`r` was approved", "finance")
    case = Case("a -> b")
    assert (case.decide(None), refusal(case).code) == ([], "not_waiting")


def test_without_a_name_the_only_open_approval_is_meant() -> None:
    case = Case("a -> r", "a -> q", "r -> end", "q -> end", nodes=[approval("r"), approval("q")])
    case.done("a")
    assert case.decide(None) == []
    assert refusal(case).code == "ambiguous"
    assert refusal(case).reason == "several wait for a decision: `q`, `r`; say which"
    case.decide("q")
    case.decide(None, "rejected")
    assert case.status == "completed"
    assert case.run.decided["r"].decision == "rejected"


def test_in_a_loop_a_node_means_the_iteration_that_waits() -> None:
    case = Case("r -> a", "a -> r repeat 3 when true", nodes=[approval("r")])
    assert case.decide("r")[0] == "completed r[1]"
    assert case.decide("r[1]") == []
    assert isinstance(case.answer, Already)
    case.done("a[1]")
    assert case.decide("r", "rejected")[0] == "completed r[2]"
    assert case.decide("r", "rejected") == []
    assert case.answer == Already("`r[2]` was rejected", "finance")


# -- the clock --------------------------------------------------------------------------------------------------


def test_a_timer_ends_at_its_time_and_never_before() -> None:
    case = Case("t -> b", nodes=[timer("t")])
    assert case.status == "paused"
    assert case.wake(MINUTE - 1) == []
    assert case.wake(MINUTE) == ["completed t", "begun b"]
    assert case.last(ExecutionResumed).cause == "timer"
    assert case.wake(MINUTE) == []


def test_what_is_overdue_passes_in_due_order() -> None:
    case = Case("a -> t", "a -> u", "a -> v", "t -> end", nodes=[timer("t", 300), timer("u", 100), timer("v", 200)])
    case.done("a")
    assert case.wake(10_000)[:3] == ["completed u", "completed v", "completed t"]


def test_a_timer_that_begins_while_overdue_ones_pass_takes_its_whole_time() -> None:
    case = Case("t -> u", nodes=[timer("t", 100), timer("u", 100)])
    assert case.wake(10_000) == ["completed t", "waiting u"]
    assert next_wake(case.run) == 10_100


def test_what_waits_pauses_only_when_nothing_else_goes_on() -> None:
    case = Case("a -> t", "a -> b", nodes=[timer("t"), step("b")])
    case.done("a")
    assert case.status == "running"
    case.done("b")
    assert case.status == "paused"
    assert isinstance(case.events[-1], ExecutionPaused)
    case.wake(case.now + MINUTE)
    assert case.status == "completed"

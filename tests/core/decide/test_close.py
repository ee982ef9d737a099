"""Every end is one procedure (semantics: failure and every other end)."""

from pectin.core.command import Already, Done, Refused, Stopped
from pectin.core.definition import RunOn
from pectin.core.event import (
    CancelRequested,
    ClosingBegan,
    ExecutionEnded,
    ExecutionResumed,
    NodeCancelled,
    NodeCompleted,
)
from pectin.core.limits import Limits
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.work import next_wake
from tests.core.case import Case
from tests.core.world import approval, finalizer

ALL = (finalizer("s", RunOn.SUCCESS), finalizer("f", RunOn.FAILURE), finalizer("w", RunOn.ALWAYS))


def test_completed_is_when_all_is_settled_whether_or_not_an_edge_leads_to_the_end() -> None:
    assert Case("a -> b").run.closing is None
    case = Case("a -> b when false")
    assert case.done("a") == ["completed a", "skipped b", "closing completed", "ended completed"]
    assert Case("a -> end").done("a") == ["completed a", "closing completed", "ended completed"]


def test_closing_cancels_everything_and_waits_for_attempts_to_stop() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    assert case.fail("b") == ["failed b", "closing failed", "cancelled c"]
    assert case.status == "running"
    assert case.run.closing is not None
    assert case.send(Stopped(at=case.tick(), activation="c", attempt=1)) == ["ended failed"]


def test_what_waits_ends_at_once() -> None:
    case = Case("a -> b", "a -> r", "r -> end", nodes=[approval("r")])
    case.done("a")
    assert case.fail("b") == ["failed b", "closing failed", "cancelled r", "ended failed"]
    assert case.last(NodeCancelled).attempt == 0


def test_what_is_ready_and_not_begun_has_nothing_to_stop() -> None:
    case = Case("a -> b", slots=0)
    assert case.cancel() == ["closing cancelled", "cancelled a", "ended cancelled"]


def test_a_grace_ends_the_waiting_for_attempts() -> None:
    case = Case("a -> b", "a -> c", limits=Limits(stop_grace_ms=50))
    case.done("a")
    case.fail("b")
    closed = case.now
    assert case.last(ClosingBegan).grace_until == closed + 50
    assert next_wake(case.run) == closed + 50
    assert case.wake(closed + 49) == []
    assert case.wake(closed + 50) == ["ended failed"]
    assert next_wake(case.run) is None


def test_a_late_result_is_recorded_after_the_end_and_changes_nothing() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.fail("b")
    case.wake(case.now + 10_000)
    ended, data = case.run.completed_at, dict(case.run.data)
    assert case.done("c", attempt=1, x=7) == []
    assert case.run.stopping == {}
    assert (case.run.completed_at, case.run.data, case.status) == (ended, data, "failed")


def test_the_first_closing_wins() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.fail("b")
    case.fail("c", attempt=1, message="later")
    assert sum(isinstance(event, ClosingBegan) for event in case.events) == 1
    assert case.run.error is not None
    assert case.run.error.message == "no"


# -- cancel -----------------------------------------------------------------------------------------------------


def test_a_cancel_names_who_and_a_second_one_has_been_done_already() -> None:
    case = Case("a -> b")
    assert case.cancel("ops") == ["closing cancelled", "cancelled a"]
    assert case.answer == Done()
    assert case.cancel("somebody") == []
    assert case.answer == Already("the execution was cancelled", "ops")
    case.wake(case.now + 10_000)
    assert case.status == "cancelled"
    assert case.cancel() == []
    assert isinstance(case.answer, Already)


def test_a_finished_execution_is_not_cancelled() -> None:
    case = Case("a -> end")
    case.done("a")
    assert case.cancel() == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "ended"


def test_a_paused_execution_resumes_with_a_cause_before_it_closes() -> None:
    case = Case("a -> end", nodes=[approval("a")])
    assert case.status == "paused"
    case.cancel()
    resumed, closing = case.events[-4:-2]
    assert isinstance(resumed, ExecutionResumed)
    assert resumed.cause == "cancelled"
    assert isinstance(closing, ClosingBegan)
    assert case.status == "cancelled"


# -- finalizers -------------------------------------------------------------------------------------------------


def test_finalizers_run_one_after_another_on_their_ends() -> None:
    case = Case("a -> end", nodes=ALL)
    assert case.done("a") == ["completed a", "closing completed", "begun s"]
    assert case.done("s") == ["completed s", "begun w"]
    assert case.done("w") == ["completed w", "ended completed"]


def test_after_a_failure_those_of_failure_run() -> None:
    case = Case("a -> end", nodes=ALL)
    assert case.fail("a") == ["failed a", "closing failed", "begun f"]
    assert case.done("f") == ["completed f", "begun w"]
    assert case.done("w") == ["completed w", "ended failed"]


def test_after_a_cancel_only_those_of_always_run() -> None:
    case = Case("a -> end", nodes=ALL)
    case.cancel()
    assert case.send(Stopped(at=case.tick(), begin=case.offer, activation="a", attempt=1)) == ["begun w"]
    assert case.done("w") == ["completed w", "ended cancelled"]


def test_a_cancel_while_closing_cuts_the_others() -> None:
    case = Case("a -> end", nodes=[finalizer("s", RunOn.SUCCESS), finalizer("t", RunOn.SUCCESS), finalizer("w")])
    case.done("a")
    assert case.cancel("ops") == ["cancelled s"]
    assert case.last(CancelRequested).by == "ops"
    assert isinstance(case.answer, Done)
    assert (case.answer.note or "").startswith("it was already ending, as ")
    assert case.cancel("ops") == []
    assert isinstance(case.answer, Already)
    assert case.send(Stopped(at=case.tick(), begin=case.offer, activation="s", attempt=1)) == ["begun w"]
    assert case.done("w") == ["completed w", "ended completed"]


def test_a_cancel_lets_a_running_finalizer_of_always_be() -> None:
    case = Case("a -> end", nodes=[finalizer("w")])
    case.done("a")
    assert case.cancel() == []
    assert case.done("w") == ["completed w", "ended completed"]


def test_a_finalizer_that_fails_after_success_makes_the_end_a_failure() -> None:
    case = Case("a -> end", nodes=[finalizer("s", RunOn.SUCCESS), finalizer("w")])
    case.done("a")
    assert case.fail("s", message="no disk") == ["failed s", "begun w"]
    case.done("w")
    assert case.last(ExecutionEnded).status == "failed"
    assert case.last(ExecutionEnded).error.message == "no disk"


def test_a_finalizer_that_fails_after_a_failure_leaves_the_end_as_it_is() -> None:
    case = Case("a -> end", nodes=[finalizer("w")])
    case.fail("a", message="first")
    case.fail("w", message="second")
    assert case.last(ExecutionEnded).error.message == "first"


def test_a_finalizer_is_retried_and_its_patch_counts() -> None:
    retry = RetryPolicy(max_attempts=2, backoff=Backoff.FIXED, initial_delay_ms=5, max_delay_ms=5, jitter=False)
    case = Case("a -> end", nodes=[finalizer("w", retry=retry)])
    case.done("a")
    assert case.fail("w") == []
    assert case.wake(case.now + 5) == ["begun w"]
    assert case.done("w", x=3) == ["completed w", "ended completed"]
    assert case.run.data["x"] == 3
    assert case.last(NodeCompleted).loop is None


def test_finalizers_wait_for_the_grace_once() -> None:
    case = Case("a -> end", nodes=[finalizer("w")], limits=Limits(stop_grace_ms=50))
    case.cancel()
    assert case.wake(case.now + 50) == ["begun w"]
    assert case.run.stopping == {"a": [1]}
    assert next_wake(case.run) is None
    assert case.done("w") == ["completed w", "ended cancelled"]


def test_an_execution_that_never_scheduled_a_node_runs_no_finalizers() -> None:
    case = Case("a -> end", nodes=[approval("a"), finalizer("w")])
    assert case.cancel() == ["closing cancelled", "cancelled a", "ended cancelled"]


def test_a_history_that_grows_too_long_fails() -> None:
    case = Case("a -> a repeat 99 when true", "a -> end", limits=Limits(history_events_max=9))
    iteration = 1
    while case.run.closing is None:
        case.done(f"a[{iteration}]")
        iteration += 1
    assert case.last(ClosingBegan).cause == "history_too_long"
    assert "history_events_max is 9" in case.last(ClosingBegan).error.message
    assert case.run.closing.to == "failed"

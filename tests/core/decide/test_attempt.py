"""Attempts: retries, interruptions, late results (semantics: retries and timeouts)."""

import pytest

from pectin.core.command import Complete, Done, Interrupt, Refused, Stopped
from pectin.core.event import AttemptBegun, AttemptFailed, AttemptInterrupted, AttemptStopped
from pectin.core.retry import NEVER_RETRIED, Backoff, RetryPolicy
from pectin.core.work import next_wake
from tests.core.case import Case
from tests.core.world import step


def policy(max_attempts: int = 3, backoff: Backoff = Backoff.FIXED, **fields: object) -> RetryPolicy:
    settings = {"initial_delay_ms": 1_000, "max_delay_ms": 30_000, "jitter": False, **fields}
    return RetryPolicy(max_attempts=max_attempts, backoff=backoff, **settings)  # pyright: ignore[reportArgumentType]


def retried(*lines: str, retry: RetryPolicy | None = None, slots: int = 100) -> Case:
    return Case(*(lines or ("a -> b",)), nodes=[step("a", retry or policy())], slots=slots)


def test_without_a_policy_there_is_one_outcome() -> None:
    assert Case("a -> b").fail("a") == ["failed a", "closing failed", "ended failed"]


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        (Backoff.FIXED, [1_000, 1_000, 1_000]),
        (Backoff.LINEAR, [1_000, 2_000, 3_000]),
        (Backoff.EXPONENTIAL, [1_000, 2_000, 4_000]),
    ],
)
def test_the_end_of_a_backoff_is_an_absolute_time(backoff: Backoff, delays: list[int]) -> None:
    case = retried(retry=policy(4, backoff))
    for delay in delays:
        assert case.fail("a") == []
        assert case.last(AttemptFailed).not_before == case.now + delay
        assert next_wake(case.run) == case.now + delay
        assert case.wake(case.now + delay - 1) == []
        assert case.wake(case.now + 1) == ["begun a"]
    assert case.fail("a")[0] == "failed a"


def test_the_draw_of_jitter_is_recorded() -> None:
    case = retried(retry=policy(jitter=True))
    case.fail("a", draw=0.5)
    assert case.last(AttemptFailed).not_before == case.now + 750


def test_an_error_that_the_policy_does_not_name_is_not_retried() -> None:
    case = retried(retry=policy(retryable_on=("timeout",)))
    assert case.fail("a", "io_error")[0] == "failed a"


@pytest.mark.parametrize("error_class", sorted(NEVER_RETRIED))
def test_an_error_that_the_engine_makes_is_not_retried(error_class: str) -> None:
    assert retried(retry=policy(retryable_on=(error_class,))).fail("a", error_class)[0] == "failed a"


def test_a_callee_may_ask_for_longer_but_not_for_longer_than_the_policy_allows() -> None:
    case = retried()
    case.fail("a", "rate_limit", retry_after_ms=5_000)
    assert case.last(AttemptFailed).not_before == case.now + 5_000
    case.wake(case.now + 5_000)
    case.fail("a", "rate_limit", retry_after_ms=10**9)
    assert case.last(AttemptFailed).not_before == case.now + 30_000


def test_a_retry_without_a_delay_begins_in_the_same_commit() -> None:
    case = retried(retry=policy(initial_delay_ms=0))
    assert case.fail("a") == ["begun a"]
    assert case.run.activations["a"].attempt == 2


# -- interruptions ----------------------------------------------------------------------------------------------


def test_an_interruption_uses_no_attempt_up_and_numbers_go_on() -> None:
    case = retried(retry=policy(2))
    for attempt in (2, 3):
        case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
        assert case.last(AttemptBegun).attempt == attempt
    assert case.run.activations["a"].interruptions == 2
    case.fail("a")
    assert case.run.activations["a"].interruptions == 0
    case.wake(case.now + 2_000)
    assert case.run.activations["a"].attempt == 4
    assert case.fail("a")[0] == "failed a"


def test_an_interruption_may_name_its_attempts() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.send(Interrupt(at=5, reason="drain", attempts={"c": 1, "b": 7, "nobody": 1}))
    interrupted = [event for event in case.events if isinstance(event, AttemptInterrupted)]
    assert [(event.activation, event.reason) for event in interrupted] == [("c", "drain")]
    assert list(case.run.ready) == ["c"]


def test_the_end_of_everything_ends_what_was_asked_to_stop() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.fail("b")
    assert case.run.stopping == {"c": [1]}
    assert case.send(Interrupt(at=case.tick(), reason="crash")) == ["ended failed"]


# -- late results -----------------------------------------------------------------------------------------------


def test_a_report_of_another_attempt_is_stale() -> None:
    case = retried()
    case.fail("a")
    case.wake(case.now + 1_000)
    for name, attempt in (("a", 1), ("a", 3), ("b", 1), ("nobody", 1)):
        assert case.done(name, attempt=attempt, x=9) == []
        assert isinstance(case.answer, Refused)
        assert case.answer.code == "stale"
    assert case.run.data["x"] == 0


def test_a_repeated_result_changes_nothing() -> None:
    case = Case("a -> b", "b -> c")
    case.done("a", x=1)
    version = case.run.version
    assert case.done("a", attempt=1, x=1) == []
    assert case.run.version == version


def test_the_late_result_of_a_timed_out_attempt_is_recorded_and_not_applied() -> None:
    case = retried()
    case.fail("a", "timeout", timed_out=True, abandoned=True)
    assert case.run.stopping == {"a": [1]}
    case.done("a", attempt=1, x=9)
    assert case.events[-1] == AttemptStopped(at=case.now, activation="a", attempt=1, late="completed")
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "late"
    assert case.run.data["x"] == 0
    assert case.run.stopping == {}


def test_a_late_failure_is_recorded_with_its_error() -> None:
    case = retried()
    case.fail("a", "timeout", timed_out=True, abandoned=True)
    case.fail("a", attempt=1, message="late")
    stopped = case.last(AttemptStopped)
    assert stopped.late == "failed"
    assert stopped.error.message == "late"


def test_an_attempt_that_is_timed_out_after_it_was_given_up_has_not_stopped() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.fail("b")
    assert case.fail("c", "timeout", timed_out=True, abandoned=True) == []
    assert case.run.stopping == {"c": [1]}
    assert case.status == "running"


def test_an_attempt_that_stopped_says_so_once() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.fail("b")
    stopped = Stopped(at=case.tick(), activation="c", attempt=1)
    assert case.send(stopped) == ["ended failed"]
    assert case.answer == Done()
    assert case.send(stopped) == []
    assert isinstance(case.answer, Refused)


def test_a_wait_has_no_attempt_to_report_of() -> None:
    case = Case("a -> b", slots=0)
    assert case.send(Complete(at=1, activation="a", attempt=0)) == []
    assert isinstance(case.answer, Refused)

"""What workers report of attempts. A report of an attempt that no longer counts changes nothing."""

from __future__ import annotations

from pectin.core.command import Answer, Complete, Done, Fail, Interrupt, Refused, Stopped
from pectin.core.decide.settle import Outcome, complete, fail
from pectin.core.decide.turn import Turn
from pectin.core.error import ErrorData
from pectin.core.event import AttemptFailed, AttemptInterrupted, AttemptStopped
from pectin.core.retry import RetryPolicy
from pectin.core.state import Activation
from pectin.core.status import NodeStatus


def decide_complete(turn: Turn, command: Complete) -> Answer:
    """An attempt has a result."""
    if _running(turn, command.activation, command.attempt) is None:
        return _late(turn, command.activation, command.attempt, "completed")
    outcome = Outcome(command.patch, command.unset, command.output, command.attempt)
    complete(turn, command.activation, outcome)
    return Done()


def decide_fail(turn: Turn, command: Fail) -> Answer:
    """An attempt has failed: it is tried again if the policy it was scheduled with says so."""
    activation = _running(turn, command.activation, command.attempt)
    if activation is None:
        if command.timed_out:  # it may still be running, so it has not stopped
            return _stale(command.activation, command.attempt)
        return _late(turn, command.activation, command.attempt, "failed", command.error)
    policy = activation.retry
    if policy is not None and _allows(policy, activation, command.error):
        turn.emit(
            AttemptFailed(
                at=turn.at,
                activation=command.activation,
                attempt=command.attempt,
                error=command.error,
                not_before=turn.at + _delay_ms(policy, activation, command),
                abandoned=command.timed_out,
            )
        )
    else:
        fail(
            turn,
            command.activation,
            command.error,
            attempt=command.attempt,
            output=command.output,
            abandoned=command.timed_out,
        )
    return Done()


def decide_interrupt(turn: Turn, command: Interrupt) -> Answer:
    """Attempts were cut off: they are ready again, and no outcome is used up.

    Without names it is the end of everything that ran, also of what was asked to stop.
    """
    run = turn.run
    attempts = command.attempts
    if attempts is None:
        attempts = {n: a.attempt for n, a in run.activations.items() if a.begun_by is not None}
        for name, stopping in list(run.stopping.items()):
            for attempt in list(stopping):
                turn.emit(AttemptStopped(at=turn.at, activation=name, attempt=attempt))
    for name, attempt in attempts.items():
        if _running(turn, name, attempt) is not None:
            turn.emit(AttemptInterrupted(at=turn.at, activation=name, attempt=attempt, reason=command.reason))
    return Done()


def decide_stopped(turn: Turn, command: Stopped) -> Answer:
    """An attempt that was asked to stop has stopped."""
    if command.attempt not in turn.run.stopping.get(command.activation, ()):
        return _stale(command.activation, command.attempt)
    turn.emit(AttemptStopped(at=turn.at, activation=command.activation, attempt=command.attempt))
    return Done()


def _running(turn: Turn, name: str, attempt: int) -> Activation | None:
    activation = turn.run.activations.get(name)
    if activation is None or activation.attempt != attempt or activation.status is not NodeStatus.RUNNING:
        return None
    return activation if activation.begun_by is not None else None


def _late(turn: Turn, name: str, attempt: int, late: str, error: ErrorData | None = None) -> Answer:
    """Record a result that came after its attempt was given up; it is not applied."""
    if attempt in turn.run.stopping.get(name, ()):
        turn.emit(AttemptStopped(at=turn.at, activation=name, attempt=attempt, late=late, error=error))
        return Refused("late", f"attempt {attempt} of `{name}` was given up before it {late}")
    return _stale(name, attempt)


def _stale(name: str, attempt: int) -> Refused:
    return Refused("stale", f"attempt {attempt} of `{name}` is not running")


def _allows(policy: RetryPolicy, activation: Activation, error: ErrorData) -> bool:
    return activation.outcomes + 1 < policy.max_attempts and policy.allows(error.error_class)


def _delay_ms(policy: RetryPolicy, activation: Activation, command: Fail) -> int:
    """The backoff, or longer if the callee asked for it, but never more than the policy's longest."""
    delay = policy.delay_ms(activation.outcomes + 1, command.draw)
    asked = min(command.retry_after_ms or 0, policy.max_delay_ms)
    return max(delay, asked)

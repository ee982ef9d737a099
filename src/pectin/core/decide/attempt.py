"""What workers report of attempts. A report of an attempt that no longer counts changes nothing."""

from __future__ import annotations

from pectin.core.command import Answer, Complete, Done, Fail, Interrupt, Refused, Stopped
from pectin.core.decide.budget import settle_said, settle_unknown
from pectin.core.decide.close import close
from pectin.core.decide.doubt import interrupt_reconcile, is_once, raise_doubt
from pectin.core.decide.map import settle_completed, settle_failed
from pectin.core.decide.settle import Outcome
from pectin.core.decide.turn import Turn
from pectin.core.error import ErrorData
from pectin.core.event import AttemptFailed, AttemptInterrupted, AttemptStopped, NodeQuarantined
from pectin.core.retry import RetryPolicy
from pectin.core.state import Activation
from pectin.core.status import NodeStatus, SessionType, WorkflowStatus


def decide_complete(turn: Turn, command: Complete) -> Answer:
    """An attempt has a result. One in doubt is resolved by it."""
    activation = _without_outcome(turn, command.activation, command.attempt)
    if activation is None:
        return _late(turn, command.activation, command.attempt, "completed")
    _note_late(turn, activation, "completed")
    if command.spent is not None or turn.run.reserved:
        settle_said(turn, activation, command.spent)
    outcome = Outcome(command.patch, command.unset, command.output, command.attempt)
    settle_completed(turn, activation, outcome)
    return Done()


def decide_fail(turn: Turn, command: Fail) -> Answer:
    """An attempt has failed: it is tried again if the policy it was scheduled with says so.

    The time of a `once` attempt that is up is no outcome, and neither is a call without an answer: nobody knows.
    """
    activation = _without_outcome(turn, command.activation, command.attempt)
    if activation is None:
        if command.abandoned:  # it may still be running, so it has not stopped
            return _stale(command.activation, command.attempt)
        return _late(turn, command.activation, command.attempt, "failed", command.error)
    if (command.timed_out or command.unanswered) and is_once(turn, activation):
        if activation.doubt is not None:
            return _stale(command.activation, command.attempt)
        reason = "its time was up" if command.timed_out else command.error.message
        raise_doubt(turn, activation, reason, abandoned=command.abandoned, spent=command.spent)
        return Done()
    _note_late(turn, activation, "failed")
    if command.abandoned:
        settle_unknown(turn, activation.name, command.spent)
    else:
        settle_said(turn, activation, command.spent)
    policy = activation.retry
    if policy is not None and _allows(turn, policy, activation, command.error):
        turn.emit(
            AttemptFailed(
                at=turn.at,
                activation=command.activation,
                attempt=command.attempt,
                error=command.error,
                not_before=turn.at + _delay_ms(policy, activation, command),
                abandoned=command.abandoned,
            )
        )
    else:
        settle_failed(
            turn,
            activation,
            command.error,
            attempt=command.attempt,
            output=command.output,
            abandoned=command.abandoned,
        )
    return Done()


def decide_interrupt(turn: Turn, command: Interrupt) -> Answer:
    """Attempts were cut off: they are ready again, and no outcome is used up. One of a `once` node is in doubt.

    Without names it is the end of everything that ran, also of what was asked to stop; and of a stateless execution.
    """
    run = turn.run
    attempts = command.attempts
    if attempts is None:
        attempts = {name: a.attempt for name, a in run.activations.items() if a.is_at_worker}
        for name, stopping in list(run.stopping.items()):
            for attempt in list(stopping):
                turn.emit(AttemptStopped(at=turn.at, activation=name, attempt=attempt))
    for name, attempt in attempts.items():
        activation = _without_outcome(turn, name, attempt)
        if activation is not None:
            _interrupt(turn, activation, command.reason)
    if command.attempts is None and run.session_type is SessionType.STATELESS:
        error = ErrorData("lost", "Lost", f"the execution was only in memory: {command.reason}")
        close(turn, WorkflowStatus.FAILED, "lost", error=error)
    return Done()


def _interrupt(turn: Turn, activation: Activation, reason: str) -> None:
    """Cut off an attempt, or the asking about one in doubt."""
    name = activation.name
    if activation.doubt is not None:
        if activation.doubt.begun_by is not None:
            interrupt_reconcile(turn, activation, reason)
    elif is_once(turn, activation):
        raise_doubt(turn, activation, reason)
    else:
        settle_unknown(turn, name)
        turn.emit(AttemptInterrupted(at=turn.at, activation=name, attempt=activation.attempt, reason=reason))
        if activation.interruptions >= turn.limits.interruptions_max:
            turn.emit(NodeQuarantined(at=turn.at, activation=name, interruptions=activation.interruptions))


def decide_stopped(turn: Turn, command: Stopped) -> Answer:
    """An attempt that was asked to stop has stopped."""
    if command.attempt not in turn.run.stopping.get(command.activation, ()):
        return _stale(command.activation, command.attempt)
    turn.emit(AttemptStopped(at=turn.at, activation=command.activation, attempt=command.attempt))
    return Done()


def _without_outcome(turn: Turn, name: str, attempt: int) -> Activation | None:
    """The activation whose attempt is running, or in doubt."""
    activation = turn.run.activations.get(name)
    if activation is None or activation.attempt != attempt or activation.status is not NodeStatus.RUNNING:
        return None
    return activation if activation.begun_by is not None or activation.doubt is not None else None


def _note_late(turn: Turn, activation: Activation, late: str) -> None:
    """An attempt in doubt that was given up has stopped after all."""
    if activation.attempt in turn.run.stopping.get(activation.name, ()):
        turn.emit(AttemptStopped(at=turn.at, activation=activation.name, attempt=activation.attempt, late=late))


def _late(turn: Turn, name: str, attempt: int, late: str, error: ErrorData | None = None) -> Answer:
    """Record a result that came after its attempt was given up; it is not applied."""
    if attempt in turn.run.stopping.get(name, ()):
        turn.emit(AttemptStopped(at=turn.at, activation=name, attempt=attempt, late=late, error=error))
        return Refused("late", f"attempt {attempt} of `{name}` was given up before it {late}")
    return _stale(name, attempt)


def _stale(name: str, attempt: int) -> Refused:
    return Refused("stale", f"attempt {attempt} of `{name}` is not running")


def _allows(turn: Turn, policy: RetryPolicy, activation: Activation, error: ErrorData) -> bool:
    """Whether it may be tried again. For a `once` node the class must be named."""
    if is_once(turn, activation) and not policy.retryable_on:
        return False
    return activation.outcomes + 1 < policy.max_attempts and policy.allows(error.error_class)


def _delay_ms(policy: RetryPolicy, activation: Activation, command: Fail) -> int:
    """The backoff, or longer if the callee asked for it, but never more than the policy's longest."""
    delay = policy.delay_ms(activation.outcomes + 1, command.draw)
    asked = min(command.retry_after_ms or 0, policy.max_delay_ms)
    return max(delay, asked)

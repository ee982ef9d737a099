"""What should happen: `decide(program, run, command) -> events, answer`.

Facts first (what the command says), then consequences, round by round, to a fixed point; then the execution's own
status. The run is advanced as the events are decided: who holds it drops it if they are not committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, assert_never

import msgspec

from pectin.core.command import (
    Already,
    Answer,
    AnyCommand,
    Cancel,
    ChildEnded,
    Complete,
    Decide,
    Deliver,
    Done,
    Fail,
    Hold,
    Interrupt,
    Reconciled,
    Refused,
    Release,
    Resolve,
    Signal,
    Start,
    Stopped,
    Wake,
)
from pectin.core.decide.actor import refuse_unnamed, unnamed
from pectin.core.decide.attempt import decide_complete, decide_fail, decide_interrupt, decide_stopped
from pectin.core.decide.call import stop_calls
from pectin.core.decide.child import begin_child, wall_of
from pectin.core.decide.close import close, cut, finish
from pectin.core.decide.doubt import decide_reconciled, decide_resolve
from pectin.core.decide.enter import advance, begin_ready, enter
from pectin.core.decide.hold import decide_hold, decide_release
from pectin.core.decide.line import serve_line
from pectin.core.decide.message import decide_deliver, decide_signal
from pectin.core.decide.turn import Turn
from pectin.core.decide.wait import decide_child_ended, decide_decision, decide_wake
from pectin.core.error import ErrorData, clean, shorten
from pectin.core.event import (
    AnyEvent,
    ExecutionCreated,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
)
from pectin.core.limits import LIMITS, Limits
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus

__all__ = ["Decision", "decide"]


class Decision(NamedTuple):
    """The facts that follow from a command (none for a late or repeated one), and what its sender is told."""

    events: list[AnyEvent]
    answer: Answer


def decide(program: Program, run: Run, command: AnyCommand, limits: Limits = LIMITS) -> Decision:
    """Decide one command. Never raises for what a command says."""
    turn = Turn.of(program, run, command, limits)
    answer = _answer(turn, command)
    if isinstance(answer, Refused):  # it names what was said, which may be anything
        reason = shorten(clean(answer.reason), limits.message_characters_max)
        answer = msgspec.structs.replace(answer, reason=reason)
    if not turn.events and (isinstance(answer, Refused | Already) or run.status.is_terminal):
        return Decision(turn.events, answer)
    _begin_pending(turn)
    advance(turn)
    _limit_history(turn)
    if run.ready or run.backoff or run.line:
        _dispatch(turn)
    _update_status(turn, command)
    return Decision(turn.events, answer)


def _answer(turn: Turn, command: AnyCommand) -> Answer:
    """Emit the facts that the command itself says, and answer it."""
    if turn.run.version == 0 and not isinstance(command, Start):
        return Refused("not_found", "there is no such execution")
    match command:
        case Complete():
            return decide_complete(turn, command)
        case Start():
            return _start(turn, command)
        case Wake():
            return decide_wake(turn, command)
        case Fail():
            return decide_fail(turn, command)
        case Decide():
            return unnamed(turn, command.by) or decide_decision(turn, command)
        case Interrupt():
            return decide_interrupt(turn, command)
        case Stopped():
            return decide_stopped(turn, command)
        case Cancel():
            return unnamed(turn, command.by, inherited=command.inherited) or _cancel(turn, command)
        case Signal():
            return unnamed(turn, command.by) or decide_signal(turn, command)
        case Deliver():
            return unnamed(turn, None) or decide_deliver(turn, command)
        case ChildEnded():
            return decide_child_ended(turn, command)
        case Hold():
            return unnamed(turn, command.by, inherited=command.inherited) or decide_hold(turn, command)
        case Release():
            return unnamed(turn, command.by, inherited=command.inherited) or decide_release(turn, command)
        case Reconciled():
            return decide_reconciled(turn, command)
        case Resolve():
            return unnamed(turn, command.by) or decide_resolve(turn, command)
        case _:
            assert_never(command)


def _start(turn: Turn, command: Start) -> Answer:
    if turn.run.version:
        return Already("the execution was started", turn.run.by)
    definition = turn.program.definition
    refused = refuse_unnamed(definition.session_type, command.by)
    if refused is not None:
        return refused
    turn.emit(
        ExecutionCreated(
            at=turn.at,
            execution_id=command.execution_id,
            workflow_id=definition.id,
            workflow_version=definition.version,
            definition=command.definition,
            input=command.input,
            state=command.state,
            key=command.key,
            by=command.by,
            session_type=definition.session_type,
        )
    )
    turn.emit(ExecutionStarted(at=turn.at, until=wall_of(turn), budget=definition.budget))
    _enter_start(turn)
    return Done()


def _begin_pending(turn: Turn) -> None:
    """Start a child that its parent's commit has created."""
    run = turn.run
    if run.status is WorkflowStatus.PENDING and run.hold is None and begin_child(turn):
        _enter_start(turn)


def _enter_start(turn: Turn) -> None:
    graph = turn.program.graph
    start = graph.activation(graph.start, (), ())
    assert start is not None, "the start is in no loop, or a loop's header"
    enter(turn, start)


def _cancel(turn: Turn, command: Cancel) -> Answer:
    run = turn.run
    end = run.closing.to if run.closing is not None else run.status
    if run.closing is None:
        close(turn, WorkflowStatus.CANCELLED, command.reason or "cancelled", by=command.by)
        return Done()
    if end is WorkflowStatus.CANCELLED:
        return Already("the execution was cancelled", run.closing.by)
    if run.status.is_terminal:
        return Refused("ended", f"the execution has ended: {end}")
    if run.closing.cut:
        return Already("a cancel was recorded while the execution was ending")
    cut(turn, command.by, command.reason)
    return Done(f"it was already ending, as {end}, and will; only finalizers that don't run on `always` are cut")


def _dispatch(turn: Turn) -> None:
    """Begin what is ready, but for calls that a policy stops, and then who spends, as far as the budget reaches."""
    while True:
        while turn.program.policed and stop_calls(turn):
            advance(turn)
        if turn.run.ready or turn.run.backoff:
            begin_ready(turn)
        if not turn.run.line or not serve_line(turn):
            return
        advance(turn)


def _limit_history(turn: Turn) -> None:
    """A history that grows too long fails, with that as its error."""
    limit = turn.limits.history_events_max
    if turn.run.version > limit and turn.run.closing is None:
        message = f"the history has {turn.run.version} events; history_events_max is {limit}"
        error = ErrorData("history_too_long", "LimitExceeded", message)
        close(turn, WorkflowStatus.FAILED, "history_too_long", error=error)


def _update_status(turn: Turn, command: AnyCommand) -> None:
    """End, pause or resume, as the activations stand."""
    run = turn.run
    if not run.activations and turn.may_go_on:
        _end(turn)
    if run.closing is not None:
        finish(turn)
        return
    pauses = run.hold is not None or (run.busy == 0 and run.waits > 0 and not run.children)
    if pauses and run.status is WorkflowStatus.RUNNING:
        turn.emit(ExecutionPaused(at=turn.at))
    elif not pauses and run.status is WorkflowStatus.PAUSED:
        turn.emit(ExecutionResumed(at=turn.at, cause=_CAUSES.get(type(command), "timer")))


_CAUSES: Final[Mapping[type[AnyCommand], str]] = {
    Decide: "decision",
    Signal: "signal",
    Deliver: "event",
    ChildEnded: "child",
    Release: "release",
    Resolve: "resolved",
    Complete: "result",
    Fail: "result",
}
"""Why a paused execution runs again, by the command that made it so."""


def _end(turn: Turn) -> None:
    """All has settled: it is completed, unless a failure was left for the end."""
    for name, error in turn.run.unhandled.items():
        close(turn, WorkflowStatus.FAILED, "failed", error=error, activation=name)
    close(turn, WorkflowStatus.COMPLETED, "all settled")

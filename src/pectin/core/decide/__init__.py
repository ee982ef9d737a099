"""What should happen: `decide(program, run, command) -> events, answer`.

Facts first (what the command says), then consequences, round by round, to a fixed point; then the execution's own
status. The run is advanced as the events are decided: who holds it drops it if they are not committed.
"""

from __future__ import annotations

from typing import NamedTuple, assert_never

from pectin.core.command import (
    Already,
    Answer,
    AnyCommand,
    Cancel,
    Complete,
    Decide,
    Done,
    Fail,
    Interrupt,
    Refused,
    Start,
    Stopped,
    Wake,
)
from pectin.core.decide.attempt import decide_complete, decide_fail, decide_interrupt, decide_stopped
from pectin.core.decide.close import close, finish
from pectin.core.decide.enter import advance, begin_ready, enter
from pectin.core.decide.turn import Turn
from pectin.core.decide.wait import decide_decision, decide_wake
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    CancelRequested,
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
    if not turn.events and (isinstance(answer, Refused | Already) or run.status.is_terminal):
        return Decision(turn.events, answer)
    advance(turn)
    _limit_history(turn)
    begin_ready(turn)
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
            return decide_decision(turn, command)
        case Interrupt():
            return decide_interrupt(turn, command)
        case Stopped():
            return decide_stopped(turn, command)
        case Cancel():
            return _cancel(turn, command)
        case _:
            assert_never(command)


def _start(turn: Turn, command: Start) -> Answer:
    if turn.run.version:
        return Already("the execution was started", turn.run.by)
    definition = turn.program.definition
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
    turn.emit(ExecutionStarted(at=turn.at))
    graph = turn.program.graph
    start = graph.activation(graph.start, (), ())
    assert start is not None, "the start is in no loop, or a loop's header"
    enter(turn, start)
    return Done()


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
    turn.emit(CancelRequested(at=turn.at, by=command.by, reason=command.reason))
    return Done(f"it was already ending, as {end}, and will; only finalizers that don't run on `always` are cut")


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
    if run.closing is None and not run.activations:
        close(turn, WorkflowStatus.COMPLETED, "all settled")
    if run.closing is not None:
        finish(turn)
        return
    waits = run.busy == 0 and run.waits > 0
    if waits and run.status is WorkflowStatus.RUNNING:
        turn.emit(ExecutionPaused(at=turn.at))
    elif not waits and run.status is WorkflowStatus.PAUSED:
        cause = "decision" if isinstance(command, Decide) else "timer"
        turn.emit(ExecutionResumed(at=turn.at, cause=cause))

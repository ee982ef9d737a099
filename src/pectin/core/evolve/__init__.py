"""The one fold: `evolve(run, event) -> run`.

It is total over the known events, asserts both transition tables (a corrupt history stops here), and looks at nothing
but the run and the event: no definition, no kind. It changes the run in place and returns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    CancelRequested,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionHeld,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    HoldReleased,
    LimitReached,
    LoopEnded,
    LoopRepeated,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeQuarantined,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    QuarantineReleased,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.evolve import activation, attempt, doubt, edge, execution
from pectin.core.state import Run

__all__ = ["evolve", "fold"]


def fold(run: Run, events: Iterable[AnyEvent]) -> Run:
    """The run after these events."""
    for event in events:
        evolve(run, event)
    return run


def evolve(run: Run, event: AnyEvent) -> Run:
    """The run after this event."""
    if run.completed_at is not None:
        assert isinstance(event, AttemptStopped), "nothing happens after the end but late results"
    run.version += 1
    run.updated_at = event.at
    match event:
        case NodeCompleted():
            activation.complete(run, event)
        case NodeScheduled():
            attempt.schedule(run, event)
        case AttemptBegun():
            attempt.begin(run, event)
        case AttemptFailed():
            attempt.fail(run, event)
        case AttemptInterrupted():
            attempt.interrupt(run, event)
        case AttemptStopped():
            attempt.stop(run, event)
        case NodeQuarantined():
            attempt.quarantine(run, event)
        case QuarantineReleased():
            attempt.release(run, event)
        case DoubtRaised():
            doubt.raise_doubt(run, event)
        case ReconcileBegun():
            doubt.begin(run, event)
        case ReconcileInterrupted():
            doubt.interrupt(run, event)
        case DoubtLeft():
            doubt.leave(run, event)
        case DoubtResolved():
            doubt.resolve(run, event)
        case NodeWaiting():
            activation.wait(run, event)
        case NodeMapped():
            activation.spread(run, event)
        case ChildSpawned():
            activation.spawn(run, event)
        case NodeFailed():
            activation.fail(run, event)
        case NodeSkipped():
            activation.skip(run, event)
        case NodeCancelled():
            activation.cancel(run, event)
        case LoopRepeated():
            edge.repeat(run, event)
        case LoopEnded():
            edge.end_loop(run, event)
        case _:
            _evolve_whole(run, event)
    return run


def _evolve_whole(run: Run, event: ExecutionEvent) -> None:
    """The facts about the execution as a whole."""
    match event:
        case MessageReceived():
            execution.receive(run, event)
        case ExecutionHeld():
            execution.hold(run, event)
        case HoldReleased():
            execution.release(run)
        case LimitReached():
            execution.reach_limit(run, event)
        case ExecutionCreated():
            execution.create(run, event)
        case ExecutionStarted():
            execution.start(run, event)
        case ExecutionPaused():
            execution.pause(run)
        case ExecutionResumed():
            execution.resume(run)
        case ClosingBegan():
            execution.close(run, event)
        case CancelRequested():
            execution.cut(run, event)
        case ExecutionEnded():
            execution.end(run, event)
        case _:
            assert_never(event)

"""The one fold: `evolve(run, event) -> run`.

It is total over the known events, asserts both transition tables (a corrupt history stops here), and looks at nothing
but the run and the event: no definition, no kind. It changes the run in place and returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    BudgetAwaited,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
    CallApproved,
    CallParked,
    CancelRequested,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
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
from pectin.core.evolve import activation, attempt, budget, call, doubt, edge, execution
from pectin.core.state import Run

__all__ = ["FOLDS", "evolve", "fold"]


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
    FOLDS[type(event)](run, event)
    return run


FOLDS: Final[dict[type[AnyEvent], Callable[[Run, Any], object]]] = {
    NodeCompleted: activation.complete,
    NodeScheduled: attempt.schedule,
    AttemptBegun: attempt.begin,
    AttemptFailed: attempt.fail,
    AttemptInterrupted: attempt.interrupt,
    AttemptStopped: attempt.stop,
    NodeQuarantined: attempt.quarantine,
    QuarantineReleased: attempt.release,
    DoubtRaised: doubt.raise_doubt,
    ReconcileBegun: doubt.begin,
    ReconcileInterrupted: doubt.interrupt,
    DoubtLeft: doubt.leave,
    DoubtResolved: doubt.resolve,
    CallParked: call.park,
    CallApproved: call.approve,
    BudgetReserved: budget.reserve,
    BudgetSettled: budget.settle,
    BudgetReturned: budget.give_back,
    BudgetAwaited: budget.wait,
    NodeWaiting: activation.wait,
    NodeMapped: activation.spread,
    ChildScheduled: activation.want,
    ChildSpawned: activation.spawn,
    NodeFailed: activation.fail,
    NodeSkipped: activation.skip,
    NodeCancelled: activation.cancel,
    LoopRepeated: edge.repeat,
    LoopEnded: edge.end_loop,
    MessageReceived: execution.receive,
    ExecutionHeld: execution.hold,
    HoldReleased: execution.release,
    LimitReached: execution.reach_limit,
    ExecutionCreated: execution.create,
    ExecutionStarted: execution.start,
    ExecutionPaused: execution.pause,
    ExecutionResumed: execution.resume,
    ClosingBegan: execution.close,
    CancelRequested: execution.cut,
    ExecutionEnded: execution.end,
}
"""The fold of each event. A table: to match an event against thirty types in turn costs more than its fold."""

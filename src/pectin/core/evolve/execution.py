"""The fold of what concerns an execution as a whole: its status, its hold, its inbox and its end."""

from __future__ import annotations

from pectin.core.budget import LIMITS
from pectin.core.codec import digest
from pectin.core.event import (
    CancelRequested,
    ClosingBegan,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    HoldReleased,
    LimitReached,
    MessageReceived,
)
from pectin.core.state import Closing, Hold, Message, Run
from pectin.core.status import WorkflowStatus


def create(run: Run, event: ExecutionCreated) -> None:
    assert run.version == 1, "an execution is created once, first"
    run.execution_id = event.execution_id
    run.workflow_id = event.workflow_id
    run.workflow_version = event.workflow_version
    run.definition = event.definition
    run.session_type = event.session_type
    run.key = event.key
    run.by = event.by
    run.input = event.input
    run.data = dict(event.state)
    run.created_at = event.at
    run.parent = event.parent
    run.part = event.part


def start(run: Run, event: ExecutionStarted) -> None:
    _move(run, WorkflowStatus.RUNNING)
    run.started_at = event.at
    run.first_entry = run.version + 1
    run.wall = event.until
    run.budget = event.budget
    if event.state is not None:
        run.data = dict(event.state)


def pause(run: Run, _: ExecutionPaused) -> None:
    _move(run, WorkflowStatus.PAUSED)


def resume(run: Run, _: ExecutionResumed) -> None:
    _move(run, WorkflowStatus.RUNNING)


def end(run: Run, event: ExecutionEnded) -> None:
    assert event.status.is_terminal, "an execution ends with a terminal status"
    _move(run, event.status)
    run.completed_at = event.at
    run.error = event.error


def hold(run: Run, event: ExecutionHeld) -> None:
    assert run.hold is None, "an execution is held once at a time"
    run.hold = Hold(event.at, event.by, event.reason, event.inherited)


def release(run: Run, _: HoldReleased) -> None:
    assert run.hold is not None, "only what is held is released"
    run.hold = None


def receive(run: Run, event: MessageReceived) -> None:
    run.inbox.append(Message(run.version, event.name, event.payload, event.correlation, event.by))
    if event.dedup is not None:
        run.dedups[event.dedup] = digest([event.name, event.payload])


def reach_limit(run: Run, event: LimitReached) -> None:
    assert run.limit is None, "a limit is lifted once"
    assert not run.activations, "everything else was cancelled"
    run.limit = event.error
    run.wall = None
    if run.budget is not None and event.error.error_class in LIMITS:
        run.budget = run.budget.without(event.error.error_class)
    _forget_ways(run)


def close(run: Run, event: ClosingBegan) -> None:
    assert run.closing is None, "an execution closes once"
    run.closing = Closing(
        to=event.to,
        cause=event.cause,
        grace_until=event.grace_until,
        error=event.error,
        activation=event.activation,
        by=event.by,
    )
    run.hold = None
    run.wall = None
    run.inbox.clear()
    _forget_ways(run)


def cut(run: Run, event: CancelRequested) -> None:
    assert run.closing is not None, "a cancel is recorded only while closing"
    run.closing.cut = True
    # The first cancels that were recorded don't say how long is waited for them: as long as for the end.
    run.closing.grace_until = max(run.closing.grace_until, event.grace_until)


def _forget_ways(run: Run) -> None:
    run.arrivals.clear()
    run.loops.clear()
    run.writes.clear()
    run.fired.clear()


def _move(run: Run, status: WorkflowStatus) -> None:
    run.status.validate_transition(status)
    run.status = status

"""What a commit queues: how its events make rows, and when the execution wants attention next."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.budget import NOTHING
from pectin.core.definition import Definition, Json
from pectin.core.event import (
    AnyEvent,
    ChildSpawned,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    HoldReleased,
    NodeCancelled,
    Parent,
    Settling,
)
from pectin.core.line import may_begin
from pectin.core.state import Run
from pectin.core.status import SessionType, WorkflowStatus

DAY_MS = 24 * 3_600_000
"""A day of a retention."""

ENDED = "end"
"""What the row of the terminal event settles. No node has this id."""


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Events of one row, the first of them numbered `seq`. At most one of them settles something."""

    seq: int
    events: Sequence[AnyEvent]
    settles: str | None


def split_events(seq: int, events: Sequence[AnyEvent]) -> list[Batch]:
    """Rows for a command's events, the first of them numbered `seq`: as few as unique outcomes allow."""
    if not events:
        return []
    batches: list[Batch] = []
    first, settles = 0, None
    for index, event in enumerate(events):
        if isinstance(event, Settling):
            settled = event.activation
        elif type(event) is ExecutionEnded:
            settled = ENDED
        else:
            continue
        if settles is not None:
            batches.append(Batch(seq + first, events[first:index], settles))
            first = index
        settles = settled
    batches.append(Batch(seq + first, events[first:], settles))
    return batches


def next_wake(run: Run, at: int = 0) -> int | None:
    """When something is due by the clock alone: a deadline, a timer, the end of a backoff or of a grace.

    What is out of its backoff by `at` waits for a worker, and no longer for the clock.
    """
    if not run.backoff and not run.due and run.wall is None and run.closing is None:  # most of the time
        return None
    times = [until for until in run.backoff.values() if until > at] if run.hold is None else []
    times.extend(run.due.values())
    if run.wall is not None:
        times.append(run.wall)
    if run.in_grace and run.closing is not None:
        times.append(run.closing.grace_until)
    return min(times, default=None)


def keep_until(run: Run, definition: Definition) -> int | None:
    """Until when a governed execution may not be deleted; None: never. Its time begins with its end."""
    days = definition.retention_days
    return None if days is None or not run.status.is_terminal else run.updated_at + days * DAY_MS


def is_at_work(run: Run, at: int) -> bool:
    """Whether somebody runs an attempt of it, or could begin one now."""
    if run.status.is_terminal:
        return False
    if is_running(run) or run.in_grace:
        return True
    if run.hold is not None:
        return False
    is_pending = run.status is WorkflowStatus.PENDING and run.version > 0
    return is_pending or may_begin(run) or any(until <= at for until in run.backoff.values())


def is_running(run: Run) -> bool:
    """Whether a worker is at an attempt of it, or at a reconcile."""
    return run.busy > len(run.ready) + len(run.line) + len(run.backoff) + len(run.quarantined)


CHILD_ENDED = ":child"
PARENT_SAYS = ":parent"
"""The names of messages between a child and its parent; no name that an application gives begins with a colon."""


class Letter(msgspec.Struct, frozen=True, gc=False):
    """A message to another execution, that the store is to keep until it is taken. Both sides of a child know its id,
    which is the correlation."""

    name: str
    correlation: str
    payload: Json


def letters(run: Run, events: Sequence[AnyEvent]) -> list[Letter]:
    """What these events, already folded into the run, have to tell to children and to the parent."""
    told: list[Letter] = []
    for event in events:
        match event:
            case NodeCancelled(child=str() as child):
                by = run.closing.by if run.closing is not None else None
                told.append(Letter(PARENT_SAYS, child, {"says": "cancel", "by": by}))
            case ExecutionHeld():
                says = {"says": "hold", "by": event.by, "reason": event.reason}
                told.extend(Letter(PARENT_SAYS, child, says) for child in run.children.values())
            case HoldReleased():
                says = {"says": "release", "by": event.by}
                told.extend(Letter(PARENT_SAYS, child, says) for child in run.children.values())
            case ExecutionEnded() if run.parent is not None:
                error = None if event.error is None else msgspec.to_builtins(event.error)
                payload = {"status": event.status.value, "state": run.data, "error": error}
                if run.spent != NOTHING:
                    payload["spent"] = msgspec.to_builtins(run.spent)
                told.append(Letter(CHILD_ENDED, run.execution_id, payload))
            case _:
                pass
    return told


def listens(run: Run) -> dict[str, tuple[str, str]]:
    """What the execution listens to in the store's inbox: an event's name and its correlation, by the activation that
    waits; a child also to its parent, and that by no activation (`""`)."""
    if not run.listens and not run.children and run.parent is None:
        return {}
    wanted = dict(run.listens)
    wanted |= {activation: (CHILD_ENDED, child) for activation, child in run.children.items()}
    if run.parent is not None and not run.status.is_terminal:
        wanted[""] = (PARENT_SAYS, run.execution_id)
    return wanted


def birth(run: Run, spawned: ChildSpawned, definition: str) -> ExecutionCreated:
    """The first event of a child; `definition` is the hash that its workflow's version names now."""
    return ExecutionCreated(
        at=spawned.at,
        execution_id=spawned.child,
        workflow_id=spawned.workflow_id,
        workflow_version=spawned.workflow_version,
        definition=definition,
        input=spawned.input,
        state={},
        by=run.by,
        session_type=_type_of_child(run, spawned),
        parent=Parent(run.execution_id, spawned.activation, run.depth + 1),
        part=spawned.part,
    )


def _type_of_child(run: Run, spawned: ChildSpawned) -> SessionType | None:
    """Its parent's. But an approval in the parent is one of all that a child does, unless the child is gated itself."""
    if run.session_type not in (SessionType.RESUMABLE, SessionType.APPROVAL_GATED):
        return run.session_type
    return SessionType.APPROVAL_GATED if spawned.gated else SessionType.RESUMABLE

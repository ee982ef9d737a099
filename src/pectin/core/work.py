"""What a commit queues: how its events make rows, and when the execution wants attention next."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.event import AnyEvent, ExecutionEnded, NodeCancelled, NodeCompleted, NodeFailed, NodeSkipped
from pectin.core.state import Run

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
        settled = _settled(event)
        if settled is None:
            continue
        if settles is not None:
            batches.append(Batch(seq + first, events[first:index], settles))
            first = index
        settles = settled
    batches.append(Batch(seq + first, events[first:], settles))
    return batches


def _settled(event: AnyEvent) -> str | None:
    match event:
        case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
            return event.activation
        case ExecutionEnded():
            return ENDED
        case _:
            return None


def next_wake(run: Run, at: int = 0) -> int | None:
    """When something is due by the clock alone: a deadline, a timer, the end of a backoff or of a grace.

    What is out of its backoff by `at` waits for a worker, and no longer for the clock.
    """
    times = [until for until in run.backoff.values() if until > at]
    times.extend(run.due.values())
    if run.in_grace and run.closing is not None:
        times.append(run.closing.grace_until)
    return min(times, default=None)


def is_at_work(run: Run, at: int) -> bool:
    """Whether somebody runs an attempt of it, or could begin one now."""
    if run.status.is_terminal:
        return False
    running = run.busy - len(run.ready) - len(run.backoff)
    return running > 0 or bool(run.ready) or any(until <= at for until in run.backoff.values()) or run.in_grace

"""Whether an execution has come to rest: then whoever waits for it in a terminal or a script had better come back."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.work import is_at_work, next_wake
from pectin.runtime.service import Service

PATIENCE_MS = 60_000
"""How far away a timer may be for a caller to wait for it."""


def is_at_rest(run: Run, now: int) -> bool:
    """Whether nothing of it goes on by itself in the near future, but for its children."""
    if run.status.is_terminal:
        return True
    if run.closing is not None or is_at_work(run, now) or (run.backoff and run.hold is None):
        return False
    due = next_wake(run, now)
    return run.hold is not None or due is None or due - now > PATIENCE_MS


async def are_children_at_rest(service: Service, run: Run, now: int) -> bool:
    """Whether all its live children rest, and theirs. They are executions of their own; the end of one is news that is
    on its way here."""
    for id in run.children.values():
        child = await service.runs.get(ExecutionId.parse(id))
        rests = is_at_rest(child, now) and not child.status.is_terminal
        if not rests or not await are_children_at_rest(service, child, now):
            return False
    return True

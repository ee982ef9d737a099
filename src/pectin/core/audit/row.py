"""What a store keeps of an execution beside its history, held against the fold of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from pectin.core.audit.finding import Finding, found
from pectin.core.audit.prospect import stranded
from pectin.core.line import may_begin
from pectin.core.program import Program
from pectin.core.state import Run, to_datetime
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.work import is_running, listens, next_wake

OWNED = 0
"""The `due` of an execution that an engine is at work on, as stores have it: the core knows no port."""


class Projected(msgspec.Struct, frozen=True, kw_only=True):
    """An execution's row, and the waits for messages (`listens`) that the store has of it: name and correlation, by
    activation."""

    execution: str
    workflow_id: str
    workflow_version: str
    definition: str
    status: WorkflowStatus
    version: int
    created_at: int
    updated_at: int
    due: int | None
    key: str | None
    listens: Mapping[str, tuple[str, str]]


def audit_row(run: Run, row: Projected, program: Program | None = None) -> list[Finding]:
    """Where a row, as a commit has left it, differs from the fold, and what of the execution is stranded."""
    if row.version != run.version:  # the fold is of another moment
        message = f"the row says {row.version}, and the history has {run.version} events"
        return [found("version_differs", "version", message)]
    return [*_differences(run, row), *stranded(run, program)]


def _differences(run: Run, row: Projected) -> Iterator[Finding]:
    for what, stored, told in (
        ("execution", row.execution, run.execution_id),
        ("workflow", row.workflow_id, run.workflow_id),
        ("workflow_version", row.workflow_version, run.workflow_version),
        ("definition", row.definition, run.definition),
        ("created_at", _time(row.created_at), _time(run.created_at)),
    ):
        if stored != told:
            yield found("another_execution", what, f"the row says {stored}, and the history {told}")
    if row.status is not run.status:
        yield found("status_differs", "status", f"the row says {row.status}, and the history {run.status}")
    if row.updated_at != run.updated_at:
        message = f"the row says {_time(row.updated_at)}, and the history {_time(run.updated_at)}"
        yield found("time_differs", "updated_at", message)
    if row.key is not None and row.key != run.key:
        yield found("key_differs", "key", f"the row says {row.key!r}, and the history {run.key!r}")
    if run.session_type is not SessionType.STATELESS:
        yield from _due_differences(run, row.due)
    yield from _wait_differences(listens(run), row.listens)


def _due_differences(run: Run, due: int | None) -> Iterator[Finding]:
    if _may_be_due(run, due):
        return
    wake = next_wake(run)
    if run.status.is_terminal:
        should = "never: it has ended"
    elif _is_at_work(run):
        should = "now: it is at work"
    else:
        should = "never by itself" if wake is None else _time(wake)
    shown = "never" if due is None else "now" if due == OWNED else _time(due)
    yield found("due_differs", "due", f"the row says {shown}; it should be {should}")


def _may_be_due(run: Run, due: int | None) -> bool:
    """Whether a commit may have written this. Who commits beside an engine lets what could begin be due at once, and so
    does a parent that begins a child."""
    if run.status.is_terminal:
        return due is None
    if due is not None and _is_at_work(run):
        return due <= run.updated_at
    if run.backoff and run.hold is None:
        first = min(run.backoff.values())
        return due in (OWNED, next_wake(run)) or (due is not None and first <= due <= run.updated_at)
    return due == next_wake(run) and not _is_at_work(run)


def _is_at_work(run: Run) -> bool:
    """Whether it wants a worker whatever the time."""
    if is_running(run) or run.in_grace:
        return True
    return run.hold is None and (may_begin(run) or run.status is WorkflowStatus.PENDING)


def _wait_differences(
    wanted: Mapping[str, tuple[str, str]], stored: Mapping[str, tuple[str, str]]
) -> Iterator[Finding]:
    for activation, (name, correlation) in wanted.items():
        if stored.get(activation) != (name, correlation):
            yield found("wait_missing", _of(activation), f"it waits for {name!r} with {correlation!r}: not in the list")
    for activation, (name, correlation) in stored.items():
        if wanted.get(activation) != (name, correlation):
            yield found("wait_left_over", _of(activation), f"{name!r} with {correlation!r}: nobody waits for that")


def _of(activation: str) -> str:
    return f"`{activation}`" if activation else "the execution"


def _time(at: int) -> str:
    """A time in UTC, as JSON has it; one that no calendar has, as it is stored."""
    try:
        return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:
        return str(at)

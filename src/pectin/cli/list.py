"""`pectin list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.completion import complete_status
from pectin.cli.options import Json, StoreOption

if TYPE_CHECKING:
    from pectin.core.status import WorkflowStatus
    from pectin.ports.store import Summary


def list_executions(
    *,
    workflow: Annotated[str | None, typer.Option("--workflow", metavar="ID", help="Only this workflow's.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Only these; may be given several times.",
            autocompletion=complete_status,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="At most so many.")] = 20,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """List executions, the newest first."""
    import asyncio

    return asyncio.run(_list(workflow, status or [], limit, store, as_json))


async def _list(workflow: str | None, statuses: list[str], limit: int, store: str | None, as_json: bool) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.line import MARKS
    from pectin.cli.paper import columns_of, err, out, pad
    from pectin.cli.visit import visiting
    from pectin.cli.words import local_time, put_json
    from pectin.core.duration import roughly
    from pectin.core.why import status_words
    from pectin.ports.store import Find

    find = Find(workflow_id=workflow, statuses=_read_statuses(statuses), limit=limit)
    async with visiting(store) as visitor:
        found = await visitor.list(find)
        now = visitor.clock.now()
    if as_json:
        put_json([_document(summary) for summary in found])
        return Exit.OK
    if not found:
        err().write("no executions")
        return Exit.OK

    def row(summary: Summary) -> tuple[str, ...]:
        status = f"{MARKS[summary.status]} {status_words(summary.status)}"
        id = f"…{summary.execution.uuid.hex[-6:]}"
        ago = f"{roughly(max(now - summary.updated_at, 0))} ago"
        what = f"{summary.workflow_id} {summary.workflow_version}"
        return (id, summary.key or "–", what, status, local_time(summary.created_at, now), ago)

    paper = out()
    rows = [("exec", "key", "workflow", "status", "started", "last event"), *map(row, found)]
    widths = [min(max(columns_of(entry[index]) for entry in rows), 28) for index in range(len(rows[0]))]
    paper.write(*("  " + "   ".join(map(pad, entry, widths)) for entry in rows))
    return Exit.OK


def _read_statuses(names: list[str]) -> frozenset[WorkflowStatus] | None:
    from pectin.core.document import one_of
    from pectin.core.status import WorkflowStatus

    read = one_of(WorkflowStatus)
    return frozenset(read(name, "--status") for name in names) or None


def _document(summary: Summary) -> dict[str, Any]:
    from pectin.cli.words import utc

    return {
        "execution_id": summary.execution.to_json(),
        "key": summary.key,
        "workflow_id": summary.workflow_id,
        "workflow_version": summary.workflow_version,
        "status": summary.status.value,
        "created_at": utc(summary.created_at),
        "updated_at": utc(summary.updated_at),
    }

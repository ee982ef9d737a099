"""`pectin events`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import NUMBER_MAX, Exec, Json, StoreOption

if TYPE_CHECKING:
    from pectin.core.event import AnyEvent
    from pectin.core.identity import ExecutionId
    from pectin.runtime.visitor import Visitor


def events(
    execution: Exec,
    *,
    after: Annotated[
        int, typer.Option("--after", metavar="N", min=0, max=NUMBER_MAX, help="Only events after this one.")
    ] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, to the execution's end.")] = False,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """List the events of an execution: all that is known of it."""
    import asyncio

    from pectin.cli.stopping import stoppable

    work = _events(execution, after, follow, store, as_json)
    return asyncio.run(stoppable(work) if follow else work)


async def _events(execution: str, after: int, follow: bool, store: str | None, as_json: bool) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.paper import out
    from pectin.cli.streams import is_read
    from pectin.cli.visit import change, find_execution, visiting
    from pectin.cli.words import event_document, put_json
    from pectin.core.event import ExecutionEnded

    paper = out()
    async with visiting(store) as visitor:
        summary = await find_execution(visitor, execution)
        ended = summary.status.is_terminal
        while True:
            async for seq, event in _read(visitor, summary.execution, after):
                after = seq
                ended = ended or isinstance(event, ExecutionEnded)
                if as_json:
                    put_json(event_document(seq, event))
                else:
                    paper.write(_line(seq, event))
            if not follow or ended or not is_read():
                break
            await change(visitor)
    if as_json:
        put_json({"type": "outcome", "exit_code": int(Exit.OK)})
    return Exit.OK


async def _read(visitor: Visitor, execution: ExecutionId, after: int) -> AsyncGenerator[tuple[int, AnyEvent]]:
    """Events after this one, up to one that can't be read: what is before the damage is shown. Raises `Quarantined`."""
    from pectin.core.event import UnknownEvent, decode_events
    from pectin.ports.store import Damaged
    from pectin.runtime.error import Quarantined
    from pectin.runtime.loading import each_row

    seq = after
    try:
        async for row in each_row(visitor.store, execution, after):
            for seq, event in enumerate(decode_events(row.body), row.seq):
                if seq > after:
                    yield seq, event
    except (UnknownEvent, Damaged) as problem:
        raise Quarantined(f"the history of {execution} can't be read from event {seq + 1} on: {problem}") from problem


def _line(seq: int, event: AnyEvent) -> str:
    """An event in one line: its number, the time here, its type, and the rest as it is stored."""
    from pectin.cli.words import dump_json, event_document, local_clock

    document: dict[str, Any] = event_document(seq, event)
    kind, activation = document.pop("type"), document.pop("activation", "")
    del document["seq"], document["at"]
    rest = "  ".join(f"{name}={dump_json(value)}" for name, value in document.items() if value not in ({}, [], None))
    return f"{seq:5}  {local_clock(event.at)}  {kind:<20} {activation:<14} {rest}"

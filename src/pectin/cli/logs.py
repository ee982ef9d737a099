"""`pectin logs`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import NUMBER_MAX, Exec, Json, StoreOption

if TYPE_CHECKING:
    from pectin.core.identity import ExecutionId
    from pectin.ports.store import LogRecord, Store

_PAGE = 1_000


def logs(
    execution: Exec,
    *,
    after: Annotated[
        int, typer.Option("--after", metavar="N", min=0, max=NUMBER_MAX, help="Only records after this one.")
    ] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, to the execution's end.")] = False,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """List what the functions of an execution logged with `ctx.log`."""
    import asyncio

    from pectin.cli.stopping import stoppable

    work = _logs(execution, after, follow, store, as_json)
    return asyncio.run(stoppable(work) if follow else work)


async def _logs(execution: str, after: int, follow: bool, store: str | None, as_json: bool) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.paper import err, out
    from pectin.cli.streams import is_read
    from pectin.cli.visit import change, find_execution, visiting
    from pectin.cli.words import put_json

    paper, found = out(), 0
    async with visiting(store) as visitor:
        summary = await find_execution(visitor, execution)
        while True:
            ended = (await visitor.resolve(str(summary.execution))).status.is_terminal
            async for number, record in _read(visitor.store, summary.execution, after):
                after, found = number, found + 1
                if as_json:
                    put_json(_document(number, record))
                else:
                    paper.write_whole(*_lines(number, record, is_first=found == 1))
            if not follow or ended or not is_read():
                break
            await change(visitor)
    if as_json:
        put_json({"type": "outcome", "exit_code": int(Exit.OK)})
    elif not found:
        err().write("no logs: what a function says with ctx.log stands here when its attempt has ended")
    return Exit.OK


async def _read(store: Store, execution: ExecutionId, after: int) -> AsyncGenerator[tuple[int, LogRecord]]:
    """The records after this one, numbered by the store."""
    while page := await store.logs(execution, after, _PAGE):
        for number, record in page:
            yield number, record
        after = page[-1][0]


def _lines(number: int, record: LogRecord, *, is_first: bool) -> list[str]:
    """A record as a row of the table; the further lines of its message stand under the first."""
    from pectin.cli.paper import pad
    from pectin.cli.words import local_clock

    def row(*cells: str) -> str:
        time, activation, attempt, level, message = cells
        return f"  {pad(time, 12)}  {pad(activation, 16)}  {attempt:>7}  {pad(level, 8)}  {message}".rstrip()

    first, *rest = record.message.split("\n")
    head = [row("time", "activation", "attempt", "level", "message")] if is_first else []
    line = row(local_clock(record.at), record.activation, str(record.attempt), _level(record.level), first)
    return [*head, line, *(row("", "", "", "", text) for text in rest)]


def _level(level: int) -> str:
    import logging

    return logging.getLevelName(level).lower()


def _document(number: int, record: LogRecord) -> dict[str, Any]:
    from pectin.cli.words import utc

    where = {"activation": record.activation, "attempt": record.attempt}
    said = {"level": _level(record.level), "message": record.message}
    return {"type": "log", "number": number, **where, **said, "at": utc(record.at)}

"""Signals: the first Ctrl-C or SIGTERM makes a command hand its work back, and its exit code says which it was."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Generator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from pectin.cli.exit import Exit
from pectin.cli.paper import err

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@contextmanager
def ended_by_sigterm() -> Generator[None]:
    """While work is done without a loop: SIGTERM ends it as Ctrl-C does, so that what it has begun is put away."""

    def end(number: int, frame: object) -> NoReturn:
        raise SystemExit(int(Exit.TERMINATED))

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def stoppable(work: Coroutine[Any, Any, int], go_on: Sequence[str] = ()) -> int:
    """Do the work; on a signal it is cancelled, and gets the time that it takes to hand back. `go_on` are the commands
    that go on with it, as far as it got."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    caught: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        caught.append(number)
        task.cancel()

    for number in _CODES:
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        paper = err()
        paper.write("", "stopped: what was running is handed back")
        paper.write_whole(*(f"  go on    {command}" for command in go_on))
        return _CODES[caught[0]]
    finally:
        for number in _CODES:
            loop.remove_signal_handler(number)

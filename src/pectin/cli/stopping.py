"""Signals: the first Ctrl-C or SIGTERM makes a command hand its work back, and its exit code says which it was."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from pectin.cli.exit import Exit
from pectin.cli.paper import err

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


async def stoppable(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; on a signal it is cancelled, and gets the time that it takes to hand back."""
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
        err().write("", "stopped: what was running is handed back")
        return _CODES[caught[0]]
    finally:
        for number in _CODES:
            loop.remove_signal_handler(number)

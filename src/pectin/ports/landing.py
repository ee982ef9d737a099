"""How a commit comes back: whoever waits for it is told in the moment in which it is known.

A coroutine that awaits learns of it a turn of the event loop later, and is woken through every frame that it is made
of. An engine commits after each step, so it is told by a call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

from pectin.ports.line import Line
from pectin.ports.store import StoreError

log = logging.getLogger("pectin.engine")

Tell = Callable[[Exception | None], None]
"""Is told what went wrong; None if nothing did."""


class Landing:
    """A commit on its way: await it, or let `then` be told. Only one can. If it fails, its line is broken."""

    __slots__ = ("_error", "_is_known", "_line", "_tell")

    def __init__(self, line: Line | None = None) -> None:
        self._line = line
        self._tell: Tell | None = None
        self._is_known = False
        self._error: Exception | None = None

    def then(self, tell: Tell) -> None:
        """Call this when it is known; now, if it is."""
        assert self._tell is None, "only one is told"
        self._tell = tell
        if self._is_known:
            tell(self._error)

    def settle(self, error: Exception | None) -> None:
        """It is durable, or `error` says why nothing was written. Who is told must not raise."""
        self._is_known = True
        self._error = error
        if error is not None and self._line is not None:
            self._line.is_broken = True
        if self._tell is not None:
            try:
                self._tell(error)
            except Exception:
                log.exception("an error of the engine itself")

    def __await__(self) -> Generator[asyncio.Future[None], None, None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.then(partial(resolve, future))
        yield from future


def when_known(landing: Awaitable[None], tell: Tell) -> None:
    """Let somebody be told of what becomes of a commit: at once by a `Landing`, else some turns of the loop later."""
    if isinstance(landing, Landing):
        landing.then(tell)
        return
    task = asyncio.ensure_future(landing)
    _awaited.add(task)
    task.add_done_callback(partial(_tell_of, tell))


_awaited: set[asyncio.Future[None]] = set()
"""A loop only knows its tasks weakly."""


def _tell_of(tell: Tell, task: asyncio.Future[None]) -> None:
    _awaited.discard(task)
    error = StoreError("the commit was cut off") if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    tell(error)


def resolve(future: asyncio.Future[Any], error: BaseException | None, outcome: Any = None) -> None:
    """Tell whoever awaits a future, unless they have given up."""
    if future.done():
        return
    if error is None:
        future.set_result(outcome)
    else:
        future.set_exception(error)

"""A clock that stands still until a test moves it: three days pass in a millisecond, and nothing fires early."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Generator, Sized
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from pectin.core.duration import parse_duration
from pectin.core.error import PectinError
from pectin.runtime.engine import Engine

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROUNDS_MAX = 1_000
"""How often the loop is let run before it is taken for one that never comes to rest."""


class NothingDue(PectinError):
    """Time can't bring what is waited for: nothing is at work, and nothing is due."""


class VirtualClock:
    """A `Clock` for tests. It moves only by `advance` and `until`, from one due time to the next.

    Before each step it lets everything else come to rest: the event loop, and the engines that it is watching
    (`testing.engine` sees to that). Real work, such as a function in a thread, gets `patience_seconds` of real time;
    what takes longer counts as hanging, and time passes over it. Use one clock in one event loop.
    """

    def __init__(self, start: datetime = START, *, patience_seconds: float = 1.0) -> None:
        self._now = (start - _EPOCH) // timedelta(milliseconds=1)
        self._patience_seconds = patience_seconds
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._engines: list[Engine] = []

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return self._now

    async def sleep_until(self, at: int) -> None:
        """Return when `now() >= at`."""
        if at <= self._now:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at, next(self._numbers), woken))
        await woken

    async def advance(self, duration: str | int | timedelta) -> None:
        """Let so much time pass (`"72h"`, whole seconds, a `timedelta`), and all that is due in it happen at its time.

        Raises `BadValue` for what is no duration.
        """
        end = self._now + parse_duration(duration)
        await self.settle()
        while (due := self._next_due()) is not None and due <= end:
            await self._move_to(due)
        self._now = max(self._now, end)

    async def until(self, awaitable: Awaitable[T]) -> T:
        """Let as much time pass as it takes, and return what is awaited. Raises `NothingDue` if time can't help."""
        awaited = asyncio.ensure_future(awaitable)
        try:
            while True:
                at_rest = await self.settle()
                if awaited.done():
                    return await awaited
                due = self._next_due()
                if due is not None:
                    await self._move_to(due)
                elif at_rest:
                    raise NothingDue("nothing is at work and nothing is due: does it wait for a person?")
        finally:
            awaited.cancel()

    async def settle(self) -> bool:
        """Let everything happen that needs no time to pass. False if something real is still at work."""
        while True:
            await _let_run()
            idle = asyncio.ensure_future(_all_idle(self._engines))
            await _let_run()
            if idle.done():
                await idle
                return True
            await asyncio.wait([idle], timeout=self._patience_seconds)
            if not idle.done():
                idle.cancel()
                return False

    @contextmanager
    def watching(self, engine: Engine) -> Generator[None]:
        """Let time pass only when this engine, too, has nothing more to do."""
        self._engines.append(engine)
        try:
            yield
        finally:
            self._engines.remove(engine)

    async def _move_to(self, at: int) -> None:
        self._now = max(self._now, at)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)
        await self.settle()

    def _next_due(self) -> int | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None


async def _all_idle(engines: list[Engine]) -> None:
    for engine in engines:
        await engine.idle()


async def _let_run() -> None:
    """Let the event loop run until nothing in it is ready.

    There is no public way to ask; asyncio's own loops keep what is ready in `_ready`. Others get all the rounds.
    """
    ready: Sized | None = getattr(asyncio.get_running_loop(), "_ready", None)
    for _ in range(_ROUNDS_MAX):
        await asyncio.sleep(0)
        if ready is not None and not ready:
            return

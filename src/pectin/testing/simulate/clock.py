"""The clock of one simulated process: it may go wrong, as real ones do."""

from __future__ import annotations

import asyncio

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z, in milliseconds since the epoch."""


class SimulatedClock:
    """A `Clock` that is `ahead_ms` of the true time, and runs at `rate` times its speed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ahead_ms: int = 0, rate: float = 1.0) -> None:
        self._loop = loop
        self._ahead_ms = ahead_ms
        self._rate = rate
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> int:
        return START + self._ahead_ms + int(self._loop.time() * 1_000 * self._rate)

    async def sleep_until(self, at: int) -> None:
        while (left_ms := at - self.now()) > 0:
            woken: asyncio.Future[None] = self._loop.create_future()
            alarm = self._loop.call_later(left_ms / 1_000 / self._rate + 1e-6, _wake, woken)
            self._sleepers.add(woken)
            try:
                await woken
            finally:
                self._sleepers.discard(woken)
                alarm.cancel()

    def step(self, by_ms: int) -> None:
        """Somebody sets the clock."""
        self._ahead_ms += by_ms
        for woken in self._sleepers:
            _wake(woken)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)

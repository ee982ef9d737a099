"""The real clock."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Wall time of this machine. It decides *when*, never *whether*: fences and unique keys do that."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at: int) -> None:
        """Return when `now() >= at`. Long sleeps are cut up, so that a clock that is set forward is noticed."""
        while (left := at - self.now()) > 0:  # noqa: ASYNC110 - time passes by itself, nobody could set an event
            await asyncio.sleep(min(left / 1000, 60))

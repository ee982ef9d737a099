"""Time, as the engine sees it: a port, so that tests move it by hand."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """When it is, and how to be woken."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...

    async def sleep_until(self, at: int) -> None:
        """Return when `now() >= at`."""
        ...

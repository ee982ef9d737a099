"""How late the event loop is: what others in the process wait while the engine is busy."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from bench.measure import Clock

EVERY_SECONDS = 0.001
"""Between two looks at the loop."""


@contextmanager
def watched_loop(clock: Clock) -> Generator[list[float]]:
    """How many seconds late the event loop calls what is due each millisecond, while this is open."""
    loop = asyncio.get_running_loop()
    late: list[float] = []

    def look(due: float) -> None:
        nonlocal handle
        now = clock()
        late.append(max(0.0, now - due))
        handle = loop.call_later(EVERY_SECONDS, look, now + EVERY_SECONDS)

    handle = loop.call_soon(look, clock())
    try:
        yield late
    finally:
        handle.cancel()

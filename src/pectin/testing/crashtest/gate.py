"""In which order the results of bodies that run side by side reach the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from random import Random
from typing import Final

_SETTLE_SECONDS: Final = 0.003
"""How long the engine has for one result before it gets the next."""

_PATIENCE_SECONDS: Final = 1.0
"""How long a result is kept for others that may come before it."""


class Gate:
    """Lets every result through as it comes."""

    def __init__(self) -> None:
        self.inside = 0

    @contextmanager
    def entered(self) -> Generator[None]:
        """While a body runs."""
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def leave(self) -> None:
        """Return when a result may go on to the engine."""


class Shuffle(Gate):
    """Keeps results until all bodies that run beside them have returned, and lets them go one by one, in an order that
    is drawn from a seed; that of seed 0 is the last one first."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed) if seed else None
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def leave(self) -> None:
        loop = asyncio.get_running_loop()
        let_go: asyncio.Future[None] = loop.create_future()
        self._waiting.append(let_go)
        self._settle(loop)
        hurry = loop.call_later(_PATIENCE_SECONDS, _let_go, let_go)
        try:
            await let_go
        finally:
            hurry.cancel()

    def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None:
            self._timer = loop.call_later(_SETTLE_SECONDS, self._let_one_go, loop)

    def _let_one_go(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._waiting = [waiting for waiting in self._waiting if not waiting.done()]
        if self._waiting and not self.inside:
            _let_go(self._waiting.pop(-1 if self._random is None else self._random.randrange(len(self._waiting))))
        if self._waiting:
            self._settle(loop)


def _let_go(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)

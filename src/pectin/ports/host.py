"""What an engine takes from the process that it runs in, besides its store and the time: chance, calls of bodies, and
when to look for what others wrote.

It is a port so that a simulation can draw every chance from a seed, and stand between the engine and each body.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Function, Request
from pectin.ports.store import Store


class Host(Protocol):
    """The process of one engine."""

    @property
    def name(self) -> str:
        """The engine's name as a worker, unlike that of any other."""
        ...

    def draw(self) -> float:
        """A random number from 0 up to 1."""
        ...

    def new_id(self) -> ExecutionId:
        """An id that no execution has."""
        ...

    def call(self, function: Function, request: Request) -> Awaitable[Conclusion]:
        """Enter a body. One that isn't async must not hold up the loop; when its call is cancelled, it may go on."""
        ...

    async def look_out(self, store: Store) -> None:
        """Return when it is time to look whether anybody else has written to the store: at its `news`."""
        ...

    def close(self) -> None:
        """Let go of what calls have left, and wait for none of them."""
        ...

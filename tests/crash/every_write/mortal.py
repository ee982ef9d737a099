"""A process that can die at each of its writes and at each line that a body writes to the ledger."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Protocol, cast

from pectin.ports.store import Store
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.loop import Process

WRITES = frozenset({"take", "publish", "commit", "send", "expire", "forget"})
"""The verbs of a store that write."""

WRITE_MS = 1
"""What goes on beside a write has that long for it."""


async def pass_time(milliseconds: int) -> None:
    """Let simulated time pass."""
    clock = SimulatedClock(asyncio.get_running_loop())
    await clock.sleep_until(clock.now() + milliseconds)


class When(StrEnum):
    """`after` a write it is durable and nobody has been told; `inside`, all of it was said and nothing is durable."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


class Moment(NamedTuple):
    """A life ends at its `number`-th `write`, or at the `number`-th `line` of its bodies."""

    what: str
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.number}"


class Died(BaseException):
    """Raised in what was running when its process died. Whatever catches it can do nothing any more."""


class Fate(Protocol):
    """Who decides when a process dies."""

    def pass_by(self, what: str, number: int, when: When) -> None:
        """Something is about to happen, or has. Kills the process if that is its moment."""
        ...


class Mortal:
    """A store as one process has it: when the process is dead, nothing comes through."""

    def __init__(self, inner: Store, process: Process, fate: Fate) -> None:
        self._inner = inner
        self._process = process
        self._fate = fate
        self._inside: list[int] = []
        self._turn: asyncio.Event | None = None
        self.writes = 0
        self.verbs: list[str] = []

    def __getattr__(self, name: str) -> Any:
        verb: Any = getattr(self._inner, name)
        if name not in WRITES:
            return verb

        def begin(*given: Any, **named: Any) -> Any:
            self.writes += not self._process.is_dead
            self.verbs.append(name)
            before, self._turn = self._turn, asyncio.Event()
            return write(self.writes, before, self._turn, partial(verb, *given, **named))

        async def write(number: int, before: asyncio.Event | None, turn: asyncio.Event, apply: Any) -> Any:
            await self._live()
            await self._take_time(before, turn)
            self._fate.pass_by("write", number, When.BEFORE)
            await self._live()
            self._inside.append(number)
            done = await apply()
            self._fate.pass_by("write", number, When.AFTER)
            await self._live()
            return done

        return begin

    async def _take_time(self, before: asyncio.Event | None, turn: asyncio.Event) -> None:
        """Let others go on for a while, but apply writes in the order of their calls."""
        await pass_time(WRITE_MS)
        if before is not None:
            await before.wait()
        await self._live()
        turn.set()  # the next runs when this one has asked the store, at its next await

    def before_commit(self) -> None:
        """What a store calls inside of its transaction, which may be that of several writes."""
        group, self._inside = self._inside, []
        for number in group:
            self._fate.pass_by("write", number, When.INSIDE)
        if self._process.is_dead:
            raise RuntimeError("the process is dead: nothing of this is committed")

    async def _live(self) -> None:
        if self._process.is_dead:
            await asyncio.Event().wait()


def mortal(inner: Store, process: Process, fate: Fate) -> tuple[Store, Mortal]:
    """The store, as an engine sees it and as a trial does."""
    store = Mortal(inner, process, fate)
    return cast(Store, store), store

"""A simulated process's way to its store: everything takes time, commits go in groups, and all of it can fail."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from random import Random
from typing import Protocol

from pectin.core.audit import Finding
from pectin.core.identity import ExecutionId
from pectin.ports.landing import Landing
from pectin.ports.store import (
    Commit,
    Find,
    Listen,
    LogRecord,
    Match,
    Message,
    PublishedDefinition,
    Row,
    Store,
    StoreBroken,
    Stored,
    StoreError,
    Summary,
    VersionConflict,
)
from pectin.testing.simulate.fault import Dice, Fault
from pectin.testing.simulate.loop import Process

DELAY_SECONDS_MAX = 0.02
GROUP_MAX = 4
STORM_MAX = 6


class Place(Protocol):
    """What stores at one place share: the dice, and who is to be told what."""

    dice: Dice
    random: Random

    def applied(self, commit: Commit) -> None:
        """A commit was applied."""
        ...

    def wrote(self, store: SimulatedStore) -> None:
        """A store has written something, and the others may be told."""
        ...

    def kill(self, process: Process) -> None:
        """Crash a process."""
        ...


class SimulatedStore:
    """A `Store` on top of another, which answers at once and never fails by itself. While an engine has it, it
    `is_listening`: nobody else wants to be told what others write."""

    def __init__(self, inner: Store, place: Place, process: Process) -> None:
        self.process = process
        self._inner = inner
        self._place = place
        self._queue: deque[tuple[Commit, Landing]] = deque()
        self._is_writing = False
        self._is_broken = False
        self._storm = 0
        self.is_listening = False
        self._told = asyncio.Event()

    # -- hints ----------------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Tell this one that another wrote."""
        self._told.set()

    async def news(self) -> None:
        self._check()
        self._inner.changed()  # raises once it is closed
        await self._told.wait()

    def changed(self) -> bool:
        self._check()
        self._inner.changed()  # raises once it is closed; what it says is true at once, and hints are not
        told = self._told.is_set()
        self._told.clear()
        return told

    # -- commits --------------------------------------------------------------------------------------------------

    def commit(self, commit: Commit) -> Awaitable[None]:
        landing = Landing(commit.line)
        if self._is_broken:
            landing.settle(self._failure())
            return landing
        self._queue.append((commit, landing))
        if not self._is_writing:
            self._is_writing = True
            self.process.begin(self._write())
        return landing

    async def _write(self) -> None:
        while self._queue:
            await self._take_time()
            group = [self._queue.popleft() for _ in range(min(len(self._queue), GROUP_MAX))]
            outcomes = await self._write_group([commit for commit, _ in group])
            await self._take_time()
            for (_, landing), outcome in zip(group, outcomes, strict=True):
                landing.settle(outcome)
        self._is_writing = False

    async def _write_group(self, group: list[Commit]) -> list[Exception | None]:
        dice = self._place.dice
        if self._is_broken or dice.hits(Fault.STORE_ERROR, 0.02):
            return [self._refuse(commit, self._failure()) for commit in group]
        torn_at = len(group) // 2 if len(group) > 1 and dice.hits(Fault.TORN_GROUP, 0.1) else -1
        outcomes: list[Exception | None] = []
        for index, commit in enumerate(group):
            if index == torn_at:
                await self._die()
            outcomes.append(await self._apply(commit))
        self._place.wrote(self)
        if dice.hits(Fault.CRASH_IN_COMMIT, 0.01):
            await self._die()
        if dice.hits(Fault.LOST_REPLY, 0.005):
            self._is_broken = True
            return [self._refuse(commit, self._failure()) for commit in group]
        return outcomes

    async def _apply(self, commit: Commit) -> Exception | None:
        if commit.expected and self._is_stormy():
            return self._refuse(commit, VersionConflict("others come first"))
        try:
            await self._inner.commit(commit)
        except Exception as problem:
            return problem
        self._place.applied(commit)
        return None

    def _is_stormy(self) -> bool:
        """Whether another writer comes first: once one does, often more do."""
        if not self._storm:
            hit = self._place.dice.hits(Fault.CONFLICTS, 0.02)
            self._storm = self._place.random.randint(1, STORM_MAX) if hit else 0
            if not hit:
                return False
        self._storm -= 1
        return True

    def _refuse(self, commit: Commit, why: Exception) -> Exception:
        if commit.line is not None:
            commit.line.is_broken = True
        return why

    def _failure(self) -> StoreError:
        return StoreBroken("nobody knows what was written") if self._is_broken else StoreError("the store can't write")

    async def _die(self) -> None:
        self._place.kill(self.process)
        await asyncio.Event().wait()

    async def _take_time(self) -> None:
        await asyncio.sleep(self._place.random.random() * DELAY_SECONDS_MAX)

    async def _ask(self) -> Store:
        """The store, a moment later, if it can be reached."""
        await self._take_time()
        self._check()
        return self._inner

    def _check(self) -> None:
        if self._is_broken:
            raise self._failure()

    # -- everything else ------------------------------------------------------------------------------------------

    @property
    def speaks_sql(self) -> bool:
        return self._inner.speaks_sql

    async def take(self) -> int:
        self.is_listening = True
        fence = await (await self._ask()).take()
        self._place.wrote(self)
        return fence

    async def in_charge(self) -> bool:
        return await (await self._ask()).in_charge()

    async def publish(self, definition: PublishedDefinition) -> None:
        await (await self._ask()).publish(definition)
        self._place.wrote(self)

    async def definition(self, hash: str) -> PublishedDefinition | None:
        return await (await self._ask()).definition(hash)

    async def registered(self, workflow_id: str, version: str) -> PublishedDefinition | None:
        return await (await self._ask()).registered(workflow_id, version)

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        await (await self._ask()).forget(execution, now)
        self._place.wrote(self)

    async def load(self, execution: ExecutionId) -> Stored | None:
        return await (await self._ask()).load(execution)

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        return await (await self._ask()).history(execution, after, limit)

    async def evidence(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> Stored | None:
        return await (await self._ask()).evidence(execution, after, limit)

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await (await self._ask()).claim(now, fence, workflows, limit)

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        return await (await self._ask()).next_due(after, workflows)

    async def send(self, message: Message) -> bool:
        is_new = await (await self._ask()).send(message)
        self._place.wrote(self)
        return is_new

    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        return await (await self._ask()).matches(workflows, limit)

    async def waits(self, execution: ExecutionId) -> list[Listen]:
        return await (await self._ask()).waits(execution)

    async def check(self, *, mend: bool = False) -> list[Finding]:
        return await (await self._ask()).check(mend=mend)

    async def expire(self, now: int) -> int:
        return await (await self._ask()).expire(now)

    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        return await (await self._ask()).logs(execution, after, limit)

    async def find(self, find: Find) -> list[Summary]:
        return await (await self._ask()).find(find)

    async def close(self) -> None:
        self.is_listening = False
        while self._is_writing:
            await self._take_time()
        await self._inner.close()

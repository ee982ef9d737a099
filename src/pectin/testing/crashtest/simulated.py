"""Trials in one process and in virtual time: a crash is the end of all that a simulated process would still do.

Bodies run in the simulation's loop. What they do beyond it is theirs: a body that waits for a network or a thread of
its own needs a real process.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Final, Literal, Protocol, cast
from uuid import UUID

from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Function, Request
from pectin.ports.store import Store
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.gate import Gate
from pectin.testing.crashtest.ledger import Entered, Ledger, MemoryLedger
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.living import live
from pectin.testing.crashtest.observe import read_tables
from pectin.testing.crashtest.outcome import End, Outcome, still_running
from pectin.testing.crashtest.point import Point
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.loop import Deadlock, Process, SeededLoop

DATABASE: Final = "pectin.db"
_SHARED_MEMORY: Final = Path("/dev/shm")


class Disk(Protocol):
    """What outlives a process."""

    def open(self, before_commit: Callable[[], None]) -> Store:
        """A new process opens its store."""
        ...

    def crash(self) -> None:
        """The process is gone; what the store holds at this instant stays."""
        ...

    def tables(self) -> dict[str, list[list[Any]]]:
        """The rows of the user's own tables."""
        ...


class MemoryDisk:
    """A memory store. It has no inside of a commit: that is before it."""

    def __init__(self, make: Callable[[Memory], Store] = MemoryStore) -> None:
        self._memory = Memory()
        self._make = make

    def open(self, before_commit: Callable[[], None]) -> Store:
        return self._make(self._memory)

    def crash(self) -> None:
        self._memory.in_charge = None

    def tables(self) -> dict[str, list[list[Any]]]:
        return {}


class SqliteDisk:
    """A SQLite file. At a crash it is copied as it is then, with its log, and the next process opens the copy: what the
    dead one still has open can't change it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "life-1"
        self._folder.mkdir()
        self._lives = 1

    def open(self, before_commit: Callable[[], None]) -> Store:
        return SqliteStore(str(self._folder / DATABASE), fast=True, before_commit=before_commit)

    def crash(self) -> None:
        self._lives += 1
        image = self._folder.with_name(f"life-{self._lives}")
        image.mkdir()
        for name in (DATABASE, f"{DATABASE}-wal"):
            if (file := self._folder / name).exists():
                shutil.copyfile(file, image / name)
        self._folder = image

    def tables(self) -> dict[str, list[list[Any]]]:
        return read_tables(self._folder / DATABASE)


class LoopHost:
    """A `Host` without threads: a body that isn't async runs on the loop, and takes no time."""

    def __init__(self, name: str, random: Random) -> None:
        self.name = name
        self._random = random

    def draw(self) -> float:
        return self._random.random()

    def new_id(self) -> ExecutionId:
        return ExecutionId(UUID(int=self._random.getrandbits(128), version=4))

    async def call(self, function: Function, request: Request) -> Conclusion:
        conclusion = function.call(request)
        return await cast("Awaitable[Conclusion]", conclusion) if function.is_async else cast(Conclusion, conclusion)

    async def look_out(self, store: Store) -> None:
        await asyncio.get_running_loop().create_future()  # nobody else writes

    def close(self) -> None:
        """There is nothing to let go."""


class LoopClock(SimulatedClock):
    """Time passes by itself when nothing is ready."""

    async def leap(self, to: int) -> None:
        await self.sleep_until(to)


class _Loop(SeededLoop):
    """A store on a slow disk commits in a thread; here nothing is slow."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as problem:
            done.set_exception(problem)
        return done


def simulate_trial(
    case: Case,
    points: Sequence[Point] = (),
    *,
    store: Literal["memory", "sqlite"] = "memory",
    seed: int = 0,
    gate: Callable[[], Gate] = Gate,
    disk: Disk | None = None,
) -> Outcome:
    """One trial: each life ends at its point, and the one after the last point goes on to the end.

    A body that blocks for longer than a trial may take can't be stopped here: it is left behind, in its thread.
    """
    folder = Path(tempfile.mkdtemp(prefix="pectin-", dir=_SHARED_MEMORY if _is_writable(_SHARED_MEMORY) else None))
    on = disk or (MemoryDisk() if store == "memory" else SqliteDisk(folder))
    ledger = MemoryLedger()
    done: Future[Outcome] = Future()

    def simulate() -> None:
        try:
            done.set_result(_simulate(case, points, on, ledger, Random(seed), gate))
        except BaseException as problem:  # it is the caller's
            done.set_exception(problem)

    try:
        Thread(target=simulate, daemon=True).start()  # the thread of the caller may have a loop of its own
        if not wait([done], case.seconds_max).done:
            records = ledger.read()
            life = max((record.life for record in records if isinstance(record, Entered)), default=1)
            detail = f"it had not ended after {case.seconds_max:g} s{still_running(records, life)}"
            return Outcome(End.HUNG, ledger=records, lives=life, detail=detail, points=list(points))
        return done.result()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _simulate(
    case: Case, points: Sequence[Point], disk: Disk, ledger: Ledger, random: Random, gate: Callable[[], Gate]
) -> Outcome:
    loop = _Loop(random)
    try:
        outcome = loop.run(_live_all(loop, case, points, disk=disk, ledger=ledger, random=random, gate=gate))
    except Deadlock as deadlock:
        outcome = Outcome(End.HUNG, ledger=ledger.read(), detail=str(deadlock))
    outcome.points = list(points)
    outcome.tables = disk.tables()
    return outcome


async def _live_all(
    loop: SeededLoop,
    case: Case,
    points: Sequence[Point],
    *,
    disk: Disk,
    ledger: Ledger,
    random: Random,
    gate: Callable[[], Gate],
) -> Outcome:
    for number in count(1):
        process = loop.process(f"life-{number}")
        killed: asyncio.Future[None] = loop.create_future()
        point = points[number - 1] if number <= len(points) else None
        life = Life(number, ledger, gate(), point, partial(_kill, process, disk, killed))
        host, clock = LoopHost(process.name, random), LoopClock(loop)
        task = process.spawn(live(life, case, disk.open(life.before_commit), host, clock))
        await asyncio.wait([task, killed], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    raise AssertionError("each life ends")


def _kill(process: Process, disk: Disk, killed: asyncio.Future[None]) -> None:
    process.crash()
    disk.crash()
    killed.set_result(None)


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK)

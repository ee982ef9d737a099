"""Bugs that are planted in the store and in the engine: each turns a crash test red."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pectin.core.decide import attempt, doubt
from pectin.ports.store import Commit, Store
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing.crashtest import Case, MemoryDisk, Plan, Point, parse_point, simulate_trial, try_crashes
from pectin.testing.crashtest.compare import Kind, compare, settle_on
from pectin.testing.crashtest.facts import Facts
from tests.testing.crashtest.flows import careless, doubtful

CASE = Case(careless)


def kinds(point: Point, disk: Callable[[], MemoryDisk], case: Case = CASE) -> set[Kind]:
    """What is different in a trial on a planted disk."""
    first = simulate_trial(case, disk=disk())
    calm = settle_on(first, first, (None, None))
    trial = simulate_trial(case, [point], disk=disk())
    return {difference.kind for difference in compare(calm, trial, (None, None), Facts(case))}


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


class Lying(MemoryDisk):
    """It says that the last commit is durable, and it is not."""

    def __init__(self) -> None:
        super().__init__(self._open)
        self.before: dict[str, Any] = {}

    def _open(self, memory: Memory) -> Store:
        remember = self._remember

        class Store(MemoryStore):
            async def commit(self, commit: Commit) -> None:
                remember(memory)
                await super().commit(commit)

        return Store(memory)

    def _remember(self, memory: Memory) -> None:
        memory_in_charge, memory.in_charge = memory.in_charge, None
        self.before = deepcopy(vars(memory))
        memory.in_charge = memory_in_charge
        self.memory = memory

    def crash(self) -> None:
        vars(self.memory).update(self.before)
        super().crash()


class Tearing(Lying):
    """It writes the last commit's history, and not what stands beside it."""

    def crash(self) -> None:
        written = {id: list(execution.rows) for id, execution in self.memory.executions.items()}
        super().crash()
        for id, execution in self.memory.executions.items():
            execution.rows[:] = written[id]


class Stranding(MemoryStore):
    """It forgets when an execution wants attention."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(msgspec.structs.replace(commit, due=None))


@pytest.mark.parametrize("point", ["commit-2:before", "commit-3:after", "pay:after-body"])
def test_a_sound_store_is_clean(point: str) -> None:
    assert kinds(parse_point(point), MemoryDisk) == set()


def test_a_commit_that_was_acknowledged_and_is_lost_is_found() -> None:
    assert Kind.LOST in kinds(parse_point("commit-3:before"), Lying)


def test_a_commit_that_is_torn_is_found() -> None:
    assert kinds(parse_point("commit-3:after"), Tearing) & {Kind.AUDIT, Kind.BROKEN}


def test_an_execution_that_nobody_wakes_is_found() -> None:
    found = kinds(parse_point("pay:before-body"), lambda: MemoryDisk(Stranding))
    assert Kind.STRANDED in found


def test_a_once_body_that_is_entered_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(turn: object, activation: object) -> bool:
        return False

    monkeypatch.setattr(doubt, "is_once", never)
    monkeypatch.setattr(attempt, "is_once", never)
    assert Kind.ONCE_TWICE in kinds(parse_point("pay:after-body"), MemoryDisk, Case(doubtful))


def test_real_processes_find_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that acknowledges what is on its way. Who reads it waits for that, so only a crash shows it."""
    pending: list[asyncio.Task[None]] = []
    commit = SqliteStore.commit

    async def write_later(self: SqliteStore, written: Commit) -> None:
        soon = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, soon.set)
        await soon.wait()
        await commit(self, written)

    async def commit_too_soon(self: SqliteStore, written: Commit) -> None:
        await asyncio.gather(*pending)
        pending[:] = [asyncio.ensure_future(write_later(self, written))]

    def awaiting(read: Callable[..., Any]) -> Callable[..., Any]:
        async def wait_and_read(self: SqliteStore, *args: Any, **options: Any) -> Any:
            await asyncio.gather(*pending)
            return await read(self, *args, **options)

        return wait_and_read

    monkeypatch.setattr(SqliteStore, "commit", commit_too_soon)
    for verb in ("load", "find", "history", "claim"):
        monkeypatch.setattr(SqliteStore, verb, awaiting(getattr(SqliteStore, verb)))
    report = try_crashes(Case(careless, seconds_max=5), Plan(at=["pay:before-body"]))
    assert [failure.kind for failure in report.failures] == [Kind.LOST]
    assert "please report it" in report.failures[0].mend[0]

"""What is in a store, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin import testing
from pectin.core.status import WorkflowStatus
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing.crashtest.observe import observe, read_tables
from tests.testing.crashtest.flows import careless, rows, wide


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


async def test_children_have_the_path_that_leads_to_them() -> None:
    store, clock = MemoryStore(), testing.VirtualClock()
    async with testing.engine(wide, store=store, clock=clock) as engine:
        execution = await engine.start(wide)
        assert await testing.until_waiting(execution) == ("rest",)
        observed = await observe(store)
        assert set(observed.executions) == {"", "ship"}
        assert observed.findings == []
        assert observed.executions["ship"].status is WorkflowStatus.COMPLETED
        assert observed.executions[""].version == len(observed.executions[""].events)


async def test_two_that_nobody_runs_are_told_apart() -> None:
    store = MemoryStore()
    async with testing.engine(careless, store=store) as engine:
        first = await engine.start(careless)
        second = await engine.start(careless)
        await testing.until_waiting(second)
        observed = await observe(store)
    assert set(observed.executions) == {"", second.id.to_json()}
    assert observed.executions[""].execution_id == first.id.to_json()


async def test_damage_is_a_finding() -> None:
    memory = Memory()
    store = MemoryStore(memory)
    async with testing.engine(careless, store=store) as engine:
        execution = await engine.start(careless)
        await testing.until_waiting(execution)
        rows = memory.executions[execution.id].rows
        rows[:], kept = rows[:-1], rows[-1:]
        assert "version_differs" in {finding.code for finding in (await observe(store)).findings}
        rows += kept
        assert (await observe(store)).findings == []


async def test_only_the_users_tables_are_read(tmp_path: Path) -> None:
    assert read_tables(tmp_path / "none.db") == {}
    store = SqliteStore(str(tmp_path / "pectin.db"))
    async with testing.engine(rows, store=store) as engine:
        await (await engine.start(rows)).result()
    await store.close()
    assert read_tables(tmp_path / "pectin.db") == {"bookings": [["A-1"]]}

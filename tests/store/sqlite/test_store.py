"""The SQLite store keeps the contract, beside other stores and processes too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pectin.ports.store import Find, StoreError
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract import CASES, SQL_CASES, Case, name_of, run
from pectin.testing.store_contract.sample import REFUND, body, ready, refused, started, step, version

PUBLISH = """
import asyncio, sys
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.sample import REFUND

async def publish():
    store = SqliteStore(sys.argv[1])
    await store.publish(REFUND)
    await store.close()

asyncio.run(publish())
"""


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize("case", CASES + SQL_CASES, ids=name_of)
async def test_contract(case: Case, fast: bool, tmp_path: Path) -> None:
    await run(case, lambda: SqliteStore(str(tmp_path / "pectin.db"), fast=fast))


def test_processes_that_make_the_store_at_once_share_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "pectin.db"
    children = [subprocess.Popen([sys.executable, "-c", PUBLISH, str(path)]) for _ in range(6)]
    assert [child.wait() for child in children] == [0] * 6


async def test_another_process_is_noticed(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    store = SqliteStore(path)
    assert not store.changed()
    subprocess.run([sys.executable, "-c", PUBLISH, path], check=True)
    assert store.changed()
    assert not store.changed()
    assert await store.definition(REFUND.hash) == REFUND
    await store.close()


async def test_a_link_and_its_file_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "pectin.db")
    store, fence = await ready(lambda: SqliteStore(str(tmp_path / "link.db")))
    execution = await started(store, fence)
    other = SqliteStore(str(tmp_path / "pectin.db"), must_exist=True)
    assert await version(other, execution) == 2
    await other.close()
    await store.close()


async def test_damage_is_reported_and_nothing_is_lost_silently(tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    store, fence = await ready(lambda: SqliteStore(str(path)))
    execution = await started(store, fence)
    await store.close()
    page = path.read_bytes().index(body("created")) // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    damaged = SqliteStore(str(path))
    error = await refused(StoreError, damaged.load(execution))
    assert "pectin.db is damaged" in str(error)
    assert "restore a backup" in str(error)
    await refused(StoreError, damaged.commit(step(execution, 2, fence)))
    await damaged.close()


async def test_an_id_or_the_end_of_one_is_found_by_an_index(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "pectin.db"))
    reader: Any = store._reader  # pyright: ignore[reportPrivateUsage]
    asked: list[tuple[str, Any]] = []

    def note(_cursor: Any, sql: str, bindings: Any) -> bool:
        asked.append((sql, bindings))
        return True

    reader.exec_trace = note
    await store.find(Find(id_suffix="3f7c41"))
    reader.exec_trace = None
    (query,) = [(sql, bindings) for sql, bindings in asked if "substr" in sql]
    plan = [row[3] for row in reader.execute(f"explain query plan {query[0]}", query[1]).fetchall()]
    assert plan[0].startswith("SEARCH e USING INDEX suffix")
    await store.close()

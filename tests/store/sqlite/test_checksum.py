"""What was changed on the disk is found when it is read, also in stores from before there were checksums."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.store import Damaged, Row
from pectin.runtime.loading import all_rows
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.checksum import history_checksum, snapshot_checksum
from pectin.store.sqlite.connection import open_writer
from pectin.store.sqlite.statement import MIGRATIONS
from pectin.testing.store_contract.sample import body, ready, refused, started, step


def test_sums_on_disk_stay_the_same_for_ever() -> None:
    assert history_checksum(b"x" * 16, 3, 2, "pay", b'["paid"]') == 2375736200
    assert history_checksum(b"x" * 16, 3, 2, None, b'["paid"]') == 2041362572
    assert snapshot_checksum(b"x" * 16, 3, b"{}") == 2279692354


async def written(path: Path) -> ExecutionId:
    """A closed store, whose only execution has a snapshot at version 3, and is at 4."""
    store, fence = await ready(lambda: SqliteStore(str(path)))
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, snapshot=b"at 3"))
    await store.commit(step(execution, 3, fence, "pay"))
    await store.close()
    return execution


def change(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)  # pyright: ignore[reportUnknownMemberType]
    connection.close()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("update history set body = x'5b5d' where seq = 4", "its history from 4 on is not what was written"),
        ("update history set settles = 'pray' where seq = 4", "its history from 4 on is not what was written"),
        ("update history set seq = 5 where seq = 4", "its history from 5 on is not what was written"),
        ("update history set checksum = null where seq = 4", "its history from 4 on is not what was written"),
        ("delete from history where seq = 3", "its history lacks what is between 2 and 4"),
        ("delete from history where seq = 4", "its history ends at 3, and it is at version 4"),
    ],
)
async def test_a_history_that_was_changed_is_refused(sql: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    execution = await written(path)
    change(path, sql)
    store = SqliteStore(str(path))
    error = await refused(Damaged, all_rows(store, execution))
    assert str(error) == f"{execution} is damaged: {words}. Restore a backup."
    await store.close()


@pytest.mark.parametrize("sql", ["update snapshots set body = x'61'", "update snapshots set version = 4"])
async def test_a_snapshot_that_was_changed_is_left_out(sql: str, tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    execution = await written(path)
    change(path, sql)
    store = SqliteStore(str(path))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.snapshot, stored.snapshot_version, len(stored.rows)) == (None, 0, 3)
    await store.close()


async def test_one_damaged_execution_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    execution = await written(path)
    store, fence = await ready(lambda: SqliteStore(str(path)))
    other = await started(store, fence)
    change(path, "update history set body = x'5b5d' where seq = 4")
    await refused(Damaged, store.load(execution))
    assert await store.history(other) == [Row(1, 2, body("created"))]
    await store.close()


async def test_what_is_older_than_checksums_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    execution = await written(path)
    change(
        path,
        "alter table history drop column checksum; alter table snapshots drop column checksum; "
        "delete from migrations where number = 3",
    )
    store = SqliteStore(str(path))
    stored = await store.load(execution)
    assert stored is not None
    assert stored.snapshot is None
    assert [row.seq for row in stored.rows] == [1, 3, 4]
    await store.close()
    connection = open_writer(str(path), False, MIGRATIONS)
    with pytest.raises(apsw.SQLError, match="no such function: history_checksum"):
        connection.execute("select history_checksum(1, 2, 3, 4, 5)")
    connection.close()

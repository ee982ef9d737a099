"""How a store's file is made, checked and opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from pectin.ports.store import StoreBusy, StoreError
from pectin.store.migrate import Migration
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import APPLICATION_ID, open_reader, open_writer
from pectin.store.sqlite.statement import MIGRATIONS

NORMAL, FULL = 1, 2
NEXT = Migration(len(MIGRATIONS) + 1, "0099_more", "create table more (a)")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "pectin.db")


@pytest.fixture
def trace() -> Iterator[list[str]]:
    """The SQL that new connections run."""
    statements: list[str] = []

    def note(_cursor: Any, statement: str, _bindings: Any) -> bool:
        statements.append(statement)
        return True

    def hook(connection: apsw.Connection) -> None:
        connection.exec_trace = note

    apsw.connection_hooks.append(hook)
    yield statements
    apsw.connection_hooks.remove(hook)


@pytest.mark.parametrize(("fast", "synchronous"), [(False, FULL), (True, NORMAL)])
def test_the_tier_is_really_set_on_new_and_old_files(path: str, fast: bool, synchronous: int) -> None:
    for _ in range(2):
        connection = open_writer(path, fast, MIGRATIONS)
        assert connection.pragma("synchronous") == synchronous
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("application_id") == APPLICATION_ID
        connection.close()


def test_a_file_is_made_with_extra_and_turned_to_wal_afterwards(path: str, trace: list[str]) -> None:
    open_writer(path, True, MIGRATIONS).close()
    text = "\n".join(trace).lower()
    assert 0 <= text.index("extra") < text.index("create table engine") < text.index("commit") < text.index("wal")


def test_readers_cannot_write(path: str) -> None:
    open_writer(path, False, MIGRATIONS).close()
    reader = open_reader(path)
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("delete from history")
    reader.close()


def test_a_file_of_another_program_is_refused_and_left_alone(path: str) -> None:
    other: Any = apsw.Connection(path)
    other.execute("create table notes (text)")
    other.close()
    before = Path(path).read_bytes()
    with pytest.raises(StoreError, match="is a database of another program"):
        SqliteStore(path)
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize("content", [b"hello", b"not a database, but long enough to be one\n" * 1000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
    with pytest.raises(StoreError, match=r"pectin\.db is no SQLite database"):
        SqliteStore(path)
    assert Path(path).read_bytes() == content


async def test_an_empty_file_is_a_new_store(path: str) -> None:
    Path(path).touch()
    store = SqliteStore(path)
    assert await store.take() == 1
    await store.close()


def test_a_store_of_a_newer_pectin_is_refused(path: str) -> None:
    open_writer(path, False, [*MIGRATIONS, NEXT]).close()
    with pytest.raises(StoreError, match="newer Pectin"):
        SqliteStore(path)


def test_a_store_with_another_layout_is_refused(path: str) -> None:
    open_writer(path, False, [Migration(1, "0001_first", MIGRATIONS[0].sql + "-- changed")]).close()
    with pytest.raises(StoreError, match="another migration 0001_first"):
        SqliteStore(path)


def test_an_older_store_is_migrated(path: str) -> None:
    open_writer(path, False, MIGRATIONS).close()
    for _ in range(2):
        connection = open_writer(path, False, [*MIGRATIONS, NEXT])
        assert connection.execute("select * from more").fetchall() == []
        connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(path: str) -> None:
    open_writer(path, False, MIGRATIONS).close()
    broken = Migration(NEXT.number, NEXT.name, NEXT.sql + "; nonsense")
    with pytest.raises(apsw.SQLError):
        open_writer(path, False, [*MIGRATIONS, broken])
    open_writer(path, False, MIGRATIONS).close()


async def test_nothing_is_migrated_under_an_engine(path: str) -> None:
    store = SqliteStore(path)
    await store.take()
    with pytest.raises(StoreBusy):
        open_writer(path, False, [*MIGRATIONS, NEXT])
    await store.close()
    open_writer(path, False, [*MIGRATIONS, NEXT]).close()

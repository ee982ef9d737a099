"""Every statement fits the layout, and the frequent ones use its indexes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pectin.store.sqlite.connection import Connection, open_writer
from pectin.store.sqlite.statement import MIGRATIONS, SQL

STATEMENTS = {name: sql.replace("{conditions}", "e.start_key = :key") for name, sql in SQL.items()}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = open_writer(str(tmp_path / "pectin.db"), True, MIGRATIONS)
    yield connection
    connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_fits_the_layout(name: str, connection: Connection) -> None:
    assert _plan(connection, name) is not None


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - {"raise_term"}))
def test_it_reads_no_whole_table(name: str, connection: Connection) -> None:
    scans = [line for line in _plan(connection, name) if line.startswith("SCAN")]
    assert [line for line in scans if line != "SCAN CONSTANT ROW" and "json_each" not in line] == []


@pytest.mark.parametrize("name", ["claim_orphans", "claim_due", "next_due"])
def test_the_agenda_is_read_in_its_order(name: str, connection: Connection) -> None:
    plan = "\n".join(_plan(connection, name))
    assert "USING INDEX agenda" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("awaited_keys", "awaited"),
        ("waiting_for", "waiting"),
        ("oldest", "addressed"),
        ("await_oldest", "addressed"),
        ("expire_messages", "expiring"),
        ("expire_keys", "forgetting"),
        ("logs_after", "logged"),
        ("forget_logs", "logged"),
    ],
)
def test_messages_and_logs_are_found_by_their_indexes_in_order(name: str, index: str, connection: Connection) -> None:
    plan = "\n".join(_plan(connection, name))
    assert f"INDEX {index} " in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


def _plan(connection: Connection, name: str) -> list[str]:
    plan = connection.execute(f"explain query plan {STATEMENTS[name]}", _Nothing())
    return [str(row[3]) for row in plan]


class _Nothing(dict[str, None]):
    def __missing__(self, key: str) -> None:
        return None

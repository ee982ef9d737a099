"""SQL of a node's reaches its own tables and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import apsw
import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.store import Statement, StatementFailed, Store, StoreError
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import open_writer
from pectin.store.sqlite.statement import MIGRATIONS, SQL
from pectin.store.sqlite.user_sql import OWN_INDEXES, OWN_TABLES, UserSql
from pectin.testing.store_contract.sample import ready, refused, started, step, version


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "pectin.db")


@pytest.fixture
async def store(path: str) -> AsyncIterator[Store]:
    store, fence = await ready(lambda: SqliteStore(path))
    await store.commit(
        step(await started(store, fence), 2, fence, statements=[Statement("create table mine (a, start)")])
    )
    yield store
    await store.close()


async def run(store: Store, *statements: str) -> ExecutionId:
    execution = await started(store, 0)
    await store.commit(step(execution, 2, 0, statements=[Statement(sql) for sql in statements]))
    return execution


def names(path: str, kind: str) -> set[str]:
    """What the file has of that kind, but for SQLite's own."""
    connection = open_writer(path, False, MIGRATIONS)
    found = connection.execute("select name from sqlite_master where type = ? and name not like 'sqlite_%'", (kind,))
    all_names = {name for (name,) in found}
    connection.close()
    return all_names


def test_the_guarded_tables_and_indexes_are_those_of_the_migrations(path: str) -> None:
    assert names(path, "table") == OWN_TABLES
    assert names(path, "index") == OWN_INDEXES


@pytest.mark.parametrize("table", sorted(OWN_TABLES))
async def test_our_tables_are_refused_by_name(table: str, store: Store) -> None:
    for sql in (
        f"select * from {table}",
        f"select count(*) from main.{table.upper()}",
        f"insert into mine select 1, 2 from {table}",
        f"delete from {table}",
        f"delete from mine where a in (select 1 from {table})",
        f"drop table {table}",
        f"alter table {table} add column extra",
        f"alter table {table} rename to other",
        f"create index extra on {table} (rowid)",
        f"create trigger extra after insert on {table} begin select 1; end",
        f"create table if not exists {table} (a)",
    ):
        error = await refused(StatementFailed, run(store, sql))
        assert f"{table} is Pectin's own" in str(error).replace(table.upper(), table), sql


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("update executions set version = 9", "executions is Pectin's own"),
        ("insert or replace into engine values (1, 99)", "engine is Pectin's own"),
        ("drop index outcome", "history is Pectin's own"),
        ("reindex agenda", "agenda is Pectin's own"),
        ("reindex", "Pectin's own"),
        ("delete from sqlite_sequence", "sqlite_sequence is Pectin's own"),
        ("analyze", "ANALYZE is not allowed"),
        ("attach 'other.db' as other", "ATTACH is not allowed"),
        ("detach main", "DETACH is not allowed"),
        ("pragma writable_schema = on", "PRAGMA is not allowed"),
        ("select * from pragma_table_info('mine')", "PRAGMA is not allowed"),
        ("vacuum into 'other.db'", "cannot VACUUM"),
        ("begin", "TRANSACTION is not allowed"),
        ("rollback to change", "SAVEPOINT is not allowed"),
        ("create temp table executions (version)", "CREATE TEMP TABLE is not allowed"),
        ("create temp view executions as select 1", "CREATE TEMP VIEW is not allowed"),
        ("create temp trigger extra after insert on mine begin select 1; end", "CREATE TEMP TRIGGER is not allowed"),
        ("create virtual table words using fts5(a)", "CREATE VTABLE is not allowed"),
        ("update sqlite_master set sql = ''", "sqlite_master may not be modified"),
    ],
)
async def test_what_reaches_beyond_its_tables_is_refused(sql: str, reason: str, store: Store) -> None:
    with pytest.raises(StatementFailed) as caught:
        await run(store, sql)
    assert reason in str(caught.value)
    assert not Path("other.db").exists()


async def test_the_reason_is_that_of_the_statement_itself(store: Store) -> None:
    await run(store, "create table ledger (id integer primary key)", "insert into ledger values (1)")
    await refused(StatementFailed, run(store, "attach 'other.db' as other"))
    error = await refused(StatementFailed, run(store, "insert into ledger values (1)"))
    assert str(error) == "SQL statement 1 of 1 was refused: UNIQUE constraint failed: ledger.id."


async def test_no_detour_leads_to_our_tables(store: Store) -> None:
    await run(store, "create view ours as select version from executions")
    await run(store, "create trigger detour after insert on mine begin delete from history; end")
    for sql in ("select * from ours", "insert into mine values (1, 2)"):
        assert "Pectin's own" in str(await refused(StatementFailed, run(store, sql)))


async def test_a_statement_of_ours_is_refused_though_it_is_prepared(store: Store) -> None:
    await store.take()
    await refused(StatementFailed, run(store, SQL["raise_term"]))
    fence = await store.take()
    assert await store.take() == fence + 1


async def test_our_own_statements_are_as_free_as_before(store: Store) -> None:
    await refused(StatementFailed, run(store, "select * from executions"))
    await run(store, "insert into mine values (1, 2)")
    execution = await started(store, 0)
    await store.commit(step(execution, 2, 0, snapshot=b"at 3"))
    assert await version(store, execution) == 3


async def test_tables_of_ones_own_are_free(store: Store) -> None:
    await run(
        store,
        "create table if not exists ledger (id integer primary key autoincrement, start text unique)",
        "create unique index if not exists by_start on ledger (start, id)",
        "insert into ledger (start) values ('a'), ('b') on conflict do nothing",
        "with logs (n) as (values (1)) insert into ledger (start) select n from logs",
        "update ledger set start = upper(start) where id in (select id from ledger) returning id",
        "create view upper_ledger as select start from ledger",
        "create trigger counted after insert on ledger begin insert into mine values (new.id, 'x'); end",
        "insert into ledger (start) select start || '2' from upper_ledger",
        "alter table ledger add column note text",
        "create table copied as select * from mine",
        "drop view upper_ledger",
        "drop trigger counted",
        "drop index by_start",
        "drop table mine",
    )


async def test_a_disk_that_is_full_is_the_stores_failure_and_not_the_statements(store: Store) -> None:
    execution = await started(store, 0)
    writer: Any = store
    connection = writer._writer._connection
    connection.pragma("max_page_count", connection.pragma("page_count") + 10)
    fill = "insert into mine select zeroblob(100000), 1"
    calls = (run(store, fill), store.commit(step(execution, 2, 0)))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert type(outcomes[0]) is StoreError
    assert "is full" in str(outcomes[0])
    connection.pragma("max_page_count", 1_000_000)
    await run(store, fill)


async def test_a_transaction_that_a_statement_undid_is_done_again_without_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(store, "create table ledger (id integer primary key)", "insert into ledger values (1)")
    for seconds in (1.0, 0.0):  # on the loop, and in the thread
        monkeypatch.setattr("pectin.store.sqlite.writer.INLINE_SECONDS_MAX", seconds)
        before, after = await started(store, 0), await started(store, 0)
        outcomes = await asyncio.gather(
            store.commit(step(before, 2, 0)),
            store.commit(step(before, 2, 0)),
            store.commit(step(await started(store, 0), 2, 0, statements=[Statement(UNDOING)])),
            store.commit(step(after, 2, 0)),
            return_exceptions=True,
        )
        assert [str(outcome)[:9] for outcome in outcomes] == ["None", str(before)[:9], "SQL state", "None"]
        assert [await version(store, execution) for execution in (before, after)] == [3, 3]


UNDOING = "insert or rollback into ledger values (1)"


async def test_statements_without_an_end_are_cut_off_and_change_nothing(store: Store) -> None:
    await run(store, "create table ledger (id integer)")
    endless = "insert into ledger with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    with pytest.raises(StatementFailed, match="takes more than 20,000,000 of SQLite's steps"):
        await run(store, endless)
    await run(store, "insert into ledger values (1)")


def test_a_guard_that_is_idle_costs_no_statement_its_preparation(path: str) -> None:
    """To set an authorizer expires every prepared statement, so it is set once."""
    connection: Any = open_writer(path, False, MIGRATIONS)
    asked: list[int] = []

    def ask(action: int, *_: Any) -> int:
        asked.append(action)
        return apsw.SQLITE_OK

    connection.authorizer = ask
    for _ in range(3):
        connection.execute(SQL["raise_term"]).fetchall()
    once = len(asked)
    connection.execute(SQL["raise_term"]).fetchall()
    assert len(asked) == once
    connection.close()


def test_comments_after_a_statement_take_no_time() -> None:
    connection = apsw.Connection(":memory:")
    sql = UserSql(cast("Any", connection))
    sql.run([Statement("select 1;" + "/**/" * 10_000)])
    with pytest.raises(StatementFailed, match="more than one statement"):
        sql.run([Statement("select 1;" + "/**/" * 10_000 + "select 2")])
    connection.close()

"""Connections: how a store's file is made, checked and opened.

The file is made with `synchronous=EXTRA`, which also syncs the directory, and turned to WAL afterwards: made under
FULL alone, a whole new store could be lost with the power. Damage is reported where it is met; opening checks no
more than whose file it is, because a full check takes as long as the file is big.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, cast

import apsw

from pectin.ports.store import StoreError
from pectin.store.migrate import Migration, pending
from pectin.store.sqlite.checksum import history_checksum
from pectin.store.sqlite.failure import sync_failed
from pectin.store.sqlite.lock import EngineLock
from pectin.store.sqlite.place import sync_directory

APPLICATION_ID = 0x50454354
"""`PECT`: what marks a SQLite file as ours."""

BUSY_MS = 5_000
"""How long a write waits for another process's."""


class Cursor(Protocol):
    """The rows that a statement gives."""

    exec_trace: Callable[[Any, str, Any], bool] | None

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...
    def execute(self, statements: str, bindings: Sequence[Any], /, *, can_cache: bool) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Connection(Protocol):
    """What we use of `apsw.Connection`, whose own stubs leave the types of values unknown."""

    authorizer: Callable[[int, str | None, str | None, str | None, str | None], int] | None

    @property
    def in_transaction(self) -> bool: ...
    def cursor(self) -> Cursor: ...
    def execute(self, statements: str, bindings: Sequence[Any] | Mapping[str, Any] = ..., /) -> Cursor: ...
    def changes(self) -> int: ...
    def pragma(self, name: str, value: str | int = ..., /) -> Any: ...
    def set_busy_timeout(self, milliseconds: int, /) -> None: ...
    def set_progress_handler(self, callable: Callable[[], bool] | None, nsteps: int = ..., /) -> None: ...
    def set_wal_hook(self, callable: Callable[[Any, str, int], int], /) -> None: ...
    def wal_checkpoint(self, dbname: str | None = ..., mode: int = ...) -> tuple[int, int]: ...
    def config(self, op: int, *args: int) -> int: ...
    def create_scalar_function(self, name: str, callable: Callable[..., Any] | None, /) -> None: ...
    def close(self) -> None: ...


def open_writer(path: str, fast: bool, migrations: Sequence[Migration]) -> Connection:
    """The connection that writes, on a file that is made or migrated if need be."""
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.pragma("synchronous", "EXTRA")
        _migrate(connection, path, migrations)
        if connection.pragma("journal_mode", "WAL") != "wal":
            raise StoreError(f"{path} can't be turned to a write-ahead log. Name a file on a local disk.")
        connection.pragma("synchronous", "NORMAL" if fast else "FULL")
        connection.pragma("fullfsync", not fast)  # only macOS heeds it, and needs it
    except BaseException:
        shut(connection)
        raise
    return connection


def open_reader(path: str) -> Connection:
    """A connection that can't write, not even what is in the log into the database: that is for the writer alone."""
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.pragma("query_only", True)
        leave_log(connection)
    except BaseException:
        shut(connection)
        raise
    return connection


def layout_of(migrations: Sequence[Migration]) -> set[tuple[str, str]]:
    """What a file has that has seen these migrations: the kind and the name of each table and index."""
    connection = _connect(":memory:", apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.create_scalar_function("history_checksum", history_checksum)
        for migration in migrations:
            _apply(connection, migration)
        return read_layout(connection)
    finally:
        connection.close()


def read_layout(connection: Connection) -> set[tuple[str, str]]:
    """What a file has, tables of other programs too."""
    return {(kind, name) for kind, name in connection.execute("select type, name from sqlite_schema")}


def leave_log(connection: Connection) -> None:
    """Let the log be as it is when this connection closes."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)


def shut(connection: Connection) -> None:
    """Close it. A failure changes nothing any more: what was acknowledged is in the log, if not in the database."""
    with suppress(apsw.Error):
        connection.close()


def _connect(path: str, flags: int) -> Connection:
    connection = cast(Connection, apsw.Connection(path, flags=flags))
    connection.set_busy_timeout(BUSY_MS)
    return connection


def _migrate(connection: Connection, path: str, migrations: Sequence[Migration]) -> None:
    applied = _applied(connection, path)
    if not pending(migrations, applied, path):
        return
    # A new file is nobody's; under an engine that is at work no layout changes.
    lock = EngineLock(path) if applied else None
    try:
        connection.create_scalar_function("history_checksum", history_checksum)
        connection.execute("begin immediate")
        # Asked again: another process may have come first.
        for migration in pending(migrations, _applied(connection, path), path):
            _apply(connection, migration)
        connection.execute("commit")
    finally:
        connection.create_scalar_function("history_checksum", None)
        if lock is not None:
            lock.release()
    try:
        sync_directory(Path(path).parent)
    except OSError as error:
        raise sync_failed(path) from error


def _applied(connection: Connection, path: str) -> dict[int, str]:
    """The checksums of the migrations that the file has seen, by number; none for a new file."""
    application_id = connection.pragma("application_id")
    if application_id == APPLICATION_ID:
        return dict(connection.execute("select number, checksum from migrations"))
    if application_id == 0 and not connection.execute("select 1 from sqlite_master limit 1").fetchall():
        return {}
    raise StoreError(f"{path} is a database of another program. Name another file.")


def _apply(connection: Connection, migration: Migration) -> None:
    if migration.number == 1:
        connection.pragma("application_id", APPLICATION_ID)
        connection.execute(
            "create table migrations (number integer primary key, name text not null, checksum text not null) strict"
        )
    connection.execute(migration.sql)
    connection.execute(
        "insert into migrations values (?, ?, ?)", (migration.number, migration.name, migration.checksum)
    )

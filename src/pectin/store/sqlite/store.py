"""The SQLite store: one file, one process that writes much, others that write little.

Writes go to the writer, which groups them. Reads have a connection of their own: the writer's may be in a thread,
and in the middle of a group it would show what isn't durable yet. A read is a short transaction, because a reader
that stays open keeps the log from starting anew and halves the speed of writing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Find, LogRecord, Match, Message, PublishedDefinition, Row, Stored, Summary
from pectin.store.sqlite import change, inbox
from pectin.store.sqlite.connection import Connection, open_reader, open_writer
from pectin.store.sqlite.failure import explained
from pectin.store.sqlite.lock import EngineLock, is_locked
from pectin.store.sqlite.place import prepare_place
from pectin.store.sqlite.statement import MIGRATIONS, SQL
from pectin.store.sqlite.user_sql import UserSql
from pectin.store.sqlite.writer import Writer

_STATUS = {number: status for status, number in change.STATUS_NUMBER.items()}
_ALL_ROWS = -1


class SqliteStore:
    """A `Store` in the file at `path`.

    `fast` lets the last commits be lost with the power, never with the process. With `must_exist` no file is made.
    Raises `StoreError`.
    """

    def __init__(self, path: str, *, fast: bool = False, must_exist: bool = False) -> None:
        self._path = prepare_place(path, must_exist)
        self._lock: EngineLock | None = None
        with explained(self._path):
            connection = open_writer(self._path, fast, MIGRATIONS)
            self._reader = open_reader(self._path)
            self._writer = Writer(connection, self._path)
            self._user_sql = UserSql(connection)

    @property
    def speaks_sql(self) -> bool:
        return True

    async def take(self) -> int:
        self._writer.check()
        if self._lock is None:
            self._lock = EngineLock(self._path)
        return await self._writer.do(change.raise_term)

    async def in_charge(self) -> bool:
        self._writer.check()
        return self._lock is not None or is_locked(self._path)

    async def publish(self, definition: PublishedDefinition) -> None:
        await self._writer.do(partial(change.publish, definition=definition))

    async def definition(self, hash: str) -> PublishedDefinition | None:
        with self._reading() as reader:
            return _definition(reader.execute(SQL["definition"], (hash,)))

    async def registered(self, workflow_id: str, version: str) -> PublishedDefinition | None:
        with self._reading() as reader:
            return _definition(reader.execute(SQL["registered"], (workflow_id, version)))

    async def commit(self, commit: Commit) -> None:
        try:
            await self._writer.do(partial(change.apply, commit=commit, user_sql=self._user_sql))
        except Exception:
            if commit.line is not None:
                commit.line.is_broken = True  # also if it was the file that failed
            raise

    async def forget(self, execution: ExecutionId) -> None:
        await self._writer.do(partial(change.forget, execution=execution))

    async def load(self, execution: ExecutionId) -> Stored | None:
        with self._reading() as reader:
            heads = reader.execute(SQL["head"], (execution.bytes,)).fetchall()
            if not heads:
                return None
            ((x, version, fence, due, definition, snapshot, snapshot_version),) = heads
            rows = _rows(reader, x, snapshot_version, _ALL_ROWS)
        return Stored(execution, version, fence, due, definition, snapshot, snapshot_version, rows)

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        with self._reading() as reader:
            for (x,) in reader.execute(SQL["key_of"], (execution.bytes,)).fetchall():
                return _rows(reader, x, after, limit)
        return []

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        mine = _json(workflows)
        with self._reading() as reader:
            found = reader.execute(SQL["claim_orphans"], (fence, mine, limit)).fetchall()
            found += reader.execute(SQL["claim_due"], (now, mine, limit - len(found))).fetchall()
        return [_execution_id(id) for (id,) in found]

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        with self._reading() as reader:
            for (due,) in reader.execute(SQL["next_due"], (after, _json(workflows))).fetchall():
                return due
        return None

    async def send(self, message: Message) -> bool:
        return await self._writer.do(partial(inbox.send, message=message))

    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        with self._reading() as reader:
            return inbox.matches(reader, None if workflows is None else _json(workflows), limit)

    async def drop(self, message: int) -> None:
        await self._writer.do(partial(inbox.drop, message=message))

    async def expire(self, now: int) -> int:
        expired = 0
        while True:
            messages, keys = await self._writer.do(partial(inbox.expire, now=now))
            expired += messages
            if max(messages, keys) < inbox.EXPIRED_AT_ONCE:
                return expired

    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        with self._reading() as reader:
            found = reader.execute(SQL["logs_after"], (execution.bytes, after, limit)).fetchall()
        return [(number, LogRecord(*record)) for number, *record in found]

    async def find(self, find: Find) -> list[Summary]:
        conditions, values = _conditions(find)
        query = SQL["find"].replace("{conditions}", " and ".join(conditions))
        with self._reading() as reader:
            found = reader.execute(query, values).fetchall()
        return [
            Summary(_execution_id(id), workflow, version, definition, _STATUS[status], *rest)
            for id, workflow, version, definition, status, *rest in found
        ]

    def changed(self) -> bool:
        self._writer.check()
        with explained(self._path):
            return self._writer.others_wrote()

    async def close(self) -> None:
        try:
            await self._writer.close()
        finally:
            self._reader.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        """A transaction that sees one state of the file."""
        self._writer.check()
        with explained(self._path):
            self._reader.execute("begin")
            try:
                yield self._reader
            finally:
                self._reader.execute("commit")


def _rows(reader: Connection, x: int, after: int, limit: int) -> list[Row]:
    return [Row(*row) for row in reader.execute(SQL["rows_after"], (x, after, limit))]


def _definition(found: Iterable[tuple[Any, ...]]) -> PublishedDefinition | None:
    for row in list(found):
        return PublishedDefinition(*row)
    return None


def _conditions(find: Find) -> tuple[list[str], dict[str, Any]]:
    """What a search asks for, in SQL, and the values by name."""
    conditions = ["true"]
    values: dict[str, Any] = {"limit": find.limit}
    if find.id_suffix is not None:
        conditions.append("substr(hex(e.id), -length(:id_suffix)) = upper(:id_suffix)")
        values["id_suffix"] = find.id_suffix
    if find.key is not None:
        conditions.append("e.start_key = :key")
        values["key"] = find.key
    if find.workflow_id is not None:
        conditions.append("e.workflow_id = :workflow_id")
        values["workflow_id"] = find.workflow_id
    if find.statuses is not None:
        conditions.append("e.status in (select value from json_each(:statuses))")
        values["statuses"] = _json(change.STATUS_NUMBER[status] for status in find.statuses)
    if find.before is not None:
        conditions.append("e.id < :before")
        values["before"] = find.before.bytes
    return conditions, values


def _json(values: Iterable[str | int]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _execution_id(id: bytes) -> ExecutionId:
    return ExecutionId(UUID(bytes=id))

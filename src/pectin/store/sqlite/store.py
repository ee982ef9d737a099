"""The SQLite store: one file, one process that writes much, others that write little.

Writes go to the writer, which groups them. Reads have a connection of their own: the writer's may be in a thread,
and in the middle of a group it would show what isn't durable yet. A read is a short transaction, because a reader
that stays open keeps the log from starting anew and halves the speed of writing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import apsw
import msgspec

from pectin.core.identity import ExecutionId
from pectin.ports.landing import Landing
from pectin.ports.store import (
    Commit,
    Find,
    Listen,
    LogRecord,
    Match,
    Message,
    PublishedDefinition,
    Row,
    Stored,
    Summary,
)
from pectin.store import refusal
from pectin.store.sqlite import change, inbox, reading
from pectin.store.sqlite.bell import Bell, Ringer, Silence, hang_bell
from pectin.store.sqlite.connection import Connection, open_reader, open_writer, shut
from pectin.store.sqlite.failure import decoded, explained
from pectin.store.sqlite.lock import EngineLock, is_locked
from pectin.store.sqlite.place import prepare_place
from pectin.store.sqlite.statement import MIGRATIONS, SQL
from pectin.store.sqlite.user_sql import UserSql
from pectin.store.sqlite.writer import Writer

if TYPE_CHECKING:
    from pectin.core.audit import Finding

_STATUS = {number: status for status, number in change.STATUS_NUMBER.items()}
_INDEXED_SUFFIX = re.compile("[0-9a-f]{6,}")
_KNOWN_STATUS = f"e.status between {min(_STATUS)} and {max(_STATUS)}"
"""A row that is damaged must not keep anybody from the others."""

_SUMMARY = (int, int, int, int, int | None, str | None, str | None)
_DEFINITION = (str, str, str, bytes)
_WAIT = (str, str, str)
_LOG = (str, int, int, int, str)


class SqliteStore:
    """A `Store` in the file at `path`.

    `fast` lets the last commits be lost with the power, never with the process. With `must_exist` no file is made.
    `before_commit` is called inside of each transaction, when only its COMMIT is still to be made: for tests, that
    crash there. Raises `StoreError`.
    """

    def __init__(
        self,
        path: str,
        *,
        fast: bool = False,
        must_exist: bool = False,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        self._path = prepare_place(path, must_exist)
        self._lock: EngineLock | None = None
        self._bell: Bell | Silence | None = None
        with explained(self._path), decoded(self._path), ExitStack() as opened:
            connection = open_writer(self._path, fast, MIGRATIONS)
            opened.callback(shut, connection)
            self._reader = open_reader(self._path)
            opened.callback(shut, self._reader)
            self._ringer = Ringer(self._path)
            self._writer = Writer(connection, self._path, before_commit, self._ring)
            self._user_sql = UserSql(connection)
            opened.pop_all()

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

    def commit(self, commit: Commit) -> Awaitable[None]:
        work = partial(change.apply, commit=commit, user_sql=self._user_sql)
        return self._writer.land(work, Landing(commit.line), _size(commit))

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        await self._writer.do(partial(change.forget, execution=execution, now=now))

    async def load(self, execution: ExecutionId) -> Stored | None:
        with self._reading() as reader:
            return reading.load(reader, execution)

    async def evidence(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> Stored | None:
        with self._reading() as reader:
            return reading.evidence(reader, execution, after, limit)

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        with self._reading() as reader:
            for x, version, sealed in reader.execute(SQL["extent"], (execution.bytes,)).fetchall():
                rows = reading.before_damage(reading.sound_rows(reader, execution, (x, after, limit), sealed))
                if not rows and after < version:
                    raise refusal.damaged(execution, f"its history ends at {after}, and it is at version {version}")
                return rows
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

    async def expire(self, now: int) -> int:
        expired = 0
        while True:
            messages, keys = await self._writer.do(partial(inbox.expire, now=now))
            expired += messages
            if max(messages, keys) < inbox.EXPIRED_AT_ONCE:
                return expired

    async def waits(self, execution: ExecutionId) -> list[Listen]:
        with self._reading() as reader:
            waits = reader.execute(SQL["waits_of"], (execution.bytes,))
            return [Listen(*reading.typed(wait, _WAIT)) for wait in waits]

    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        with self._reading() as reader:
            found = reader.execute(SQL["logs_after"], (execution.bytes, after, limit)).fetchall()
            return [(number, LogRecord(*reading.typed(record, _LOG))) for number, *record in found]

    async def find(self, find: Find) -> list[Summary]:
        conditions, values = _conditions(find)
        query = SQL["find"].replace("{conditions}", " and ".join(conditions))
        with self._reading() as reader:
            found = reader.execute(query, values).fetchall()
            return [
                Summary(
                    _execution_id(id), workflow, version, definition, _STATUS[status], *reading.typed(rest, _SUMMARY)
                )
                for id, workflow, version, definition, status, *rest in found
            ]

    async def check(self, *, mend: bool = False) -> list[Finding]:
        from pectin.core.audit import SWEPT  # only a check needs them, and they take time to import
        from pectin.store.sqlite import soundness

        self._writer.check()
        found = await asyncio.to_thread(soundness.check, self._path)
        if mend and any(finding.code in SWEPT for finding in found):
            await self._writer.do(soundness.mend)
        return found

    async def news(self) -> None:
        self._writer.check()
        if self._bell is None:
            self._bell = hang_bell(self._path)
        await self._bell.rung()

    def changed(self) -> bool:
        self._writer.check()
        with explained(self._path):
            return self._writer.others_wrote()

    async def close(self) -> None:
        shut(self._reader)  # before the writer, which copies the log into the database if it is the last
        try:
            await self._writer.close()
        finally:
            self._ringer.close()
            if self._bell is not None:
                self._bell.close()
                self._bell = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _ring(self) -> None:
        """Tell the engine that there is something to see: another's, or this one, which could not look before."""
        if self._lock is None:
            self._ringer.ring()
        elif self._bell is not None and self._writer.has_news:
            self._bell.wake()

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        """A transaction that sees one state of the file, to be read within it."""
        self._writer.check()
        with explained(self._path), decoded(self._path):
            if self._reader.in_transaction:  # the end of the last one failed
                self._reader.execute("rollback")
            self._reader.execute("begin")
            try:
                yield self._reader
            finally:
                with suppress(apsw.Error):  # it has read what it wanted, or has failed already
                    self._reader.execute("commit")


def _size(commit: Commit) -> int:
    """How many bytes of history and of snapshots a commit writes."""
    size = sum([len(row.body) for row in commit.rows])
    return size if commit.snapshot is None else size + len(commit.snapshot)


def _definition(found: Iterable[tuple[Any, ...]]) -> PublishedDefinition | None:
    for row in list(found):
        return PublishedDefinition(*reading.typed(row, _DEFINITION))
    return None


def _conditions(find: Find) -> tuple[list[str], dict[str, Any]]:
    """What a search asks for, in SQL, and the values by name."""
    conditions = [_KNOWN_STATUS]
    values: dict[str, Any] = {"limit": find.limit}
    if find.id_suffix is not None:
        conditions.append("substr(hex(e.id), -length(:id_suffix)) = upper(:id_suffix)")
        values["id_suffix"] = find.id_suffix
        if _INDEXED_SUFFIX.fullmatch(find.id_suffix):
            conditions.append("substr(e.id, 14) = :last_bytes")
            values["last_bytes"] = bytes.fromhex(find.id_suffix[-6:])
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

"""Messages and the waits for them, in the file.

Whatever changes the messages or the waits of a key ends with `_await_oldest` for that key, which keeps the one mark by
which matches are found (`0002_messages.sql`).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

import apsw

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Listen, Match, Message
from pectin.store import refusal
from pectin.store.sqlite.connection import Connection
from pectin.store.sqlite.statement import SQL

EXPIRED_AT_ONCE = 1_000
"""Messages, and dedup keys, that one change deletes: a large sweep is to keep nobody waiting."""

_Key = tuple[str, str]


def exchange(connection: Connection, commit: Commit) -> None:
    """What a commit takes, the waits that it closes and opens, and what it sends to whoever waits then."""
    touched: set[_Key] = set()
    if commit.takes is not None:
        taken = _remove(connection, commit.takes)
        if not taken:
            raise refusal.message_taken(commit)
        touched.update(taken)
    for listen in commit.unlistens:
        execution = commit.execution.bytes
        connection.execute(SQL["unlisten"], (execution, listen.activation, listen.name, listen.correlation))
        touched.add((listen.name, listen.correlation))
    over = set(touched)
    touched.update(_listen(connection, commit.execution, commit.listens))
    for child in commit.children:
        touched.update(_listen(connection, child.execution, child.listens))
    _let_go(connection, over)
    for message in commit.sends:
        _put(connection, message)
        touched.add((message.name, message.correlation))
    _await_oldest(connection, touched)


def send(connection: Connection, message: Message) -> bool:
    """Accept a message; False if it was accepted before."""
    accepted = _put(connection, message)
    _await_oldest(connection, {(message.name, message.correlation)})
    return accepted


def expire(connection: Connection, now: int) -> tuple[int, int]:
    """Delete messages and dedup keys that are over by now, some at a time; how many of each."""
    messages = connection.execute(SQL["expire_messages"], (now, EXPIRED_AT_ONCE)).fetchall()
    _await_oldest(connection, {(name, correlation) for name, correlation, awaited in messages if awaited})
    connection.execute(SQL["expire_keys"], (now, EXPIRED_AT_ONCE))
    return len(messages), connection.changes()


def forget(connection: Connection, x: int) -> None:
    """Close all waits of an execution."""
    closed = set(connection.execute(SQL["forget_waits"], (x,)).fetchall())
    _let_go(connection, closed)
    _await_oldest(connection, closed)


def matches(reader: Connection, workflows: str | None, limit: int) -> list[Match]:
    """Who is to have which message, for waits of these workflows (a JSON array; None: all).

    Each key has a match at its oldest message, so those of the first `limit` keys hold the first `limit` of all.
    """
    found: list[Match] = []
    for name, correlation in reader.execute(SQL["awaited_keys"], (workflows, limit)).fetchall():
        waits = reader.execute(SQL["waiting_for"], (name, correlation, workflows, limit)).fetchall()
        messages = reader.execute(SQL["oldest"], (name, correlation, len(waits))).fetchall()
        for (id, payload, sent_at, expires_at, keep), (execution, activation) in zip(messages, waits, strict=False):
            message = Message(
                name=name,
                correlation=correlation,
                payload=payload,
                sent_at=sent_at,
                expires_at=expires_at,
                keep=bool(keep),
            )
            found.append(Match(id, message, ExecutionId(UUID(bytes=execution)), activation))
    found.sort(key=lambda match: match.id)
    return found[:limit]


def _listen(connection: Connection, execution: ExecutionId, listens: Iterable[Listen]) -> Iterable[_Key]:
    for listen in listens:
        wait = (execution.bytes, listen.activation, listen.name, listen.correlation)
        try:
            connection.execute(SQL["listen"], wait)
        except apsw.ConstraintError as error:
            raise refusal.listens_already(execution, listen) from error
        yield listen.name, listen.correlation


def _put(connection: Connection, message: Message) -> bool:
    """False if it was accepted before. What is not kept goes only to those that wait now."""
    key = (message.name, message.correlation)
    if message.dedup is not None and not _receive(connection, message, message.dedup):
        return False
    if message.keep or connection.execute(SQL["is_awaited"], key).fetchall() == [(1,)]:
        values = (*key, message.payload, message.sent_at, message.expires_at, int(message.keep))
        connection.execute(SQL["put"], values)
    return True


def _receive(connection: Connection, message: Message, dedup: str) -> bool:
    """Note the dedup key; False if the same message came under it already."""
    digest = sha256(b"%d:%b%b" % (len(message.correlation), message.correlation.encode(), message.payload)).digest()
    receipt = (message.name, dedup, digest, message.expires_at, message.sent_at)
    connection.execute(SQL["receive"], receipt)
    if connection.changes() == 1:
        return True
    if connection.execute(SQL["received"], (message.name, dedup)).fetchall() != [(digest,)]:
        raise refusal.dedup_taken(message)
    return False


def _remove(connection: Connection, message: int) -> list[_Key]:
    """The key of the message, unless it isn't there."""
    return [(name, correlation) for name, correlation in connection.execute(SQL["remove"], (message,)).fetchall()]


def _let_go(connection: Connection, keys: Iterable[_Key]) -> None:
    """Delete what was only for those that no longer wait."""
    for key in keys:
        connection.execute(SQL["let_go"], key)


def _await_oldest(connection: Connection, keys: Iterable[_Key]) -> None:
    for key in keys:
        connection.execute(SQL["await_oldest"], key)

"""What the writer does to the file, one function for each verb that writes.

Each is called within a transaction, and either returns or raises, and then is undone. Every guard is in a
WHERE or in a unique index; the reason of a refusal is looked up only after it.
"""

from __future__ import annotations

import apsw
import msgspec

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.seal import Seal
from pectin.ports.store import ChildRow, Commit, PublishedDefinition, Row, StartRow
from pectin.store import refusal
from pectin.store.sqlite import inbox
from pectin.store.sqlite.checksum import history_checksum, snapshot_checksum
from pectin.store.sqlite.connection import Connection
from pectin.store.sqlite.statement import SQL
from pectin.store.sqlite.user_sql import UserSql

STATUS_NUMBER = {
    WorkflowStatus.PENDING: 0,
    WorkflowStatus.RUNNING: 1,
    WorkflowStatus.PAUSED: 2,
    WorkflowStatus.COMPLETED: 3,
    WorkflowStatus.FAILED: 4,
    WorkflowStatus.CANCELLED: 5,
    WorkflowStatus.LIMIT_EXCEEDED: 6,
}
"""Statuses on disk. A number is never given to another status."""

_TERMINAL = msgspec.json.encode([STATUS_NUMBER[status] for status in WorkflowStatus if status.is_terminal]).decode()

_ADVANCE = SQL["advance"]
_ADVANCE_AND_MOVE = SQL["advance_and_move"]
_APPEND = SQL["append"]


def raise_term(connection: Connection) -> int:
    """The next fence."""
    ((term,),) = connection.execute(SQL["raise_term"]).fetchall()
    return term


def publish(connection: Connection, definition: PublishedDefinition) -> None:
    """Register a definition and let its pair name it."""
    pair = (definition.workflow_id, definition.version)
    named = connection.execute(SQL["registered"], pair).fetchall()
    if named and named[0][0] == definition.hash:
        return
    if named and not definition.is_draft:
        raise refusal.definition_taken(definition)
    connection.execute(SQL["unname"], pair)
    connection.execute(SQL["register"], (definition.hash, *pair, definition.body))
    connection.execute(SQL["give_name"], (definition.hash,))


def apply(connection: Connection, commit: Commit, user_sql: UserSql) -> None:
    """Everything in a commit, guarded by its version, its fence, and what became of those before it in its line."""
    if commit.line is not None and commit.line.is_broken:
        raise refusal.rests_on_nothing(commit)
    try:
        _apply(connection, commit, user_sql)
    except BaseException:
        if commit.line is not None:
            commit.line.is_broken = True
        raise


def _apply(connection: Connection, commit: Commit, user_sql: UserSql) -> None:
    execution = commit.execution.bytes
    if commit.start is None:
        _advance(connection, commit, execution)
    else:
        head = (STATUS_NUMBER[commit.status], commit.version, commit.new_fence, commit.updated_at, commit.due)
        _begin(connection, commit.execution, commit.start, head)
    for row in commit.rows:
        _append(connection, commit, execution, row)
    if commit.snapshot is not None:
        snapshot = (execution, commit.version, commit.snapshot)
        connection.execute(SQL["keep_snapshot"], (*snapshot, snapshot_checksum(*snapshot)))
    if commit.seal is not None:
        _seal(connection, execution, commit.seal)
    for child in commit.children:
        _beget(connection, commit, child)
    if commit.takes is not None or commit.unlistens or commit.listens or commit.children or commit.sends:
        inbox.exchange(connection, commit)
    for log in commit.logs:
        record = (execution, log.activation, log.attempt, log.at, log.level, log.message)
        connection.execute(SQL["log"], record)
    if commit.statements:
        user_sql.run(commit.statements)


def forget(connection: Connection, execution: ExecutionId, now: int) -> None:
    """Delete an execution and all that is kept of it."""
    for (x,) in connection.execute(SQL["key_of"], (execution.bytes,)).fetchall():
        for (keep_until,) in connection.execute(SQL["sealed"], (x,)).fetchall():
            refusal.check_retention(execution, keep_until, now)
            connection.execute(SQL["forget_chain"], (x,))
            connection.execute(SQL["forget_seal"], (x,))
        inbox.forget(connection, x)
        for what in ("logs", "snapshot", "history", "execution"):
            connection.execute(SQL[f"forget_{what}"], (x,))


def _advance(connection: Connection, commit: Commit, execution: bytes) -> None:
    head = (
        execution,
        commit.expected,
        commit.version,
        STATUS_NUMBER[commit.status],
        commit.updated_at,
        commit.fence,
        commit.due,
    )
    if commit.new_fence == commit.fence:
        connection.execute(_ADVANCE, head)
        if connection.changes() == 1:
            return
    connection.execute(_ADVANCE_AND_MOVE, (*head, commit.new_fence))
    if connection.changes() == 1:
        return
    found = connection.execute(SQL["guard"], (execution,)).fetchall()
    if not found:
        raise refusal.unknown(commit)
    ((version, fence),) = found
    if fence != commit.fence:
        raise refusal.lease_lost(commit, fence)
    raise refusal.version_conflict(commit, version)


def _beget(connection: Connection, commit: Commit, child: ChildRow) -> None:
    """A child of the commit's execution, which nobody has at work yet."""
    head = (STATUS_NUMBER[WorkflowStatus.PENDING], 1, 0, child.start.created_at, child.due)
    _begin(connection, child.execution, child.start, head)
    _append(connection, commit, child.execution.bytes, child.row)
    if child.seal is not None:
        _seal(connection, child.execution.bytes, child.seal)


def _begin(
    connection: Connection, execution: ExecutionId, start: StartRow, head: tuple[int, int, int, int, int | None]
) -> None:
    """A new execution; its head is status, version, fence, when it was updated and when it is due."""
    if start.replaces is not None:
        old = (start.replaces.bytes, start.workflow_id, start.key, _TERMINAL)
        connection.execute(SQL["give_up_key"], old)
    status, version, fence, updated_at, due = head
    row = (
        execution.bytes,
        status,
        version,
        fence,
        start.created_at,
        updated_at,
        due,
        start.key,
        start.input_hash,
        start.definition,
        start.workflow_id,
        start.workflow_version,
    )
    try:
        connection.execute(SQL["begin"], row)
    except apsw.ConstraintError as error:
        if connection.execute(SQL["key_of"], (execution.bytes,)).fetchall():
            raise refusal.exists(execution) from error
        raise refusal.key_taken(start) from error
    if connection.changes() != 1:
        raise refusal.not_published(start)


def _seal(connection: Connection, execution: bytes, seal: Seal) -> None:
    values = (seal.version, seal.link, seal.key, seal.mark, *seal.snapshot, seal.keep_until)
    connection.execute(SQL["seal"], (execution, *values))


def _append(connection: Connection, commit: Commit, execution: bytes, row: Row) -> None:
    values = (execution, row.seq, row.count, row.settles, row.body)
    try:
        connection.execute(_APPEND, (*values, history_checksum(*values)))
    except apsw.ConstraintError as error:
        if "history.settles" in str(error):
            raise refusal.already_settled(commit) from error
        raise refusal.damaged(commit.execution, f"its history doesn't fit its version ({error})") from error
    if row.link is not None:
        connection.execute(SQL["link"], (execution, row.seq, row.link.key, row.link.mark))

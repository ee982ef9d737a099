"""What the writer does to the file, one function for each verb that writes.

Each is called within a savepoint of its own and either returns or raises with nothing to keep. Every guard is in a
WHERE or in a unique index; the reason of a refusal is looked up only after it.
"""

from __future__ import annotations

import apsw
import msgspec

from pectin.core.status import WorkflowStatus
from pectin.ports.store import Commit, PublishedDefinition, Row, StartRow, StoreError
from pectin.store import refusal
from pectin.store.sqlite.connection import Connection
from pectin.store.sqlite.statement import SQL

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


def apply(connection: Connection, commit: Commit) -> None:
    """Everything in a commit, guarded by its version and its fence."""
    execution = commit.execution.bytes
    if commit.start is None:
        _advance(connection, commit, execution)
    else:
        _begin(connection, commit, commit.start, execution)
    for row in commit.rows:
        _append(connection, commit, row, execution)
    if commit.snapshot is not None:
        connection.execute(SQL["keep_snapshot"], (execution, commit.version, commit.snapshot))


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


def _begin(connection: Connection, commit: Commit, start: StartRow, execution: bytes) -> None:
    if start.replaces is not None:
        old = (start.replaces.bytes, start.workflow_id, start.key, _TERMINAL)
        connection.execute(SQL["give_up_key"], old)
    head = (
        execution,
        STATUS_NUMBER[commit.status],
        commit.version,
        commit.new_fence,
        start.created_at,
        commit.updated_at,
        commit.due,
        start.key,
        start.input_hash,
        start.definition,
        start.workflow_id,
        start.workflow_version,
    )
    try:
        connection.execute(SQL["begin"], head)
    except apsw.ConstraintError as error:
        if connection.execute(SQL["key_of"], (execution,)).fetchall():
            raise refusal.exists(commit) from error
        raise refusal.key_taken(start) from error
    if connection.changes() != 1:
        raise refusal.not_published(start)


def _append(connection: Connection, commit: Commit, row: Row, execution: bytes) -> None:
    try:
        connection.execute(_APPEND, (execution, row.seq, row.count, row.settles, row.body))
    except apsw.ConstraintError as error:
        if "history.settles" in str(error):
            raise refusal.already_settled(commit) from error
        raise StoreError(
            f"{commit.execution} is damaged: its history doesn't fit its version ({error}). Restore a backup."
        ) from error

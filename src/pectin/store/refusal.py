"""The errors with which stores refuse, in the same words in each."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.core.record import format_time
from pectin.core.state import to_datetime
from pectin.ports.seal import Retained
from pectin.ports.store import (
    AlreadySettled,
    Commit,
    Damaged,
    DedupTaken,
    DefinitionTaken,
    LeaseLost,
    Listen,
    Message,
    MessageTaken,
    PublishedDefinition,
    StartKeyTaken,
    StartRow,
    StatementFailed,
    StoreError,
    VersionConflict,
)


def closed() -> StoreError:
    return StoreError("The store is closed; open it anew.")


def definition_taken(definition: PublishedDefinition) -> DefinitionTaken:
    return DefinitionTaken(
        f"Another graph is registered as {definition.workflow_id} {definition.version}; "
        "give the changed one a new version, or one that ends in -dev while you work on it."
    )


def not_published(start: StartRow) -> StoreError:
    return StoreError(
        f"No definition of {start.workflow_id} {start.workflow_version} with the hash {start.definition} "
        "is registered; publish it first."
    )


def key_taken(start: StartRow) -> StartKeyTaken:
    return StartKeyTaken(f"An execution of {start.workflow_id} has the start key {start.key!r}.")


def exists(execution: ExecutionId) -> VersionConflict:
    return VersionConflict(f"{execution} exists already.")


def unknown(commit: Commit) -> VersionConflict:
    return VersionConflict(f"{commit.execution} isn't in the store, so it isn't at version {commit.expected}.")


def version_conflict(commit: Commit, version: int) -> VersionConflict:
    return VersionConflict(f"{commit.execution} is at version {version}, not {commit.expected}.")


def rests_on_nothing(commit: Commit) -> VersionConflict:
    return VersionConflict(f"{commit.execution} never came to version {commit.expected}: what led there was refused.")


def lease_lost(commit: Commit, fence: int) -> LeaseLost:
    return LeaseLost(f"{commit.execution} is held with the fence {fence}, not {commit.fence}.")


def already_settled(commit: Commit) -> AlreadySettled:
    settles = ", ".join(row.settles for row in commit.rows if row.settles is not None)
    return AlreadySettled(f"{commit.execution} has an outcome already for one of: {settles}.")


def damaged(execution: ExecutionId, how: str) -> Damaged:
    return Damaged(f"{execution} is damaged: {how}. Restore a backup.")


def message_taken(commit: Commit) -> MessageTaken:
    return MessageTaken(f"The message {commit.takes} isn't in the inbox any more; {commit.execution} can't take it.")


def listens_already(execution: ExecutionId, listen: Listen) -> StoreError:
    return StoreError(f"{execution} waits for {listen.name!r} at {listen.activation!r} already; close that wait first.")


def dedup_taken(message: Message) -> DedupTaken:
    return DedupTaken(
        f"Another message {message.name!r} came with the dedup key {message.dedup!r}; give each message its own key."
    )


def speaks_no_sql() -> StoreError:
    return StoreError(
        "A memory store has no tables, so it can't run the SQL of a `transactional` node; "
        "name a path, which is a SQLite store."
    )


def statement_failed(number: int, count: int, why: str) -> StatementFailed:
    return StatementFailed(f"SQL statement {number} of {count} was refused: {why}.")


def check_retention(execution: ExecutionId, keep_until: int | None, now: int) -> None:
    """Raise `Retained` for a governed execution that is kept longer than until `now`."""
    if keep_until is None:
        raise Retained(f"{execution} is governed, and nothing says that it may ever be deleted. Leave it.")
    if keep_until > now:
        raise Retained(
            f"{execution} is governed and kept until {format_time(to_datetime(keep_until))}. Leave it until then."
        )

"""The errors with which stores refuse, in the same words in each."""

from __future__ import annotations

from pectin.ports.store import (
    AlreadySettled,
    Commit,
    DefinitionTaken,
    LeaseLost,
    PublishedDefinition,
    StartKeyTaken,
    StartRow,
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


def exists(commit: Commit) -> VersionConflict:
    return VersionConflict(f"{commit.execution} exists already.")


def unknown(commit: Commit) -> VersionConflict:
    return VersionConflict(f"{commit.execution} isn't in the store, so it isn't at version {commit.expected}.")


def version_conflict(commit: Commit, version: int) -> VersionConflict:
    return VersionConflict(f"{commit.execution} is at version {version}, not {commit.expected}.")


def lease_lost(commit: Commit, fence: int) -> LeaseLost:
    return LeaseLost(f"{commit.execution} is held with the fence {fence}, not {commit.fence}.")


def already_settled(commit: Commit) -> AlreadySettled:
    settles = ", ".join(row.settles for row in commit.rows if row.settles is not None)
    return AlreadySettled(f"{commit.execution} has an outcome already for one of: {settles}.")

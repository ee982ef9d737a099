"""Planted bugs, by name: each breaks one promise, and the torture has to turn red."""

from __future__ import annotations

import asyncio
from typing import Any

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit
from pectin.store.sqlite import SqliteStore, change
from pectin.store.sqlite.connection import Connection


class AcksTooEarly(SqliteStore):
    """Says that a commit is durable before it is."""

    async def commit(self, commit: Commit) -> None:
        asyncio.get_running_loop().call_later(0.05, super().commit, commit)


class ForgetsTheDead(SqliteStore):
    """Doesn't hand out what a dead engine was at work on."""

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await super().claim(now, 0, workflows, limit)


class CommitsInHalves(SqliteStore):
    """Commits the head of an execution by itself, and then its events."""

    def __init__(self, path: str, *, fast: bool = False, must_exist: bool = False) -> None:
        super().__init__(path, fast=fast, must_exist=must_exist)
        append = change._append  # pyright: ignore[reportPrivateUsage]

        def append_by_itself(connection: Connection, *rest: Any) -> None:
            for statement in ("commit", "begin immediate"):
                connection.execute(statement)
            append(connection, *rest)

        change._append = append_by_itself  # pyright: ignore[reportPrivateUsage]


STORES: dict[str, type[SqliteStore]] = {
    "acks_too_early": AcksTooEarly,
    "forgets_the_dead": ForgetsTheDead,
    "commits_in_halves": CommitsInHalves,
}
LEDGER_FORGETS = "ledger_forgets"
BUGS = (*STORES, LEDGER_FORGETS)

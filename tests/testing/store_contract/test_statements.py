"""The cases of statements catch a store that runs users' SQL apart from its commit, or lets it loose."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from pectin.ports.store import Commit, Statement, StatementFailed
from pectin.store.sqlite import SqliteStore
from tests.testing.store_contract.planted import assert_caught_in_sql


class ForgetsThem(SqliteStore):
    async def commit(self, commit: Commit) -> None:
        await super().commit(replace(commit, statements=()))


class CommitsFirst(SqliteStore):
    """The step is durable before its statements."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(replace(commit, statements=()))
        if commit.statements:
            nothing = replace(commit, expected=commit.version, rows=(), start=None, fence=commit.new_fence)
            await super().commit(replace(nothing, takes=None, listens=(), unlistens=(), sends=(), children=(), logs=()))


class RunsThemFirst(SqliteStore):
    """The statements are durable before the step."""

    async def commit(self, commit: Commit) -> None:
        if commit.statements:
            stored = await self.load(commit.execution)
            assert stored is not None
            version = stored.version
            nothing = replace(commit, expected=version, version=version, rows=(), start=None, fence=stored.fence)
            nothing = replace(nothing, takes=None, listens=(), unlistens=(), sends=(), children=(), logs=())
            await super().commit(nothing)
        await super().commit(replace(commit, statements=()))


class TellsTheParameters(SqliteStore):
    async def commit(self, commit: Commit) -> None:
        try:
            await super().commit(commit)
        except StatementFailed as error:
            raise StatementFailed(f"{error} {commit.statements}") from error


class Unguarded(SqliteStore):
    """Statements run as ours do."""

    async def commit(self, commit: Commit) -> None:
        self._user_sql._run = self._run  # pyright: ignore[reportPrivateUsage]
        self._user_sql._connection.authorizer = None  # pyright: ignore[reportPrivateUsage]
        await super().commit(commit)

    def _run(self, statement: Statement) -> None:
        connection = self._user_sql._connection  # pyright: ignore[reportPrivateUsage]
        try:
            connection.execute(statement.sql, statement.parameters)
        except apsw.ConstraintError as error:
            raise StatementFailed(str(error)) from error


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (ForgetsThem, "statements: statements are committed with the step"),
        (CommitsFirst, "statements: if one fails nothing of the commit was written"),
        (RunsThemFirst, "statements: a commit that is refused runs none"),
        (TellsTheParameters, "statements: a failure says which and why and keeps the parameters to itself"),
        (Unguarded, "statements: a statement is one statement"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[SqliteStore], case: str, tmp_path: Path) -> None:
    await assert_caught_in_sql(planted, case, tmp_path)

"""The cases of `commit` catch a store that loses a guard."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.ports.store import Commit, StoreError
from tests.testing.store_contract.planted import Planted, assert_caught


class ForgetsExpected(Planted):
    """Any version will do."""

    async def commit(self, commit: Commit) -> None:
        stored = await self.load(commit.execution)
        if stored is not None and commit.start is None:
            ahead = stored.version - commit.expected
            rows = [replace(row, seq=row.seq + ahead) for row in commit.rows]
            commit = replace(commit, expected=stored.version, version=commit.version + ahead, rows=rows)
        await super().commit(commit)


class IgnoresFence(Planted):
    """Any fence will do."""

    async def commit(self, commit: Commit) -> None:
        stored = await self.load(commit.execution)
        await super().commit(commit if stored is None else replace(commit, fence=stored.fence))


class KeepsFence(Planted):
    """The new fence is not written."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit if commit.start else replace(commit, new_fence=commit.fence))


class SettlesTwice(Planted):
    """Two rows may settle one activation."""

    async def commit(self, commit: Commit) -> None:
        for execution in self.memory.executions.values():
            execution.settled.clear()
        await super().commit(commit)


class WritesInPart(Planted):
    """Rows of a commit that is refused stay."""

    async def commit(self, commit: Commit) -> None:
        try:
            await super().commit(commit)
        except StoreError:
            if commit.execution in self.memory.executions:
                self.memory.executions[commit.execution].rows += commit.rows
            raise


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (ForgetsExpected, "commit: a stale version is refused"),
        (IgnoresFence, "commit: another fence is refused"),
        (IgnoresFence, "commit: a new owner shuts the old one out"),
        (KeepsFence, "commit: a commit without rows changes hands only"),
        (SettlesTwice, "commit: an activation is settled once"),
        (SettlesTwice, "commit: an execution ends once"),
        (WritesInPart, "commit: an activation is settled once"),
        (WritesInPart, "commit: one commit settles nothing twice"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

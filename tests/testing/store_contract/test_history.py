"""The cases of `load` and `history` catch a store that loses or repeats rows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Row
from tests.testing.store_contract.planted import Planted, assert_caught


class DropsRowsUnderSnapshots(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        if commit.snapshot is not None:
            self.memory.executions[commit.execution].rows.clear()


class KeepsTheFirstSnapshot(Planted):
    async def commit(self, commit: Commit) -> None:
        execution = self.memory.executions.get(commit.execution)
        if execution is not None and execution.snapshot is not None:
            commit = replace(commit, snapshot=None)
        await super().commit(commit)


class SkipsRowsThatBeginBefore(Planted):
    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        rows = await super().history(execution, after, limit)
        return [row for row in rows if row.seq > after]


class IgnoresTheLimit(Planted):
    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        return await super().history(execution, after, 1000)


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (DropsRowsUnderSnapshots, "history: the newest snapshot counts and history keeps all rows"),
        (KeepsTheFirstSnapshot, "history: the newest snapshot counts and history keeps all rows"),
        (SkipsRowsThatBeginBefore, "history: history goes on after any event"),
        (IgnoresTheLimit, "history: history comes in pages"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

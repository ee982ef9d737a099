"""The cases of `logs` catch a store that mixes up, repeats or loses what was logged."""

from __future__ import annotations

import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, LogRecord
from tests.testing.store_contract.planted import Planted, assert_caught


class LogsRefusedCommits(Planted):
    async def commit(self, commit: Commit) -> None:
        try:
            await super().commit(commit)
        except Exception:
            if commit.execution in self.memory.executions:
                self.memory.executions[commit.execution].logs += enumerate(commit.logs, 1)
            raise


class NumbersWithinTheCommit(Planted):
    async def commit(self, commit: Commit) -> None:
        self.memory.logged = 0
        await super().commit(commit)


class SortsByTime(Planted):
    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        return sorted(await super().logs(execution, after, limit), key=lambda entry: entry[1].at)


class IgnoresTheExecution(Planted):
    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        entries = [entry for each in self.memory.executions.values() for entry in each.logs]
        return [entry for entry in entries if entry[0] > after][:limit]


class IgnoresTheLimit(Planted):
    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        return await super().logs(execution, after)


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (LogsRefusedCommits, "logs: a refused commit logs nothing"),
        (NumbersWithinTheCommit, "logs: records come back as they were in order and numbered"),
        (SortsByTime, "logs: records come back as they were in order and numbered"),
        (IgnoresTheExecution, "logs: an execution that is not there logged nothing"),
        (IgnoresTheExecution, "logs: logs come in pages"),
        (IgnoresTheLimit, "logs: logs come in pages"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

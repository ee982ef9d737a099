"""The cases of `forget` catch a store that leaves something behind, or takes too much."""

from __future__ import annotations

import pytest

from pectin.core.identity import ExecutionId
from tests.testing.store_contract.planted import Planted, assert_caught


class HidesIt(Planted):
    """The rows stay, and a new execution with the id has them."""

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        pass


class LeavesItsWaits(Planted):
    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        forgotten = self.memory.executions.pop(execution, None)
        await super().forget(execution, now)
        if forgotten is not None and forgotten.summary.key is not None:
            del self.memory.keys[forgotten.summary.workflow_id, forgotten.summary.key]


class TakesAllLogs(Planted):
    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        await super().forget(execution, now)
        for other in self.memory.executions.values():
            other.logs.clear()


class TakesTheMessagesToo(Planted):
    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        for match in await self.matches():
            if match.execution == execution:
                del self.memory.inbox.messages[match.id]
        await super().forget(execution, now)


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (HidesIt, "forget: a forgotten execution is not there"),
        (LeavesItsWaits, "forget: its waits are over and the message is for the next"),
        (TakesAllLogs, "forget: others stay"),
        (TakesAllLogs, "forget: to forget one that is not there does nothing"),
        (TakesTheMessagesToo, "forget: its waits are over and the message is for the next"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

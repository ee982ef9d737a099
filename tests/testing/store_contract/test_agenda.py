"""The cases of `claim` catch a store that strands an execution, or hands out one that has an owner."""

from __future__ import annotations

import pytest

from pectin.core.identity import ExecutionId
from tests.testing.store_contract.planted import Planted, assert_caught


class ForgetsOrphans(Planted):
    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await super().claim(now, 0, workflows, limit)


class ClaimsTheOwned(Planted):
    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await super().claim(now, fence + 1, workflows, limit)


class ClaimsTheLastFirst(Planted):
    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return (await super().claim(now, fence, workflows, limit))[::-1]


class NeverDue(Planted):
    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        return None


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (ForgetsOrphans, "agenda: what an older engine owned is claimed and what this one owns is not"),
        (ClaimsTheOwned, "agenda: what an older engine owned is claimed and what this one owns is not"),
        (ClaimsTheLastFirst, "agenda: who is due is claimed the longest due first"),
        (NeverDue, "agenda: the next due is the earliest and forgets what is owned"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

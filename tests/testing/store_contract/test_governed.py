"""The cases of governed executions catch a store that loses a mark, or what they keep."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Stored
from tests.testing.store_contract.planted import Planted, assert_caught


class LosesLinks(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(replace(commit, rows=[replace(row, link=None) for row in commit.rows]))


class KeepsTheFirstSeal(Planted):
    async def commit(self, commit: Commit) -> None:
        found = self.memory.executions.get(commit.execution)
        first = None if found is None else found.seal
        await super().commit(replace(commit, seal=first or commit.seal))


class LosesTheSeal(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        self.memory.executions[commit.execution].seal = commit.seal


class SealsNoChild(Planted):
    async def commit(self, commit: Commit) -> None:
        children = [replace(child, seal=None) for child in commit.children]
        await super().commit(replace(commit, children=children))


class SealsFirst(Planted):
    """In another transaction."""

    async def commit(self, commit: Commit) -> None:
        if (found := self.memory.executions.get(commit.execution)) is not None:
            found.seal = commit.seal
        await super().commit(commit)


class ShowsWhatIsLoaded(Planted):
    async def evidence(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> Stored | None:
        return await self.load(execution)


class Forgets(Planted):
    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        self.memory.executions[execution].seal = None
        await super().forget(execution, now)


class ForgetsNothing(Planted):
    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        await super().forget(execution)


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (LosesLinks, "governed: links and the last seal come back"),
        (LosesLinks, "governed: after a snapshot the links of the rest come back"),
        (KeepsTheFirstSeal, "governed: links and the last seal come back"),
        (LosesTheSeal, "governed: a commit without a seal leaves it"),
        (SealsNoChild, "governed: a child is sealed in its parents commit"),
        (SealsFirst, "governed: a refused commit leaves no mark"),
        (ShowsWhatIsLoaded, "governed: evidence is what lies there page by page"),
        (Forgets, "governed: what is kept for ever is not forgotten"),
        (Forgets, "governed: what is kept until a time is forgotten from then on"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)


async def test_a_store_that_never_forgets_is_caught() -> None:
    with pytest.raises(Exception, match="Leave it"):
        await assert_caught(ForgetsNothing, "governed: what is kept until a time is forgotten from then on")

"""The cases of children catch a store that begins one without its parent's commit, or not as it was told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.ports.store import OWNED, Commit
from tests.testing.store_contract.planted import Planted, assert_caught


class OwnsChildren(Planted):
    """A child is born into the hands of its parent's engine."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        for child in commit.children:
            born = self.memory.executions[child.execution]
            born.summary = replace(born.summary, fence=commit.new_fence, due=OWNED)


class ForgetsTheirWaits(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(replace(commit, children=[replace(child, listens=()) for child in commit.children]))


class TakesTheOneThatIsThere(Planted):
    async def commit(self, commit: Commit) -> None:
        new = [child for child in commit.children if child.execution not in self.memory.executions]
        await super().commit(replace(commit, children=new))


class TakesOneOfTwins(Planted):
    async def commit(self, commit: Commit) -> None:
        once = {child.execution: child for child in commit.children}
        await super().commit(replace(commit, children=list(once.values())))


class BegetsBeforeItLooks(Planted):
    """Children stay though the commit is refused."""

    async def commit(self, commit: Commit) -> None:
        if commit.start is None and commit.children:
            stored = await self.load(commit.execution)
            assert stored is not None
            none = replace(commit, expected=stored.version, version=stored.version, rows=(), fence=stored.fence)
            await super().commit(replace(none, new_fence=stored.fence))
        await super().commit(replace(commit, children=()))


class IgnoresTheirKeys(Planted):
    async def commit(self, commit: Commit) -> None:
        keyless = [replace(child, start=replace(child.start, key=None)) for child in commit.children]
        await super().commit(replace(commit, children=keyless))


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (OwnsChildren, "children: a child is there with everything that is said of it"),
        (OwnsChildren, "children: whoever claims a child writes the first fence"),
        (ForgetsTheirWaits, "children: a child listens from its first moment"),
        (TakesTheOneThatIsThere, "children: a child that exists is refused with its parents commit"),
        (TakesOneOfTwins, "children: a child that exists is refused with its parents commit"),
        (BegetsBeforeItLooks, "children: a refused commit begins no child"),
        (IgnoresTheirKeys, "children: a start key holds for children too"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

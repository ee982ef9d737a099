"""The cases of `find` catch a store that lists in another order, or the wrong ones."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.ports.store import Find, Summary
from tests.testing.store_contract.planted import Planted, assert_caught


class OldestFirst(Planted):
    async def find(self, find: Find) -> list[Summary]:
        return (await super().find(find))[::-1]


class IgnoresBefore(Planted):
    async def find(self, find: Find) -> list[Summary]:
        return await super().find(replace(find, before=None))


class TakesNoStatusesForAll(Planted):
    async def find(self, find: Find) -> list[Summary]:
        return await super().find(replace(find, statuses=find.statuses or None))


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (OldestFirst, "find: the newest come first"),
        (IgnoresBefore, "find: lists come in pages"),
        (TakesNoStatusesForAll, "find: a key a workflow and statuses narrow the list"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

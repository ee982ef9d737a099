"""The cases of starting catch a store that gives a key twice, or takes it from the living."""

from __future__ import annotations

import pytest

from pectin.ports.store import Commit
from tests.testing.store_contract.planted import Planted, assert_caught


class ForgetsKeys(Planted):
    async def commit(self, commit: Commit) -> None:
        self.memory.keys.clear()
        await super().commit(commit)


class FreesKeysAtTheEnd(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        if commit.status.is_terminal:
            self.memory.keys.clear()


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (ForgetsKeys, "start: a start key is unique within its workflow"),
        (ForgetsKeys, "start: of two starts with one key at once one wins"),
        (ForgetsKeys, "start: a restart takes no key from an execution that goes on"),
        (FreesKeysAtTheEnd, "start: a start key stays taken after the end"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

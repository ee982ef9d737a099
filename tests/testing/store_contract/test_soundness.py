"""The cases of `check` and `waits` catch a store that complains of itself, or mends too much, or mixes waits up."""

from __future__ import annotations

import pytest

from pectin.core.audit import Finding, found
from pectin.core.identity import ExecutionId
from pectin.ports.store import Listen
from tests.testing.store_contract.planted import Planted, assert_caught


class Hypochondriac(Planted):
    async def check(self, *, mend: bool = False) -> list[Finding]:
        return [found("damaged_file", "everything", "it looks bad")]


class ComplainsOfMessages(Planted):
    async def check(self, *, mend: bool = False) -> list[Finding]:
        return [found("mark_wrong", str(id), "who wants that?") for id in self.memory.inbox.messages]


class MendsTooMuch(Planted):
    async def check(self, *, mend: bool = False) -> list[Finding]:
        if mend:
            for execution in list(self.memory.inbox.open):
                self.memory.inbox.forget(execution)
        return []


class SortsWaits(Planted):
    async def waits(self, execution: ExecutionId) -> list[Listen]:
        return sorted(await super().waits(execution), key=lambda listen: listen.activation)


class MixesWaitsUp(Planted):
    async def waits(self, execution: ExecutionId) -> list[Listen]:
        return [listen for waits in self.memory.inbox.open.values() for listen in waits.values()]


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (Hypochondriac, "soundness: a new store is sound"),
        (ComplainsOfMessages, "soundness: a store that was used is sound"),
        (MendsTooMuch, "soundness: to mend a sound store changes nothing"),
        (SortsWaits, "soundness: waits stand in the order in which they began"),
        (MixesWaitsUp, "soundness: each has its own waits"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

"""The cases of `publish` catch a store that lets a definition change."""

from __future__ import annotations

import pytest

from pectin.ports.store import PublishedDefinition
from tests.testing.store_contract.planted import Planted, assert_caught


class Overwrites(Planted):
    async def publish(self, definition: PublishedDefinition) -> None:
        self.memory.registered.pop((definition.workflow_id, definition.version), None)
        self.memory.definitions.pop(definition.hash, None)
        await super().publish(definition)


class DropsOldDrafts(Planted):
    async def publish(self, definition: PublishedDefinition) -> None:
        self.memory.definitions.clear()
        await super().publish(definition)


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (Overwrites, "definition: publishing again changes nothing"),
        (Overwrites, "definition: another graph under the same version is refused"),
        (DropsOldDrafts, "definition: a draft names the last one published and keeps the others"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)

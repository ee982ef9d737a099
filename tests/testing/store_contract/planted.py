"""Stores with a planted bug, each of which must turn the contract red."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract import CASES, SQL_CASES, name_of, run


class Planted(MemoryStore):
    """A memory store whose memory is open to damage."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self.memory = memory


async def assert_caught(planted: type[Planted], case: str) -> None:
    """The case of that name fails for the planted bug, and passes without it."""
    (chosen,) = [each for each in CASES if name_of(each) == case]
    memory, sound = Memory(), Memory()
    with pytest.raises(AssertionError):
        await run(chosen, lambda: planted(memory))
    await run(chosen, lambda: MemoryStore(sound))


async def assert_caught_in_sql(planted: type[SqliteStore], case: str, place: Path) -> None:
    """The same, for a case of those that speak SQL."""
    (chosen,) = [each for each in SQL_CASES if name_of(each) == case]
    with pytest.raises(AssertionError):
        await run(chosen, lambda: planted(str(place / "planted.db")))
    await run(chosen, lambda: SqliteStore(str(place / "sound.db")))

"""The power goes at any moment: with `full` no acknowledged commit is lost, with `fast` none that is before one that is
there; and neither is ever damaged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from pectin.store.sqlite import SqliteStore
from tests.storage.ordeal import Found, Given, try_birth, try_moments
from tests.storage.scale import scale

SEEDS = range(4, 4 + scale(2, 10, 50))
IMAGES = scale(400, 10_000, 100_000)
BIRTHS = scale(800, 8_000, 80_000)
PLANTED = scale(100, 1_000, 5_000)
ROUNDS = 60


class Normal(SqliteStore):
    """Planted: a store that says `full`, and syncs as little as its level says."""

    level = "NORMAL"

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._writer._connection.pragma("synchronous", self.level)  # pyright: ignore[reportPrivateUsage]


class Off(Normal):
    level = "OFF"


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is copied into the database often, and nothing depends on how fast the machine is."""
    monkeypatch.setattr("pectin.store.sqlite.writer.CHECKPOINT_PAGES", 40)
    monkeypatch.setattr("pectin.store.sqlite.writer.INLINE_SECONDS_MAX", float("inf"))


async def test_full_loses_nothing_that_was_acknowledged(place: Path) -> None:
    found = await try_moments(place, Given(), IMAGES, rounds=ROUNDS, seeds=SEEDS)
    assert not found.broken, found.broken[0]
    assert not found.lost, found.lost[0]
    assert_reached(found)


async def test_fast_loses_only_the_end(place: Path) -> None:
    found = await try_moments(place, Given(fast=True), IMAGES, rounds=ROUNDS, seeds=SEEDS)
    assert not found.broken, found.broken[0]
    assert found.lost, "nothing was lost with `fast`: then these tests see no loss"
    assert_reached(found)


def assert_reached(found: Found) -> None:
    """Images in which nothing was lost, or that were cut at harmless moments only, would prove nothing."""
    wanted = [f"{kind}: write {what}" for kind in ("log", "database") for what in ("lost", "torn", "kept")]
    wanted += ["log: delete lost", "log: new name lost", "with a log", "without a log"]
    assert_all_met(wanted, found)


async def test_a_new_store_is_there_whole_or_not_at_all(place: Path) -> None:
    found = await try_birth(place, Given(), BIRTHS, SEEDS[0])
    assert not found.broken, found.broken[0]
    assert not found.lost, found.lost[0]
    wanted = [f"{kind}: write {what}" for kind in ("journal", "database") for what in ("lost", "torn", "kept")]
    wanted += ["journal: delete lost", "journal: new name lost", "database: new name lost"]
    assert_all_met(wanted, found)


def assert_all_met(wanted: list[str], found: Found) -> None:
    assert not [what for what in wanted if not found.reached[what]], found.reached


# -- planted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Normal, Off])
async def test_a_store_that_syncs_too_little_is_found(kind: type[Normal], place: Path) -> None:
    found = await try_moments(place, Given(kind), PLANTED, rounds=ROUNDS, seeds=SEEDS[:1])
    assert found.lost
    assert bool(found.broken) == (kind is Off)


@pytest.mark.parametrize("ignored", ["-wal", "pectin.db", "/", ""])
async def test_a_disk_that_ignores_syncs_is_found(ignored: str, place: Path) -> None:
    if ignored == "/":  # only names can be lost by this, and they are made at the beginning
        found = await try_birth(place, Given(ignores=ignored), BIRTHS, SEEDS[0])
    else:
        found = await try_moments(place, Given(ignores=ignored), PLANTED, rounds=ROUNDS, seeds=SEEDS[:1])
    assert found.lost or found.broken


async def test_a_store_that_is_made_without_syncs_is_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FULL in place of EXTRA would not be: SQLite syncs the directory with its next journal too, and with the log."""

    class Careless(apsw.Connection):
        def pragma(self, name: str, value: Any = None, **options: Any) -> Any:
            given = () if value is None else ("OFF" if value == "EXTRA" else value,)
            return super().pragma(name, *given, **options)  # pyright: ignore[reportUnknownMemberType]

    monkeypatch.setattr(apsw, "Connection", Careless)
    found = await try_birth(place, Given(), BIRTHS, SEEDS[0])
    assert found.lost
    assert found.broken

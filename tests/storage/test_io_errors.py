"""The kth call of the disk fails, for every k of a small life: each time the caller is told so by an error of the
store, nothing that was acknowledged is lost, nothing that was refused is there, and after a failed sync none is tried.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from pectin.ports.store import Commit, Find, StoreBroken, StoreError
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.sample import REPORT, refused, started
from tests.storage.faulty import FAULTS, Faulty
from tests.storage.scale import scale
from tests.storage.work import Work, numbers

SEED = 7
SECONDS_MAX = 20
STRIDE = scale(3, 1, 1)
"""Of the calls from which on all fail, only every so many are tried: what they do differs less."""


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints come often, and each life makes the same calls."""
    monkeypatch.setattr("pectin.store.sqlite.writer.CHECKPOINT_PAGES", 20)
    monkeypatch.setattr("pectin.store.sqlite.writer.INLINE_SECONDS_MAX", float("inf"))


class Lived(NamedTuple):
    """A life on a disk of which something failed, and what the callers were told."""

    disk: Faulty
    work: Work
    told: list[StoreError]
    what: str


async def test_each_call_fails_once(place: Path) -> None:
    calls = await calls_of_a_life(place)
    told = Counter[str]()
    for number, call in enumerate(calls, 1):
        for variant in range(len(FAULTS[call.split()[0]])):
            lived = await live(place, number, variant=variant)
            assert lived.disk.failed == [call], f"{lived.what} is another call than in the life before"
            told[type(lived.told[0]).__name__ if lived.told else "nobody"] += 1
            await assert_nothing_lost(place, lived)
    assert {call.split()[0] for call in calls} == FAULTS.keys(), "a kind of call was never made to fail"
    assert told["StoreError"] > 300
    assert told["StoreBroken"] > 10
    assert told["nobody"] > 10, "checkpoints and closing fail without anybody's harm"


async def test_all_calls_fail_from_one_on(place: Path) -> None:
    calls = await calls_of_a_life(place)
    for number in range(1, len(calls) + 1, STRIDE):
        await assert_nothing_lost(place, await live(place, number, for_good=True))


# -- planted -----------------------------------------------------------------------------------------------


class Careless(SqliteStore):
    """Says that a commit is durable although it failed."""

    async def commit(self, commit: Commit) -> None:
        with suppress(StoreError):
            await super().commit(commit)


async def test_a_store_that_hides_a_failure_is_found(place: Path) -> None:
    number = (await calls_of_a_life(place)).index("write log", 400) + 1
    with pytest.raises(AssertionError, match="what was acknowledged is lost"):
        await assert_nothing_lost(place, await live(place, number, kind=Careless, for_good=True))


async def test_a_store_that_tries_a_sync_again_is_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = await calls_of_a_life(place)
    monkeypatch.setattr("pectin.store.sqlite.writer.leave_log", id)
    with pytest.raises(AssertionError, match="another sync was tried"):
        await live_each(place, [number for number, call in enumerate(calls, 1) if call == "sync log"])


# -- a life ------------------------------------------------------------------------------------------------


async def calls_of_a_life(place: Path) -> list[str]:
    """What a life asks of a disk that does it."""
    lived = await live(place, 0)
    assert not lived.told
    assert len(lived.work.acked) > 10
    return lived.disk.calls


async def live_each(place: Path, numbers: list[int]) -> None:
    """A life for each of these calls, which fails in it."""
    for number in numbers:
        await live(place, number)


async def live(
    place: Path, fails_at: int, *, kind: type[SqliteStore] = SqliteStore, for_good: bool = False, variant: int = 0
) -> Lived:
    """Work, read, and after a failure once more; then close."""
    for file in place.iterdir():
        file.unlink()
    with faulty(Faulty(fails_at, for_good=for_good, variant=variant)) as disk:
        lived = Lived(disk, Work(SEED), [], f"call {fails_at}, variant {variant}{', for good' * for_good}")
        await asyncio.wait_for(_live(partial(kind, str(place / "pectin.db")), lived), SECONDS_MAX)
    return lived


@contextmanager
def faulty(disk: Faulty) -> Generator[Faulty]:
    """The disk of all new connections."""
    try:
        yield disk
    finally:
        disk.unregister()


async def _live(open_store: Callable[[], SqliteStore], lived: Lived) -> None:
    try:
        store = open_store()
    except StoreError as error:
        lived.told.append(error)
        return
    try:
        try:
            await lived.work.do(store, 8)
            await numbers(store, lived.work)
            await store.find(Find())
        except StoreError as error:
            lived.told.append(error)
            await _go_on(store, lived)
    finally:
        await store.close()
    if any(isinstance(error, StoreBroken) for error in lived.told):
        failed = max(number for number, call in enumerate(lived.disk.calls) if call.startswith("sync"))
        assert lived.disk.calls[failed] in lived.disk.failed, f"{lived.what}: another sync was tried"


async def _go_on(store: SqliteStore, lived: Lived) -> None:
    """A store that is broken stays so, and another one works again as soon as the disk does."""
    assert "pectin.db" in str(lived.told[0])
    lived.disk.heal()
    if not isinstance(lived.told[0], StoreBroken):
        fence = await store.take()
        await store.publish(REPORT)
        assert await store.load(await started(store, fence, REPORT)) is not None
        return
    for verb in (store.take, partial(store.publish, REPORT), partial(store.find, Find())):
        await refused(StoreBroken, verb())
    with pytest.raises(StoreBroken):
        store.changed()


async def assert_nothing_lost(place: Path, lived: Lived) -> None:
    """Open the store on a disk that works."""
    store = SqliteStore(str(place / "pectin.db"))
    there = await numbers(store, lived.work)
    await store.take()
    await store.close()
    assert lived.work.acked <= there, f"{lived.what}: what was acknowledged is lost"
    refused = {number for number, error in lived.work.refused.items() if not isinstance(error, StoreBroken)}
    assert not refused & there, f"{lived.what}: what was refused is there"

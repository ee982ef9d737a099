"""A store at work on a disk that writes it down, and what it is after the power went, at many moments."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from pectin.core.error import PectinError
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import APPLICATION_ID, open_reader
from pectin.store.sqlite.failure import explained
from tests.storage.disk import Acked, Created, Deleted, Disk, Happening, Made
from tests.storage.power import FileSystem
from tests.storage.work import Work, committed

STORE = "pectin.db"


class Given(NamedTuple):
    """The store and the disk that are to be tried. The disk `ignores` syncs as in `Disk`."""

    kind: type[SqliteStore] = SqliteStore
    fast: bool = False
    ignores: str | None = None


class Life(NamedTuple):
    """What a store did, and what the disk saw of it."""

    work: Work
    log: list[Happening]


class Found(NamedTuple):
    """What was wrong with the images: `lost` ones lack what was acknowledged, `broken` ones are something that the
    store never was. `reached` counts what was met on the way."""

    lost: list[str]
    broken: list[str]
    reached: Counter[str]


async def try_moments(place: Path, given: Given, images: int, *, rounds: int, seeds: range) -> Found:
    """So many images of the lives with these seeds, at random moments, and one more wherever a name has just changed:
    that is rare."""
    found = Found([], [], Counter())
    for seed in seeds:
        life = await live(place, given, rounds, seed)
        chance = random.Random(seed)
        moments = Counter(chance.randrange(len(life.log) + 1) for _ in range(images // len(seeds)))
        moments.update(moment for moment, entry in enumerate(life.log, 1) if isinstance(entry, Created | Deleted))
        await _look(place, life, f"seed {seed}", moments, found)
    return found


async def try_birth(place: Path, given: Given, images: int, seed: int) -> Found:
    """So many images of a store's first moments, each moment as often as the others."""
    found = Found([], [], Counter())
    life = await live(place, given, 2, seed)
    moments = Counter({moment: images // len(life.log) + 1 for moment in range(len(life.log) + 1)})
    await _look(place, life, f"birth {seed}", moments, found)
    return found


async def live(place: Path, given: Given, rounds: int, seed: int) -> Life:
    """Two engines in a row do their work, so many rounds in all."""
    home = place / "life"
    home.mkdir()
    with _on_disk(given, seed) as disk:
        work = Work(seed, lambda number, fence: disk.log.append(Acked(number, fence)))
        for _ in range(2):
            store = given.kind(str(home / STORE), fast=given.fast)
            disk.log.append(Made())
            await work.do(store, rounds // 2)
            await store.close()
    shutil.rmtree(home)
    return Life(work, disk.log)


@contextmanager
def _on_disk(given: Given, seed: int) -> Generator[Disk]:
    """A disk for all new connections."""
    disk = Disk(seed, given.ignores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pectin.store.sqlite.connection.sync_directory", disk.sync_directory)
        try:
            yield disk
        finally:
            disk.unregister()


async def _look(place: Path, life: Life, name: str, moments: Counter[int], found: Found) -> None:
    """Cut the power, so many times at each moment, and judge what is left."""
    files = FileSystem()
    for moment in range(len(life.log) + 1):
        for nth in range(moments[moment]):
            what = f"{name}, moment {moment}, image {nth}"
            left = files.cut(random.Random(what), found.reached)
            found.reached["images"] += 1
            found.reached["with a log" if left.get(f"{STORE}-wal") else "without a log"] += 1
            image = place / "image"
            image.mkdir()
            for file, content in left.items():
                (image / file).write_bytes(content)
            await _judge(str(image / STORE), what, files, life.work, found)
            shutil.rmtree(image)
        if moment < len(life.log):
            files.go_on(life.log[moment])


async def _judge(path: str, what: str, files: FileSystem, work: Work, found: Found) -> None:
    """Open an image, see that it is what the store has been at some time, and that it goes on."""
    acked = files.acked
    try:
        if files.made and not _is_made(path):
            found.lost.append(f"{what}: the store was there, and now there is none")
            return
        store = SqliteStore(path)
        try:
            there = await committed(store, path, work)
            fence = await store.take()
        finally:
            await store.close()
    except (AssertionError, PectinError) as problem:
        found.broken.append(f"{what}: {problem}")
        return
    if there < acked.number:
        found.lost.append(f"{what}: {acked.number} commits were acknowledged, and {there} are there")
    elif fence <= acked.fence:
        found.lost.append(f"{what}: the fence {acked.fence} was given before, and now {fence} is")


def _is_made(path: str) -> bool:
    if not Path(path).exists():
        return False
    with explained(path), closing(open_reader(path)) as reader:
        return reader.pragma("application_id") == APPLICATION_ID

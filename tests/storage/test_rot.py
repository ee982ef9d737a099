"""Files that have rotted: what can't be read as it was written is refused, or its execution is left alone; the others
go on, and nobody is told anything false.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pectin import Engine, ExecutionId
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent
from pectin.core.state import Run
from pectin.ports.store import StoreError
from pectin.runtime.error import NotFound
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.checksum import history_checksum
from tests.runtime.sample import ZERO, add, asking, chain
from tests.storage.rot import DAMAGES
from tests.storage.scale import scale

IMAGES = scale(400, 10_000, 100_000)
PLANTED = scale(300, 1_000, 3_000)
ENGINES = scale(40, 500, 3_000)
DATABASE, LOG = "pectin.db", "pectin.db-wal"

Files = Mapping[str, bytes]


class Truth(NamedTuple):
    """What a store holds, as it was written: with a log, and after that was copied into the database."""

    runs: dict[ExecutionId, Run]
    events: dict[ExecutionId, list[tuple[int, AnyEvent]]]
    with_log: Files
    copied: Files


async def write(place: Path) -> Truth:
    """A store with some executions that have ended, and some that wait for a person."""
    path = place / DATABASE
    chained, asks = chain(*[add] * 6), asking()
    store = SqliteStore(str(path))
    async with Engine(store, workflows=[chained, asks]) as engine:
        executions = [await engine.start(workflow, ZERO) for workflow in (chained, asks) for _ in range(6)]
        await engine.idle()
        visitor = Visitor(store)
        runs = {each.id: (await visitor.read(each.id)).run for each in executions}
        events = {each.id: await visitor.events(each.id) for each in executions}
        with_log = {name: (place / name).read_bytes() for name in (DATABASE, LOG)}
    await store.close()
    return Truth(runs, events, with_log, {DATABASE: path.read_bytes()})


async def test_what_has_rotted_in_the_database_is_never_told(place: Path) -> None:
    truth = await write(place)
    seen = await look_at_all(place, truth, IMAGES)
    assert seen["as it was"] > IMAGES
    assert seen["refused"] > IMAGES // 20, seen
    assert seen["left alone"] > IMAGES // 20, seen


async def test_what_has_rotted_in_the_log_is_never_told(place: Path) -> None:
    """SQLite takes a log to end where its checksums do, so a history may end earlier; never otherwise."""
    truth = await write(place)
    seen = Counter[str]()
    for seed in range(IMAGES // 2):
        with_rot(place, truth.with_log, LOG, seed)
        await look(place, truth, f"log {seed}", seen, may_end_early=True)
    assert seen["ended early"], seen


async def test_without_checksums_something_false_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: it makes no difference what the sum is."""
    monkeypatch.setattr("pectin.store.sqlite.reading.history_checksum", anything)
    truth = await write(place)
    with pytest.raises(AssertionError, match="is told otherwise"):
        await look_at_all(place, truth, PLANTED)


async def test_an_engine_leaves_alone_what_has_rotted_and_goes_on_with_the_rest(place: Path) -> None:
    truth = await write(place)
    asks = asking()
    waiting = [id for id, run in truth.runs.items() if run.workflow_id == asks.id]
    seen = Counter[str]()
    for seed in range(ENGINES):
        with_rot(place, truth.copied, DATABASE, seed)
        try:
            async with Engine(place / DATABASE, workflows=[asks]) as engine:
                for id in waiting:
                    try:
                        execution = await engine.execution(id, asks)
                        await execution.approve("review", by="me")
                        assert await execution.result() == {"n": 2}, f"image {seed}"
                        seen["completed"] += 1
                    except PectinError:
                        seen["left alone"] += 1
        except StoreError:
            seen["refused"] += 1
    assert seen["completed"] > ENGINES
    assert seen["left alone"], seen
    assert seen["refused"], seen


class Anything(int):
    """Never another number than the one that is asked about."""

    def __ne__(self, _: object) -> bool:
        return False


def anything(*row: Any) -> int:
    history_checksum(*row)  # what a row can't be is refused all the same
    return Anything()


async def look_at_all(place: Path, truth: Truth, images: int) -> Counter[str]:
    """So many databases that have rotted, each in its own way."""
    seen = Counter[str]()
    for seed in range(images):
        with_rot(place, truth.copied, DATABASE, seed)
        await look(place, truth, f"image {seed}", seen)
    return seen


def with_rot(place: Path, files: Files, rotten: str, seed: int) -> None:
    """These files and no others, one of them damaged."""
    for file in place.iterdir():
        file.unlink()
    for name, content in files.items():
        changed = bytearray(content)
        if name == rotten:
            chance = random.Random(seed)
            chance.choice(DAMAGES)(changed, chance)
        (place / name).write_bytes(changed)


async def look(place: Path, truth: Truth, what: str, seen: Counter[str], *, may_end_early: bool = False) -> None:
    """Read everything, and compare what is told with what was written."""
    try:
        store = SqliteStore(str(place / DATABASE))
    except StoreError:
        seen["refused"] += 1
        return
    visitor = Visitor(store)
    missing = False
    for id, run in truth.runs.items():
        try:
            told = (await visitor.read(id)).run
        except NotFound:
            seen["not found"] += 1
            missing = True
        except PectinError:
            seen["left alone"] += 1
        else:
            ended_early = may_end_early and told.version < run.version
            seen["ended early" if ended_early else "as it was"] += 1
            assert ended_early or told == run, f"{what}: {id} is told otherwise"
        await compare_events(visitor, id, truth, what, may_end_early=may_end_early)
    if missing and not may_end_early:
        assert await complaints(store), f"{what}: nobody knows that something is missing"
    await store.close()


async def compare_events(visitor: Visitor, id: ExecutionId, truth: Truth, what: str, *, may_end_early: bool) -> None:
    try:
        events = await visitor.events(id)
    except PectinError:
        return
    expected = truth.events[id][: len(events)] if may_end_early else truth.events[id]
    assert events == expected or not events, f"{what}: the history of {id} is told otherwise"


async def complaints(store: SqliteStore) -> list[Any]:
    """What the store finds when it is asked to look."""
    try:
        return await store.check()
    except StoreError as error:
        return [error]

"""An engine on a disk that fails: it says so, goes on by itself if it can, stops if it can't, and loses nothing."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import NamedTuple

import pytest

from pectin import Engine, EngineStopped, ExecutionId
from pectin.ports.store import StoreBroken, StoreError
from tests.runtime.sample import ZERO, add, chain
from tests.storage.faulty import Faulty
from tests.storage.scale import scale

WORKFLOW = chain(add, add, add)
EXECUTIONS = 4
TRIES = scale(60, 400, 2_000)
SECONDS_MAX = 20


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is tried again waits for long, and checkpoints come often."""
    monkeypatch.setattr("pectin.runtime.agenda.TRY_AGAIN_MS", 20)
    monkeypatch.setattr("pectin.runtime.dispatcher.TRY_AGAIN_MS", 20)
    monkeypatch.setattr("pectin.store.sqlite.writer.CHECKPOINT_PAGES", 20)


class Lived(NamedTuple):
    """What was acknowledged, what ended, and what the callers were told."""

    started: list[ExecutionId]
    ended: list[ExecutionId]
    told: list[Exception]


async def test_an_engine_goes_on_after_a_call_that_failed(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    calls = len((await live_on(Faulty(), place))[0].calls)
    stopped = went_on = 0
    for number in range(1, calls, max(1, calls // TRIES)):
        caplog.clear()
        disk, lived = await live_on(Faulty(number), place)
        broken = [error for error in lived.told if isinstance(error, StoreBroken | EngineStopped)]
        if broken:
            stopped += 1
            assert disk.failed[0].startswith("sync"), f"call {number}: {broken}"
            assert (
                any("the engine stops: The system could not make" in line for line in logged(caplog))
                or not lived.started
            )
        elif lived.started and not lived.told:
            went_on += 1
            assert set(lived.ended) == set(lived.started)
        await finish(place, lived)
    assert stopped > 1
    assert went_on > 10


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


async def live_on(disk: Faulty, place: Path) -> tuple[Faulty, Lived]:
    """An engine starts executions and sees them through, as far as it comes."""
    for file in place.iterdir():
        file.unlink()
    try:
        lived = Lived([], [], [])
        await asyncio.wait_for(live(place, lived), SECONDS_MAX)
    finally:
        disk.unregister()
    return disk, lived


async def live(place: Path, lived: Lived) -> None:
    try:
        async with Engine(place / "pectin.db", workflows=[WORKFLOW]) as engine:
            for number in range(EXECUTIONS):
                try:
                    execution = await engine.start(WORKFLOW, ZERO, key=f"key {number}")
                except StoreBroken:
                    raise
                except StoreError as error:
                    lived.told.append(error)
                    continue
                lived.started.append(execution.id)
                assert await execution.result() == {"n": 3}
                lived.ended.append(execution.id)
    except (StoreError, EngineStopped) as error:
        lived.told.append(error)


async def finish(place: Path, lived: Lived) -> None:
    """The next engine, on a disk that works, brings everything that was acknowledged to its end."""
    async with Engine(place / "pectin.db", workflows=[WORKFLOW]) as engine:
        await engine.idle()
        assert not engine.quarantined
        for id in lived.started:
            assert await (await engine.execution(id, WORKFLOW)).result() == {"n": 3}

"""From a signal to the end of the step behind it, among many that wait: sent in the engine's process, and beside it, by
a `Visitor` in a process of its own, as `pectin signal` does it."""

from __future__ import annotations

import asyncio
import time
from asyncio.subprocess import PIPE, Process

from bench.interpreter import PYTHON, environment
from bench.measure import Bench, Measure, compared, expect, percentile
from bench.workloads.parked import MANY, Nothing, listening, park
from pectin import Engine, Execution

PARKED = 100_000
QUICK = 5_000
"""Besides those that are woken."""
WOKEN = 100
"""In each round, one after another."""


async def run(bench: Bench) -> list[Measure]:
    woken = bench.size(WOKEN)
    here: list[list[float]] = []
    beside: list[list[float]] = []
    raw_seconds: list[list[float]] = []
    with bench.raw() as raw:
        async with bench.engine(listening) as engine:
            parked = bench.size(QUICK if bench.quick else PARKED)
            while parked > 0:
                await park(engine, listening, min(parked, MANY))
                parked -= MANY
            visitor = await asyncio.create_subprocess_exec(
                PYTHON, "-m", "bench.visitor", str(bench.store), env=environment(), stdin=PIPE, stdout=PIPE
            )
            try:
                for _ in range(bench.rounds + 1):
                    ids = await park(engine, listening, 2 * woken)
                    raw_seconds.append(raw.each())
                    here.append([await _wake(engine, id) for id in ids[:woken]])
                    beside.append([await _wake_from_beside(engine, id, visitor) for id in ids[woken:]])
            finally:
                await visitor.communicate(b"")  # it ends when there is nothing more to read
    expect(visitor.returncode, 0, "the exit code of the process beside")
    return [
        _compared(key, what, percent, waits[1:], raw_seconds[1:])  # the first round fills caches
        for key, what, waits in (
            ("wake", "signal to the end of the step", here),
            ("wake-beside", "same, from another process", beside),
        )
        for percent in (50, 99)
    ]


async def _wake(engine: Engine, id: str) -> float:
    execution = await engine.execution(id, listening)
    began = time.monotonic()
    await execution.signal("go", by="bench")
    return await _ended(execution) - began


async def _wake_from_beside(engine: Engine, id: str, visitor: Process) -> float:
    assert visitor.stdin is not None
    assert visitor.stdout is not None
    execution = await engine.execution(id, listening)
    ended = asyncio.create_task(_ended(execution))
    visitor.stdin.write(f"{id}\n".encode())
    began = float(await visitor.stdout.readline())
    return await ended - began


async def _ended(execution: Execution[Nothing]) -> float:
    """When its step was done, by a clock that all processes share."""
    state = await execution.result()
    at = time.monotonic()
    expect(state.done, True, "the step behind the signal is done")
    return at


def _compared(key: str, what: str, percent: float, waits: list[list[float]], raw: list[list[float]]) -> Measure:
    return compared(
        f"{key}-p{percent}",
        f"{what}, p{percent}",
        "ms",
        [percentile(each, percent) * 1e3 for each in waits],
        [percentile(each, percent) * 1e3 for each in raw],
        raw_unit=f"ms a commit, p{percent}",
    )

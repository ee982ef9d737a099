"""Steps beside a `def` that computes: it holds Python's lock, for which the engine has to ask again and again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from bench.measure import Bench, Measure, compared
from bench.workloads.sequential import Count, in_loop, steps_of
from pectin import Engine, Workflow

STEPS = 200

computing = Workflow("computing", version="1.0.0", state=Count)
_begun, _enough = threading.Event(), threading.Event()


@computing.node
def compute(state: Count) -> Count:
    _begun.set()
    while not _enough.is_set():
        state.done += 1
    return state


@contextmanager
def _stopped() -> Generator[None]:
    _begun.clear()
    _enough.clear()
    try:
        yield
    finally:
        _enough.set()


async def run(bench: Bench) -> list[Measure]:
    steps = bench.size(STEPS)
    alone: list[float] = []
    beside: list[float] = []
    async with bench.engine(in_loop, computing) as engine:
        for lap in range(bench.rounds + 1):
            calm = await _ms(engine, steps)
            with _stopped():
                execution = await engine.start(computing)
                await asyncio.to_thread(_begun.wait)
                busy = await _ms(engine, steps)
            await execution.result()
            if lap:  # the first one fills caches
                alone.append(calm)
                beside.append(busy)
    return [compared("computing", "a step beside a `def` that computes", "ms", beside, alone, raw_unit="ms alone")]


async def _ms(engine: Engine, steps: int) -> float:
    """Milliseconds of a step."""
    began = time.perf_counter()
    done = await steps_of(engine, in_loop, steps)
    return (time.perf_counter() - began) / done * 1e3

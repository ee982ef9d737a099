"""The workloads, one file each. Each checks what the engine gave before it says how fast that was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bench.measure import Bench, Measure
from bench.workloads import (
    cold,
    computing,
    concurrency,
    crash,
    decide,
    documents,
    fan_out,
    finished,
    footprint,
    history,
    many,
    map_items,
    parked,
    sequential,
    timers,
    wake,
)

WORKLOADS: Mapping[str, Callable[[Bench], Awaitable[list[Measure]]]] = {
    "sequential": sequential.run,
    "many": many.run,
    "concurrency": concurrency.run,
    "computing": computing.run,
    "fan_out": fan_out.run,
    "map_items": map_items.run,
    "history": history.run,
    "footprint": footprint.run,
    "parked": parked.run,
    "wake": wake.run,
    "timers": timers.run,
    "crash": crash.run,
    "finished": finished.run,
    "decide": decide.run,
    "documents": documents.run,
    "cold": cold.run,
}


def measure(name: str, bench: Bench) -> list[Measure]:
    """One workload, in this process. Raises `WrongResult`."""
    return asyncio.run(_run(name, bench))


async def _run(name: str, bench: Bench) -> list[Measure]:
    return await WORKLOADS[name](bench)

"""A map of 10,000 items, and how long it keeps others from the event loop meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.measure import Bench, Clock, Measure, alone, alternate, expect, percentile, throughput
from pectin import Engine, Workflow

ITEMS = 10_000
EVERY_SECONDS = 0.001
"""Between two looks at the loop."""


@dataclass
class Numbers:
    given: list[int] = field(default_factory=list[int])
    doubled: list[int] = field(default_factory=list[int])


doubling = Workflow("doubling", version="1.0.0", state=Numbers)


@doubling.each("state.given", output_key="doubled")
async def double(item: int) -> int:
    return item * 2


async def run(bench: Bench) -> list[Measure]:
    items = bench.size(ITEMS)
    lags: list[float] = []
    with bench.raw() as raw:
        async with bench.engine(doubling) as engine:
            rounds = await alternate(bench, raw, lambda: items_of(engine, items))
            for _ in range(1 if bench.quick else bench.rounds):  # apart, for to look costs time
                with watched_loop(bench.clock) as late_seconds:
                    await items_of(engine, items)
                lags.append(percentile(late_seconds, 99) * 1e3)
    return [
        throughput("map", f"for_each of {items:,} items", "items/s", rounds),
        alone("map-lag", f"for_each of {items:,} items: the loop's lag, p99", "ms", lags),
    ]


async def items_of(engine: Engine, items: int) -> int:
    """Run one map; how many items it had."""
    given = list(range(items))
    ended = await (await engine.start(doubling, Numbers(given))).result()
    expect(ended.doubled == [item * 2 for item in given], True, "every item is doubled, in its place")
    return items


@contextmanager
def watched_loop(clock: Clock) -> Generator[list[float]]:
    """How many seconds late the event loop calls what is due each millisecond, while this is open."""
    loop = asyncio.get_running_loop()
    late: list[float] = []

    def look(due: float) -> None:
        nonlocal handle
        now = clock()
        late.append(max(0.0, now - due))
        handle = loop.call_later(EVERY_SECONDS, look, now + EVERY_SECONDS)

    handle = loop.call_soon(look, clock())
    try:
        yield late
    finally:
        handle.cancel()

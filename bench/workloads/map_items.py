"""A map of 10,000 items, and how long it keeps others from the event loop meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.loop import watched_loop
from bench.measure import Bench, Measure, alone, alternate, expect, percentile, throughput
from pectin import Engine, Workflow

ITEMS = 10_000


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

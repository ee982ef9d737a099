"""100 branches and a join, and 10,000: one commit begins all that slots allow, and what completes within a tick shares
a sync. A branch of many must not cost more than one of few, nor keep others from the event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from bench.loop import watched_loop
from bench.measure import Bench, Measure, alone, alternate, compared, expect, percentile, throughput
from pectin import Engine, Limits, Workflow

BRANCHES = 100
EXECUTIONS = 10
WIDE = 10_000
LONG = Limits(history_events_warn=50_000)


@dataclass
class Arrivals:
    arrived: list[Any] = field(default_factory=list[Any])


class Nothing(TypedDict, total=False):
    arrived: list[Any]


async def branch(state: Arrivals) -> Nothing:
    return {}


def fan_of(id: str, branches: int) -> Workflow[Arrivals]:
    """A node that leads to so many branches, and a join that collects them."""
    fan = Workflow(id, version="1.0.0", state=Arrivals)
    begin = fan.parallel("begin")
    nodes = [fan.node(branch, name=f"branch_{number}") for number in range(branches)]
    join = fan.join("join", wait_for=nodes, output_key="arrived")
    for node in nodes:
        begin.then(node)
        node.then(join)
    return fan


fan = fan_of("fan", BRANCHES)


async def run(bench: Bench) -> list[Measure]:
    executions, width = bench.size(EXECUTIONS), bench.size(WIDE)
    wide = fan_of("wide", width)
    narrow_us: list[float] = []
    wide_us: list[float] = []
    lags: list[float] = []
    with bench.raw() as raw:
        async with bench.engine(fan, wide, limits=LONG) as engine:
            rounds = await alternate(bench, raw, lambda: branches_of(engine, executions))
            for lap in range(bench.rounds + 1):
                few = await _us(bench, lambda: branches_of(engine, max(1, width // BRANCHES)))
                many = await _us(bench, lambda: branches_of(engine, 1, wide, width))
                with watched_loop(bench.clock) as late_seconds:  # apart, for to look costs time
                    await branches_of(engine, 1, wide, width)
                if lap:  # the first one fills caches
                    narrow_us.append(few)
                    wide_us.append(many)
                    lags.append(percentile(late_seconds, 99) * 1e3)
    what = f"{width:,} branches and a join"
    return [
        throughput("fan-out", f"{BRANCHES} branches and a join", "branches/s", rounds),
        compared("fan-out-wide", f"{what}: each", "µs", wide_us, narrow_us, raw_unit=f"µs of {BRANCHES}"),
        alone("fan-out-wide-lag", f"{what}: the loop's lag, p99", "ms", lags),
    ]


async def _us(bench: Bench, work: Callable[[], Awaitable[int]]) -> float:
    """Microseconds of a branch."""
    began = bench.clock()
    done = await work()
    return (bench.clock() - began) / done * 1e6


async def branches_of(engine: Engine, executions: int, of: Workflow[Arrivals] = fan, branches: int = BRANCHES) -> int:
    """Run so many executions one after another; how many branches they had."""
    wanted = [f"branch_{number}" for number in range(branches)]
    for _ in range(executions):
        ended = await (await engine.start(of)).result()
        expect([arrival["source"] for arrival in ended.arrived] == wanted, True, "every branch has arrived")
    return executions * branches

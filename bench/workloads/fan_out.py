"""100 branches and a join: one commit begins them all, and what completes within a tick shares a sync."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

from bench.measure import Bench, Measure, alternate, expect, throughput
from pectin import Engine, Workflow

BRANCHES = 100
EXECUTIONS = 10


@dataclass
class Arrivals:
    arrived: list[Any] = field(default_factory=list[Any])


class Nothing(TypedDict, total=False):
    arrived: list[Any]


fan = Workflow("fan", version="1.0.0", state=Arrivals)


async def branch(state: Arrivals) -> Nothing:
    return {}


_begin = fan.parallel("begin")
_branches = [fan.node(branch, name=f"branch_{number}") for number in range(BRANCHES)]
_join = fan.join("join", wait_for=_branches, output_key="arrived")
for _branch in _branches:
    _begin.then(_branch)
    _branch.then(_join)


async def run(bench: Bench) -> list[Measure]:
    executions = bench.size(EXECUTIONS)
    with bench.raw() as raw:
        async with bench.engine(fan) as engine:
            rounds = await alternate(bench, raw, lambda: branches_of(engine, executions))
    return [throughput("fan-out", f"{BRANCHES} branches and a join", "branches/s", rounds)]


async def branches_of(engine: Engine, executions: int) -> int:
    """Run so many executions one after another; how many branches they had."""
    for _ in range(executions):
        ended = await (await engine.start(fan)).result()
        sources = [arrival["source"] for arrival in ended.arrived]
        expect(sources, [f"branch_{number}" for number in range(BRANCHES)], "branches that arrived")
    return executions * BRANCHES

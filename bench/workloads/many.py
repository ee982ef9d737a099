"""1,000 executions at once, each a chain of 10 steps: commits share a sync, so the CPU is what limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise

from bench.measure import Bench, Measure, alone, alternate, expect, throughput
from pectin import Engine, Workflow

EXECUTIONS = 1_000
STEPS = 10


@dataclass
class Count:
    done: int = 0


chain = Workflow("chain", version="1.0.0", state=Count)


async def count(state: Count) -> Count:
    state.done += 1
    return state


_nodes = [chain.node(count, name=f"count_{number}") for number in range(STEPS)]
for _node, _next in pairwise(_nodes):
    _node.then(_next)


async def run(bench: Bench) -> list[Measure]:
    executions = bench.size(EXECUTIONS)
    with bench.raw() as raw:
        async with bench.engine(chain) as engine:
            rounds = await alternate(bench, raw, lambda: chains_of(engine, executions))
    what = f"{executions:,} executions × {STEPS} steps"
    return [
        throughput("many", what, "steps/s", rounds),
        alone("many-cpu", f"{what}: CPU", "µs a step", [each.cpu_us for each in rounds]),
    ]


async def chains_of(engine: Engine, executions: int) -> int:
    """Run so many executions at once; how many steps they did."""
    started = await asyncio.gather(*(engine.start(chain) for _ in range(executions)))
    ended = await asyncio.gather(*(execution.result() for execution in started))
    expect([state.done for state in ended], [STEPS] * executions, "steps that were counted")
    return executions * STEPS

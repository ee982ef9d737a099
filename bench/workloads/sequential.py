"""One execution of 1,000 steps, each durable before the next: as an `async def` and as a `def`, which runs in a thread.

It is a loop of one node that counts, so the result tells whether each step was done once.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.measure import Bench, Measure, alone, alternate, expect, throughput
from pectin import Engine, Workflow

STEPS = 1_000


@dataclass
class Count:
    done: int = 0
    wanted: int = 0


in_loop = Workflow("in_loop", version="1.0.0", state=Count)
in_thread = Workflow("in_thread", version="1.0.0", state=Count)


@in_loop.node
async def count(state: Count) -> Count:
    state.done += 1
    return state


@in_thread.node
def count_in_thread(state: Count) -> Count:
    state.done += 1
    return state


count.repeat(count, when="state.done < state.wanted", max_iterations=1_000)
count_in_thread.repeat(count_in_thread, when="state.done < state.wanted", max_iterations=1_000)


async def run(bench: Bench) -> list[Measure]:
    steps = bench.size(STEPS)
    with bench.raw() as raw:
        async with bench.engine(in_loop, in_thread) as engine:
            by_loop = await alternate(bench, raw, lambda: steps_of(engine, in_loop, steps))
            by_thread = await alternate(bench, raw, lambda: steps_of(engine, in_thread, steps))
    what = f"1 execution × {steps:,} steps"
    return [
        throughput("sequential", f"{what}, async def", "steps/s", by_loop),
        alone("sequential-cpu", f"{what}, async def: CPU", "µs a step", [each.cpu_us for each in by_loop]),
        throughput("sequential-def", f"{what}, def", "steps/s", by_thread),
    ]


async def steps_of(engine: Engine, workflow: Workflow[Count], steps: int) -> int:
    """Run one execution; how many steps it did."""
    execution = await engine.start(workflow, Count(wanted=steps))
    expect((await execution.result()).done, steps, "steps that were counted")
    return steps

"""10,000 executions that wait, for a person or for a time: how fast they come to wait, and what each keeps in memory.

What waits should be a row in the store and nothing else, and an engine that only waits should do next to nothing.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.measure import Bench, Measure, alone, alternate, compared, expect, throughput
from pectin import END, Engine, Workflow, WorkflowStatus
from pectin.ports.store import Find

EXECUTIONS = 2_000
"""In each round: 10,000 after five."""
IDLE_SECONDS = 2.0


@dataclass
class Nothing:
    done: bool = False


asking = Workflow("asking", version="1.0.0", state=Nothing)
ask = asking.approval("ask", "Go on?")
sleeping = Workflow("sleeping", version="1.0.0", state=Nothing)
sleeping.wait("nap", duration="3h")


@asking.node
async def go_on(state: Nothing) -> Nothing:
    state.done = True
    return state


ask.on(approved=go_on, rejected=END)


async def run(bench: Bench) -> list[Measure]:
    return [
        *await _park(bench.within("approval"), asking, "an approval"),
        *await _park(bench.within("timer"), sleeping, "a timer"),
    ]


async def _park(bench: Bench, workflow: Workflow[Nothing], on: str) -> list[Measure]:
    executions = bench.size(EXECUTIONS)
    sizes: list[float] = []

    async with bench.engine(workflow) as engine:

        async def some() -> int:
            await park(engine, workflow, executions)
            return executions

        with bench.raw() as raw:
            rounds = await alternate(bench, raw, some, after=lambda: sizes.append(memory_kb()))
        idle = await _cpu_percent(bench, asyncio.sleep(IDLE_SECONDS / bench.scale))
        paused = Find(statuses=frozenset({WorkflowStatus.PAUSED}), limit=1_000_000)
        waiting = len(await engine.store.find(paused))
    tick = await _cpu_percent(bench, _tick())
    expect(waiting, executions * (bench.rounds + 1), "executions that wait")
    growth = [(after - before) / executions for before, after in pairwise(sizes)]
    key = f"parked-{workflow.id}"
    return [
        throughput(key, f"executions come to wait for {on}", "executions/s", rounds),
        alone(f"{key}-memory", f"memory of one that waits for {on}", "KB", growth),
        compared(
            f"{key}-idle", f"CPU while {waiting:,} wait for {on}", "%", [idle], [tick], raw_unit="% to wake 100 times/s"
        ),
    ]


async def park(engine: Engine, workflow: Workflow[Nothing], executions: int) -> list[str]:
    """Start so many, and let all of them come to wait; their ids."""
    started = await asyncio.gather(*(engine.start(workflow) for _ in range(executions)))
    await engine.idle()
    return [str(execution.id) for execution in started]


async def _cpu_percent(bench: Bench, pause: Awaitable[None]) -> float:
    """The share of a core that this process needs while nothing is asked of it."""
    began, cpu_began = time.perf_counter(), bench.cpu()
    await pause
    return (bench.cpu() - cpu_began) / (time.perf_counter() - began) * 100


async def _tick() -> None:
    """Wake up and do nothing, as often as an engine looks at its store: on many a machine that is most of the cost."""
    for _ in range(100):
        await asyncio.sleep(0.01)


def memory_kb() -> float:
    """What this process has in memory; where the system doesn't tell, the most that it ever had."""
    gc.collect()
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

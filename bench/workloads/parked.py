"""100,000 executions that wait for a signal: how fast they come to wait, and what they keep in memory; and some that
wait for a person, or for a time.

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

MANY = 20_000
"""In each round, and in the one before the first: after four of five rounds, 100,000."""
SOME = 2_000
AT_ONCE = 250
"""Started together: what it takes to begin many must not be taken for what they keep while they wait."""
IDLE_SECONDS = 2.0


@dataclass
class Nothing:
    done: bool = False


asking = Workflow("asking", version="1.0.0", state=Nothing)
ask = asking.approval("ask", "Go on?")
listening = Workflow("listening", version="1.0.0", state=Nothing)
listen = listening.wait("listen", signal="go")
sleeping = Workflow("sleeping", version="1.0.0", state=Nothing)
sleeping.wait("nap", duration="3h")


async def go_on(state: Nothing) -> Nothing:
    state.done = True
    return state


ask.on(approved=asking.node(go_on), rejected=END)
listen.then(listening.node(go_on))


async def run(bench: Bench) -> list[Measure]:
    return [
        *await _park(bench.within("signal"), listening, "a signal", SOME if bench.quick else MANY),
        *await _park(bench.within("approval"), asking, "an approval", SOME),
        *await _park(bench.within("timer"), sleeping, "a timer", SOME),
    ]


async def _park(bench: Bench, workflow: Workflow[Nothing], on: str, full: int) -> list[Measure]:
    executions = bench.size(full)
    workflow.build()  # and with it comes pydantic, which is no part of an engine
    before_kb = memory_kb()
    sizes: list[float] = []

    async with bench.engine(workflow) as engine:

        async def some() -> int:
            for begun in range(0, executions, AT_ONCE):
                await park(engine, workflow, min(AT_ONCE, executions - begun))
            return executions

        with bench.raw() as raw:
            rounds = await alternate(bench, raw, some, after=lambda: sizes.append(memory_kb()))
        idle = await _cpu_percent(bench, asyncio.sleep(IDLE_SECONDS / bench.scale))
        paused = Find(statuses=frozenset({WorkflowStatus.PAUSED}), limit=1_000_000)
        waiting = len(await engine.store.find(paused))
    tick = await _cpu_percent(bench, _tick())
    expect(waiting, executions * (bench.rounds + 1), "executions that wait")
    key = f"parked-{workflow.id}"
    last = min(bench.rounds, 4)
    few, many = executions, executions * (last + 1)
    each = [(after - before) / executions for before, after in pairwise(sizes)]
    grown_mb, all_mb = max(0.0, sizes[last] - sizes[0]) / 1024, max(0.0, sizes[last] - before_kb) / 1024
    return [
        throughput(key, f"executions come to wait for {on}", "executions/s", rounds),
        alone(f"{key}-memory", f"memory of one that waits for {on}", "KB", each),
        alone(f"{key}-growth", f"memory grows from {few:,} that wait for {on} to {many:,} by", "MB", [grown_mb]),
        alone(f"{key}-all", f"memory of an engine, and {many:,} that wait for {on}", "MB", [all_mb]),
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

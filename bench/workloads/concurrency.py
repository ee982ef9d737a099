"""How throughput grows with the executions that are at work at once, each a chain of 10 steps.

Alone, an execution waits for a sync in each step; many share it, until the CPU is what limits.
"""

from __future__ import annotations

from bench.measure import Bench, Measure, alternate, throughput
from bench.workloads.many import STEPS, chain, chains_of
from pectin import Engine

AT_ONCE = (1, 10, 100, 1_000)
EXECUTIONS = 100
"""In each turn, at least, however few are at work at once."""


async def run(bench: Bench) -> list[Measure]:
    measures: list[Measure] = []
    with bench.raw() as raw:
        async with bench.engine(chain) as engine:
            for at_once in AT_ONCE:
                rounds = await alternate(bench, raw, lambda at_once=at_once: _turn(engine, at_once, bench))
                what = f"{at_once:,} at once, {STEPS} steps each"
                measures.append(throughput(f"at-once-{at_once}", what, "steps/s", rounds))
    return measures


async def _turn(engine: Engine, at_once: int, bench: Bench) -> int:
    """Run executions, so many at once; how many steps they did."""
    together = min(at_once, bench.size(at_once))
    return sum([await chains_of(engine, together) for _ in range(max(1, bench.size(EXECUTIONS) // together))])

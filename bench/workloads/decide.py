"""What the core takes to decide a completion, `evolve` included: in small and in large definitions, with no store.

The large one takes turns with the small one, of as many completions. What a step costs must not depend on how many
nodes there are, neither in a chain nor where all of them are ready at once and feed one join.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypedDict

from bench.measure import Bench, Clock, Measure, alone, compared, expect
from pectin import Workflow
from pectin.core.command import Begin, Complete, Start
from pectin.core.decide import decide
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus

SMALL, LARGE = 10, 10_000
OFFER = Begin("bench", 1)
"""One slot: each completion begins the next branch, so it does the same work however many there are."""
EXECUTION = "019ab3e0-0000-7000-8000-000000000000"


@dataclass
class Count:
    done: int = 0
    arrived: list[Any] = field(default_factory=list[Any])


class Nothing(TypedDict, total=False):
    done: int


async def count(state: Count) -> Nothing:
    return {"done": state.done + 1}


def chain_of(nodes: int) -> Program:
    """So many nodes, one after another."""
    workflow = Workflow("chain", version="1.0.0", state=Count)
    for one, following in pairwise([workflow.node(count, name=f"count_{number}") for number in range(nodes)]):
        one.then(following)
    return workflow.build().program


def wide_of(nodes: int) -> Program:
    """So many branches, and a join."""
    workflow = Workflow("wide", version="1.0.0", state=Count)
    branches = [workflow.node(count, name=f"branch_{number}") for number in range(nodes)]
    join = workflow.join("join", wait_for=branches, output_key="arrived")
    begin = workflow.parallel("begin")
    begin.then(*branches)
    for branch in branches:
        branch.then(join)
    workflow.start(begin)
    return workflow.build().program


SHAPES: Mapping[str, Callable[[int], Program]] = {"chain": chain_of, "wide": wide_of}


async def run(bench: Bench) -> list[Measure]:
    return [measure for shape in SHAPES for measure in _measures(bench, shape)]


def _measures(bench: Bench, shape: str) -> list[Measure]:
    size = bench.size(LARGE)
    small, large = SHAPES[shape](SMALL), SHAPES[shape](size)
    at_small: list[float] = []
    at_large: list[float] = []
    for lap in range(bench.rounds + 1):
        gc.collect()
        few = sum(seconds_of(small, bench.cpu) for _ in range(max(1, size // SMALL))) / (max(1, size // SMALL) * SMALL)
        many = seconds_of(large, bench.cpu) / size
        if lap:  # the first one fills caches
            at_small.append(few * 1e6)
            at_large.append(many * 1e6)
    what = f"decide + evolve of a completion, {shape}"
    return [
        alone(f"decide-{shape}-{SMALL}", f"{what} of {SMALL} nodes: CPU", "µs", at_small),
        compared(
            f"decide-{shape}-{LARGE}",
            f"{what} of {size:,} nodes: CPU",
            "µs",
            at_large,
            at_small,
            raw_unit=f"µs at {SMALL} nodes",
        ),
    ]


def seconds_of(program: Program, clock: Clock) -> float:
    """Decide one execution to its end, and how long that took for the completions of its attempts."""
    run = Run()
    state: dict[str, Any] = {"done": 0, "arrived": []}
    decide(program, run, Start(at=0, begin=OFFER, execution_id=EXECUTION, input={}, state=state, definition="d"))
    nodes = [node.id for node in program.definition.nodes if node.kind == "python_fn"]
    seconds = 0.0
    for first in range(0, len(nodes), SMALL):  # made as many at a time as for the small one, and found in the caches
        commands = [Complete(at=1, begin=OFFER, activation=node, attempt=1) for node in nodes[first : first + SMALL]]
        began = clock()
        for command in commands:
            decide(program, run, command)
        seconds += clock() - began
    expect(run.status, WorkflowStatus.COMPLETED, "the status of an execution that was only decided")
    return seconds

"""20,000 executions of 10 steps whose engine is killed by SIGKILL in the middle, and the process that comes after.

From the start of that process on, imports and all: when is a step called again, when has everything ended, and how many
steps are called twice? What remains is held against the same half of a run that nobody has killed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from bench.interpreter import PYTHON, environment
from bench.measure import Bench, Measure, alone, compared, expect
from bench.survivor import Marks
from pectin import WorkflowStatus
from pectin.ports.store import Find
from pectin.runtime.visitor import Visitor
from pectin.store import open_store

EXECUTIONS = 20_000
"""Half of them are open in the middle: slots go to those that have begun."""


@dataclass(frozen=True)
class Recovery:
    """What was seen of one process that came after, in seconds from its start; `calm_seconds` is what the same steps
    took in a run that nobody killed."""

    calm_seconds: float
    first_seconds: float
    rest_seconds: float
    open: int
    in_flight: int
    repeated: int


async def run(bench: Bench) -> list[Measure]:
    executions = bench.size(EXECUTIONS // 10 if bench.quick else EXECUTIONS)
    seen = [await _recover(bench.within(f"round-{lap}"), executions) for lap in range(min(bench.rounds, 3))]
    what = f"killed amid {executions:,} × 10 steps"
    return [
        compared(
            "crash-rest",
            f"{what}: process start to the end",
            "s",
            [each.rest_seconds for each in seen],
            [each.calm_seconds for each in seen],
            raw_unit="s the calm rest",
        ),
        alone(
            "crash-first",
            f"{what}, {seen[0].open:,} of them open: process start to the first step",
            "ms",
            [each.first_seconds * 1e3 for each in seen],
        ),
        compared(
            "crash-again",
            f"{what}: steps that are called twice",
            "steps",
            [float(each.repeated) for each in seen],
            [float(each.in_flight) for each in seen],
            raw_unit="in flight",
        ),
    ]


async def _recover(bench: Bench, executions: int) -> Recovery:
    calm = _live(bench.within("calm"), executions, "begin")
    here = bench.within("killed")
    marks = _live(here, executions, "begin", "kill")
    open_, in_flight = await _left(here)
    marks.forget_first()
    began = time.monotonic()
    _live(here, executions, "resume")
    expect(marks.missing, 0, "steps that were never called")
    expect((await _left(here))[0], 0, "executions that are open after the recovery")
    return Recovery(
        calm.ended - calm.middle, marks.first - began, marks.ended - began, open_, in_flight, marks.repeated
    )


def _live(bench: Bench, executions: int, how: str, *kill: str) -> Marks:
    """Let one process live, to its end or its death."""
    file = bench.folder / "marks"
    marks = Marks(file, executions)
    arguments = [str(bench.store), str(file), str(executions), how, *kill]
    code = subprocess.run([PYTHON, "-m", "bench.survivor", *arguments], env=environment(), check=False).returncode
    expect(code, -signal.SIGKILL if kill else 0, f"the exit code of a process that was to {how}")
    return marks


async def _left(bench: Bench) -> tuple[int, int]:
    """How many executions are open, and how many attempts a worker was at. It is read off a copy: a store that is
    opened and closed is tidier than one that was killed."""
    copy = bench.folder / "copy"
    copy.mkdir(exist_ok=True)
    for file in bench.folder.glob(f"{bench.store.name}*"):
        shutil.copy(file, copy)
    store = open_store(copy / bench.store.name, must_exist=True)
    try:
        visitor = Visitor(store)
        found = await store.find(Find(limit=1_000_000))
        runs = [
            (await visitor.read(each.execution)).run for each in found if each.status is not WorkflowStatus.COMPLETED
        ]
        return len(runs), sum(each.is_at_worker for run in runs for each in run.activations.values())
    finally:
        await store.close()
        shutil.rmtree(copy)

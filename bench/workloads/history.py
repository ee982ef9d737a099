"""What a step costs late in a long history, held against the same step at the beginning.

Executions of different ages stand still within a step and take turns of a few steps, so that all of them, and the raw
probe, see the same moods of the machine. What is compared is CPU time: the disk doesn't know how long a history is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from bench.measure import Bench, Measure, compared, expect
from pectin import Engine, Execution, Limits, Workflow

YOUNG = 10
AGES = (5_000, 10_000)
BURST = 20
"""Steps in a turn."""
BURSTS = 10
"""Turns in a round."""

BALLAST = {"small": 0, "10 KB": 10_000}


@dataclass
class Life:
    lane: str = ""
    age: int = 0
    wanted: int = 0
    ballast: str = ""


living = Workflow("living", version="1.0.0", state=Life)


@living.node
async def live(state: Life) -> Life:
    await Lane.lanes[state.lane].pass_gate(state.age)
    state.age += 1
    return state


live.repeat(live, when="state.age < state.wanted", max_iterations=1_000_000)


class Turn(NamedTuple):
    """What a burst cost."""

    seconds: float
    cpu_seconds: float


class Lane:
    """One execution, which stops at a gate within the step of a given age until it is let on."""

    lanes: ClassVar[dict[str, Lane]] = {}

    def __init__(self, state: str, age: int, wanted: int) -> None:
        self.state, self.age, self.wanted = state, age, wanted
        self.name = f"{state}, {age}"
        self._gate = age
        self._arrived = asyncio.Event()
        self._open = asyncio.Event()
        self.lanes[self.name] = self

    async def pass_gate(self, age: int) -> None:
        """Called from within each step."""
        if age == self._gate:
            self._open.clear()
            self._arrived.set()
            await self._open.wait()

    async def begin(self, engine: Engine) -> None:
        """Start it and let it reach its age."""
        life = Life(self.name, wanted=self.wanted, ballast="x" * BALLAST[self.state])
        self._execution: Execution[Life] = await engine.start(living, life)
        await self._arrived.wait()

    async def burst(self, bench: Bench, steps: int) -> Turn:
        """Let it do so many steps."""
        self._arrived.clear()
        self._gate += steps
        began, cpu_began = bench.clock(), bench.cpu()
        self._open.set()
        await self._arrived.wait()
        cpu_ended, ended = bench.cpu(), bench.clock()
        return Turn(ended - began, cpu_ended - cpu_began)

    async def end(self) -> None:
        """Let it do its last steps."""
        self._gate = -1
        self._open.set()
        expect((await self._execution.result()).age, self.wanted, f"steps of {self.name}")


async def run(bench: Bench) -> list[Measure]:
    ages = [bench.size(age) for age in (AGES[:1] if bench.quick else AGES)]
    bursts = bench.size(BURSTS)
    steps = BURST * bursts * (bench.rounds + 1) + 1
    lanes = [Lane(state, age, age + steps) for state in BALLAST for age in (YOUNG, *ages)]
    raw_seconds: list[float] = []
    turns: dict[str, list[Turn]] = {lane.name: [] for lane in lanes}
    with bench.raw(BURST) as raw:
        async with bench.engine(living, limits=Limits(history_events_max=1_000_000)) as engine:
            for lane in lanes:
                await lane.begin(engine)
            for lap in range(bench.rounds + 1):
                raw_mean, means = await _lap(bench, bursts, raw, lanes)
                if lap:  # the first one fills caches
                    raw_seconds.append(raw_mean)
                    for name, mean in means.items():
                        turns[name].append(mean)
            for lane in lanes:
                await lane.end()
    return [measure for state in BALLAST for measure in _measures(state, ages, turns, raw_seconds)]


async def _lap(bench: Bench, bursts: int, raw: Callable[[], float], lanes: list[Lane]) -> tuple[float, dict[str, Turn]]:
    """So many turns of each: what a raw commit took, and a step of each lane."""
    probes: list[float] = []
    taken: dict[str, list[Turn]] = {lane.name: [] for lane in lanes}
    for _ in range(bursts):
        probes.append(raw())
        for lane in lanes:
            taken[lane.name].append(await lane.burst(bench, BURST))
    return sum(probes) / bursts, {name: _step_of(turns) for name, turns in taken.items()}


def _step_of(turns: list[Turn]) -> Turn:
    """What a step cost in these turns."""
    steps = len(turns) * BURST
    return Turn(sum(turn.seconds for turn in turns) / steps, sum(turn.cpu_seconds for turn in turns) / steps)


def _measures(state: str, ages: list[int], turns: dict[str, list[Turn]], raw_seconds: list[float]) -> list[Measure]:
    key = f"history-{state.replace(' ', '').lower()}"
    young = turns[f"{state}, {YOUNG}"]
    young_cpu = [turn.cpu_seconds * 1e6 for turn in young]
    at_first = compared(
        f"{key}-{YOUNG}",
        f"a step at history {YOUNG}, {state} state",
        "µs",
        [turn.seconds * 1e6 for turn in young],
        [seconds * 1e6 for seconds in raw_seconds],
        raw_unit="µs a commit",
    )
    later = [
        compared(
            f"{key}-{age}",
            f"a step at history {age:,}, {state} state: CPU",
            "µs",
            [turn.cpu_seconds * 1e6 for turn in turns[f"{state}, {age}"]],
            young_cpu,
            raw_unit=f"µs at {YOUNG}",
        )
        for age in ages
    ]
    return [at_first, *later]

"""What a step costs late in a long history, held against the same step at the beginning.

Executions of different ages stand still within a step and take turns of a few steps, so that all of them, and the raw
probe, see the same moods of the machine. What is compared is CPU time: the disk doesn't know how long a history is.

A step is the engine's part and the call of its function, which is given its state and says what it changed. Where the
state grows, so does a call that is given all of it; the engine's part must not. Therefore it is told apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypedDict, cast

from bench.measure import Bench, Measure, compared, expect
from pectin import Engine, Execution, Limits, Workflow
from pectin.ports.function import Conclusion, Function, Request
from pectin.runtime.host import ProcessHost

YOUNG = 10
AGES = (1_000, 5_000, 10_000)
BURST = 20
"""Steps in a turn."""
WARMING = 5
"""Steps before those of a turn, which don't count: the lane before may have emptied the caches."""
BURSTS = 10
"""Turns in a round."""
ENTRY = "x" * 200
"""What a growing state gets in each step."""


@dataclass
class Life:
    lane: str = ""
    age: int = 0
    wanted: int = 0
    ballast: str = ""


@dataclass
class Growth(Life):
    log: list[str] = field(default_factory=list[str])


class Grown(TypedDict):
    age: int
    log: list[str]
    """What is added."""


living = Workflow("living", version="1.0.0", state=Life)
growing = Workflow("growing", version="1.0.0", state=Growth, reducers={"log": "append"})
growing_part = Workflow("growing_part", version="1.0.0", state=Growth, reducers={"log": "append"})


@living.node
async def live(state: Life) -> Life:
    await Lane.lanes[state.lane].pass_gate(state.age)
    state.age += 1
    return state


@growing.node
async def grow(state: Growth) -> Growth:
    await Lane.lanes[state.lane].pass_gate(state.age)
    state.age += 1
    state.log.append(ENTRY)
    return state


@growing_part.node
async def grow_unseen(state: Life) -> Grown:
    await Lane.lanes[state.lane].pass_gate(state.age)
    return {"age": state.age + 1, "log": [ENTRY]}


_AGAIN = "state.age < state.wanted"
live.repeat(live, when=_AGAIN, max_iterations=1_000_000)
grow.repeat(grow, when=_AGAIN, max_iterations=1_000_000)
grow_unseen.repeat(grow_unseen, when=_AGAIN, max_iterations=1_000_000)


class State(NamedTuple):
    """A kind of state that a history may have."""

    key: str
    what: str
    workflow: Workflow[Any]
    ballast: int = 0


STATES = (
    State("small", "small state", living),
    State("10kb", "10 KB state", living, 10_000),
    State("growing", "state grows 200 B a step", growing),
    State("growing-part", "same, and the node names the keys it needs", growing_part),
)


class Turn(NamedTuple):
    """What a burst cost, and what a step of some bursts did; of the CPU's time the engine's part is what was not spent
    in calls of the function."""

    seconds: float
    cpu_seconds: float
    engine_seconds: float


class Lane:
    """One execution, which stops at a gate within the step of a given age until it is let on."""

    lanes: ClassVar[dict[str, Lane]] = {}

    def __init__(self, bench: Bench, state: State, age: int, wanted: int) -> None:
        self.state, self.age, self.wanted = state, age, wanted
        self.name = f"{state.key}, {age}"
        self._bench = bench
        self._gate = age
        self._arrived = asyncio.Event()
        self._open = asyncio.Event()
        self._paused_seconds = 0.0
        self._call_seconds = 0.0
        self.lanes[self.name] = self

    async def pass_gate(self, age: int) -> None:
        """Called from within each step."""
        if age == self._gate:
            self._open.clear()
            self._arrived.set()
            began = self._bench.cpu()
            await self._open.wait()
            self._paused_seconds += self._bench.cpu() - began

    async def call(self, called: Awaitable[Conclusion], began: float) -> Conclusion:
        """Wait for a call of the function, and note how long it took the CPU without the time at the gate."""
        paused = self._paused_seconds
        concluded = await called
        self._call_seconds += self._bench.cpu() - began - (self._paused_seconds - paused)
        return concluded

    async def begin(self, engine: Engine) -> None:
        """Start it and let it reach its age."""
        life = {"lane": self.name, "wanted": self.wanted, "ballast": "x" * self.state.ballast}
        self._execution: Execution[Life] = await engine.start(self.state.workflow, life)
        await self._arrived.wait()

    async def burst(self, steps: int) -> Turn:
        """Let it do so many steps."""
        bench = self._bench
        self._arrived.clear()
        self._gate += steps
        called = self._call_seconds
        began, cpu_began = bench.clock(), bench.cpu()
        self._open.set()
        await self._arrived.wait()
        cpu_seconds, seconds = bench.cpu() - cpu_began, bench.clock() - began
        return Turn(seconds, cpu_seconds, cpu_seconds - (self._call_seconds - called))

    async def end(self) -> None:
        """Let it do its last steps."""
        self._gate = -1
        self._open.set()
        state = await self._execution.result()
        expect(state.age, self.wanted, f"steps of {self.name}")
        if isinstance(state, Growth):
            expect(len(state.log), self.wanted, f"entries that {self.name} has added")


class TimedHost(ProcessHost):
    """A process that notes how long each lane's calls take."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench

    def call(self, function: Function, request: Request) -> Awaitable[Conclusion]:
        began = self._bench.cpu()
        return Lane.lanes[cast(str, request.state["lane"])].call(super().call(function, request), began)


async def run(bench: Bench) -> list[Measure]:
    ages = [bench.size(age) for age in (AGES[-1:] if bench.quick else AGES)]
    bursts = bench.size(BURSTS)
    steps = (WARMING + BURST) * bursts
    raw_seconds: list[float] = []
    turns: dict[str, list[Turn]] = {}
    limits = Limits(history_events_max=1_000_000, history_events_warn=1_000_000)
    with bench.raw(BURST) as raw:
        async with bench.engine(living, growing, growing_part, limits=limits, host=TimedHost(bench)) as engine:

            async def begun(age: int, laps: int) -> list[Lane]:
                lanes = [Lane(bench, state, age, age + laps * steps + 1) for state in STATES]
                await asyncio.gather(*(lane.begin(engine) for lane in lanes))
                return lanes

            old = [lane for age in ages for lane in await begun(age, bench.rounds + 1)]
            for lap in range(bench.rounds + 1):
                young = await begun(YOUNG, 1)  # anew each time, for they grow old
                raw_mean, means = await _lap(bursts, raw, [*young, *old])
                if lap:  # the first one fills caches
                    raw_seconds.append(raw_mean)
                    for name, mean in means.items():
                        turns.setdefault(name, []).append(mean)
                for lane in young:
                    await lane.end()
            for lane in old:
                await lane.end()
    return [measure for state in STATES for measure in _measures(state, ages, turns, raw_seconds)]


async def _lap(bursts: int, raw: Callable[[], float], lanes: list[Lane]) -> tuple[float, dict[str, Turn]]:
    """So many turns of each: what a raw commit took, and a step of each lane."""
    probes: list[float] = []
    taken: dict[str, list[Turn]] = {lane.name: [] for lane in lanes}
    for _ in range(bursts):
        probes.append(raw())
        for lane in lanes:
            await lane.burst(WARMING)
            taken[lane.name].append(await lane.burst(BURST))
    return sum(probes) / bursts, {name: _step_of(turns) for name, turns in taken.items()}


def _step_of(turns: list[Turn]) -> Turn:
    """What a step cost in these turns."""
    return Turn(*(sum(part) / (len(turns) * BURST) for part in zip(*turns, strict=True)))


def _measures(state: State, ages: list[int], turns: dict[str, list[Turn]], raw_seconds: list[float]) -> list[Measure]:
    key = f"history-{state.key}"
    young = turns[f"{state.key}, {YOUNG}"]

    def at_age(age: int) -> list[Measure]:
        old = turns[f"{state.key}, {age}"]
        what = f"a step at history {age:,}, {state.what}: CPU"

        def line(suffix: str, of: str, part: Callable[[Turn], float]) -> Measure:
            ours, its = ([part(turn) * 1e6 for turn in each] for each in (old, young))
            return compared(f"{key}-{age}{suffix}", f"{what}{of}", "µs", ours, its, raw_unit=f"µs at {YOUNG}")

        return [
            line("", "", lambda turn: turn.cpu_seconds),
            line("-engine", " of the engine's part", lambda turn: turn.engine_seconds),
        ]

    at_first = compared(
        f"{key}-{YOUNG}",
        f"a step at history {YOUNG}, {state.what}",
        "µs",
        [turn.seconds * 1e6 for turn in young],
        [seconds * 1e6 for seconds in raw_seconds],
        raw_unit="µs a commit",
    )
    return [at_first, *(measure for age in ages for measure in at_age(age))]

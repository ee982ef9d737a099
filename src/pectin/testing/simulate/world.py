"""A world from a seed: engines that come and go, people, operators, tools, a store, and all that goes wrong there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Any, Self

from msgspec import structs

from pectin.authoring.workflow import Workflow
from pectin.core.command import Cancel, Hold, Release
from pectin.core.definition import Definition
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.core.state import Run
from pectin.ports.store import Commit
from pectin.store.memory import Memory, MemoryStore
from pectin.testing.script import Look
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.crowd import OPERATOR, Crowd
from pectin.testing.simulate.fault import Dice, Fault, Throw
from pectin.testing.simulate.ledger import Entry, Ledger
from pectin.testing.simulate.life import Life
from pectin.testing.simulate.loop import Process, SeededLoop
from pectin.testing.simulate.scene import Beginning, Voice
from pectin.testing.simulate.store import SimulatedStore
from pectin.testing.simulate.watch import Broken, Watch

HORIZON_SECONDS = 400 * 24 * 3_600.0
"""Whoever has not ended by then never will."""

LATE_SECONDS = 60.0
"""How long the world goes on after the last end, for what comes late."""

SPARING = structs.replace(LIMITS, look_anyway_ms=3_600_000)
"""Engines look anyway once an hour: a world goes on for months, and nobody is to pay for every minute of it."""

ROUNDS_MAX = 12
CLOCK_STEPS_MS = (-3_600_000, -1_000, 1_000, 3_600_000)

NOBODYS = Context()
"""What happens in it outlives the process that began it."""


@dataclass
class World:
    """One seed's world. `deploys` are the workflows' next versions, for engines to come; `look` finds out for people
    whether something has happened.

    Afterwards `watch` has the histories, `ledger` what bodies did, `dice.happened` the faults, and `acked` the
    executions whose begin was acknowledged, by key.
    """

    seed: int
    workflows: Sequence[Workflow[Any]]
    beginnings: Sequence[Beginning]
    voice: Voice
    faults: Collection[Fault] = ()
    only: Iterable[Throw] | None = None
    deploys: Sequence[Sequence[Workflow[Any]]] = ()
    limits: Limits = SPARING
    look: Look | None = None
    slots: int = 8
    horizon_seconds: float | None = None
    memory: Memory = field(default_factory=Memory)
    ledger: Ledger = field(default_factory=list[Entry])
    reached: Counter[str] = field(default_factory=Counter[str])
    acked: dict[str, ExecutionId] = field(default_factory=dict[str, ExecutionId])

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed} world")
        self.loop = SeededLoop(Random(f"{self.seed} order"))
        self.dice = Dice(self.seed, self.faults, self.only)
        self.watch = Watch(self.memory)
        self.is_calm = not self.faults
        self._crowd = Crowd(self)
        self._stores: list[SimulatedStore] = []
        self._life: Life | None = None
        self._deployed = 0
        self._news = asyncio.Event()

    def run(self) -> Self:
        """Live it to the end. Raises `Broken`, `Deadlock`, and whatever else shows that something is wrong."""
        self.loop.run(self._live())
        return self

    async def _live(self) -> None:
        courses = (self._keep_engine(), self._crowd.speak_up(), self._wreak_havoc())
        tasks = [self.loop.outside.begin(course) for course in courses]
        try:
            async with asyncio.timeout(self.horizon_seconds or HORIZON_SECONDS):
                while not self._is_over():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise Broken(f"stranded: {', '.join(map(str, self.watch.open()))}") from None
        await asyncio.sleep(LATE_SECONDS)
        for task in tasks:
            task.cancel()
        for store in self._stores:
            store.process.crash()
        for key, execution in self.acked.items():
            if execution not in self.watch.histories:
                raise Broken(f"{key} was acknowledged, and is lost")

    def _is_over(self) -> bool:
        return self.is_calm and len(self.acked) == len(self.beginnings) and not self.watch.open()

    # -- what those who live in it ask ----------------------------------------------------------------------------

    def applied(self, commit: Commit) -> None:
        """A commit was applied."""
        self.watch.applied(commit)
        self.note()

    def wrote(self, store: SimulatedStore) -> None:
        """Tell the others, more or less."""
        self._stores = [other for other in self._stores if not other.process.is_dead]
        for other in self._stores:
            if other is store or not other.is_listening:
                continue
            if self.dice.hits(Fault.HINT_LOST, 0.15):
                continue
            late = self.random.random() * 5 if self.dice.hits(Fault.HINT_LATE, 0.15) else 0.0
            self.loop.call_later(late, other.ring, context=NOBODYS)
            if self.dice.hits(Fault.HINT_DOUBLED, 0.15):
                self.loop.call_later(late + self.random.random(), other.ring, context=NOBODYS)

    def kill(self, process: Process) -> None:
        """Crash a process."""
        process.crash()
        if self._life is not None and self._life.process is process:
            self._life.is_gone.set()

    def open(self, process: Process) -> SimulatedStore:
        """The process's store."""
        store = SimulatedStore(MemoryStore(self.memory), self, process)
        self._stores.append(store)
        return store

    def is_deposed(self, process: Process) -> bool:
        """Whether another engine has taken over from this process's."""
        return self._life is None or self._life.process is not process

    def key_of(self, execution: str, activation: str) -> str:
        """The key that a function is given. It is drawn from where the activation is in its family, and not from ids,
        which differ from world to world: so a function may return what it makes of it."""
        run = self.watch.run(ExecutionId.parse(execution))
        while run.parent is not None:
            activation = f"{run.parent.activation}/{activation}"
            run = self.watch.run(ExecutionId.parse(run.parent.execution))
        return blake2b(f"{run.key}/{activation}".encode(), digest_size=16).hexdigest()

    def note(self) -> None:
        """Something has happened that may be the end."""
        self._news.set()

    async def news(self, seconds: float) -> None:
        """Return when something has happened, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def a_while(self, least: float, most: float) -> float:
        """Seconds, short ones as often as long ones."""
        return least * (most / least) ** self.random.random()

    # -- engines --------------------------------------------------------------------------------------------------

    async def _keep_engine(self) -> None:
        """There is always an engine, or soon will be."""
        lives = 0
        while True:
            lives += 1
            workflows = (self.workflows, *self.deploys)[self._deployed]
            life = self._life = Life(self, self.loop.process(f"engine-{lives}"), workflows)
            life.begin()
            await life.is_gone.wait()
            self.memory.in_charge = None  # its lock is gone with it
            await asyncio.sleep(self.random.random())

    # -- havoc ----------------------------------------------------------------------------------------------------

    async def _wreak_havoc(self) -> None:
        """Some rounds of it, then calm."""
        for _ in range(0 if self.is_calm else self.random.randint(2, ROUNDS_MAX)):
            await asyncio.sleep(self.a_while(0.01, 10))
            self._harm_engine()
            self._interfere()
        self.is_calm = True
        self.dice.stop()
        self.note()

    def _harm_engine(self) -> None:
        life, dice = self._life, self.dice
        if life is None or life.is_gone.is_set():
            return
        if dice.hits(Fault.CRASH, 0.2):
            self.kill(life.process)
        elif dice.hits(Fault.STOP, 0.1):
            life.told_to_stop.set()
        elif dice.hits(Fault.ZOMBIE, 0.1):
            self._freeze(life)
            self._life = None
            life.is_gone.set()
        elif dice.hits(Fault.FREEZE, 0.1):
            self._freeze(life)
        if dice.hits(Fault.CLOCK_STEP, 0.2):
            life.clock.step(self.random.choice(CLOCK_STEPS_MS))
        if self._deployed < len(self.deploys) and dice.hits(Fault.DEPLOY, 0.3):
            self._deployed += 1
            life.told_to_stop.set()

    def _freeze(self, life: Life) -> None:
        life.process.freeze()
        self.loop.call_later(self.a_while(0.1, 600), life.process.thaw)

    def _interfere(self) -> None:
        """Operators, and whoever speaks too early or too late."""
        dice, crowd, at = self.dice, self._crowd, SimulatedClock(self.loop).now()
        if crowd.spoken and dice.hits(Fault.SIGNAL_LATE, 0.2):
            crowd.say(*self.random.choice(crowd.spoken))
        if not (going_on := self.watch.open()):
            return
        execution = self.random.choice(going_on)
        run = self.watch.run(execution)
        if dice.hits(Fault.CANCEL, 0.1):
            crowd.say(execution, Cancel(at=at, by=OPERATOR))
        if dice.hits(Fault.PAUSE, 0.2):
            crowd.say(execution, Hold(at=at, by=OPERATOR))
            self.loop.call_later(self.a_while(0.1, 60), crowd.say, execution, Release(at=at, by=OPERATOR))
        early = self.voice.foretell(run, self.definition_of(run), at)
        if early and dice.hits(Fault.SIGNAL_EARLY, 0.3):
            for said in early:
                crowd.say(execution, said)

    def definition_of(self, run: Run) -> Definition:
        """What an execution runs."""
        blueprints = [workflow.build() for workflows in (self.workflows, *self.deploys) for workflow in workflows]
        family = [*blueprints, *(child for blueprint in blueprints for child in blueprint.children)]
        return next(each.definition for each in family if each.program.hash == run.definition)

"""One trial: a scenario from its start to its end, through as many lives as it takes, and what it leaves behind.

All of an application dies at once: the engine, the client that starts executions, and whoever answers them. What was
acknowledged to them is written down outside, and so is what the bodies did.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from pectin import CommandRefused, DidNot, Engine, ExecutionId, Happened
from pectin.core.command import Answer, AnyCommand, Done, Refused
from pectin.core.identity import show_id
from pectin.ports.store import Find, Store, Summary
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.crashtest.simulated import LoopHost
from pectin.testing.script import Resolution, Send
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.loop import SeededLoop
from tests.crash.every_write.inspection import Inspection, Promises, Said, inspect
from tests.crash.every_write.ledger import DONE, Happening, ledger
from tests.crash.every_write.mortal import Died, Moment, Mortal, When, mortal, pass_time
from tests.crash.every_write.place import Place
from tests.crash.every_write.stage import Scenario

KEY = "the-key"
LOOK_MS = 5
"""How long people wait until they look what is new."""

DOWN_MS = 1_000
"""How long nobody is there between two lives."""


def as_it_is(store: Store) -> Store:
    """No bug."""
    return store


def _nothing() -> None:
    """Nobody is killed."""


@dataclass
class Trial:
    """`moments` are when the first lives end; the one after them goes on to the end. `plant` puts a bug before the
    store. After `run`, `findings` is what was wrong with what a killed process left, before anybody recovered it, and
    with what is there in the end (`seen`)."""

    scenario: Scenario
    place: Place
    moments: Sequence[Moment] = ()
    seed: int = 1
    plant: Callable[[Store], Store] = as_it_is
    findings: list[str] = field(default_factory=list[str])
    promises: Promises = field(default_factory=Promises)
    answered: dict[str, Answer | bool] = field(default_factory=dict[str, Answer | bool])
    lives: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """How many writes and lines each life had."""

    seen: Inspection = field(default_factory=Inspection)
    lines: list[Happening] = field(default_factory=list[Happening])
    booked: Counter[str] = field(default_factory=Counter[str])

    def run(self) -> Trial:
        """Live it to the end. Raises what shows that it never comes to one."""
        self._loop = SeededLoop(Random(f"{self.seed} order"))
        self._random = Random(f"{self.seed} chance")
        self._said: set[str] = set()
        self._inputs_done = 0
        ledger.clear()
        ledger.watch = self._see_line
        try:
            self._loop.run(self._live_on())
        except Exception:
            SeededLoop(Random(0)).run(self._look(self.place.open(_nothing)))
            raise
        finally:
            ledger.watch = None
            self.lines = list(ledger.lines)
            self.place.close()
        return self

    # -- life and death -------------------------------------------------------------------------------------------

    def pass_by(self, what: str, number: int, when: When) -> None:
        """Kill the process if this is its moment."""
        life = len(self.lives)
        if life < len(self.moments) and self.moments[life] == (what, number, when):
            self._process.crash()
            self.place.freeze()
            self._gone.set()

    def _see_line(self, where: str) -> None:
        if self._process.is_dead:
            raise Died
        when = When.BEFORE if where.startswith("before") else When.AFTER
        self._lines += when is When.BEFORE
        self.pass_by("line", self._lines, when)
        if self._process.is_dead:
            raise Died

    def _before_commit(self) -> None:
        if self._own is not None:
            self._own.before_commit()

    async def _live_on(self) -> None:
        while True:
            self._process = self._loop.process(f"life-{len(self.lives) + 1}")
            self._gone = asyncio.Event()
            self._lines = 0
            self._failure: BaseException | None = None
            self._own: Mortal | None = None
            inner = self.place.open(self._before_commit)
            if self.lives:
                await self._look(inner)
            store, own = mortal(inner, self._process, self)
            self._own = own
            self._process.spawn(self._live(self.plant(store)))
            await self._gone.wait()
            self.lives.append((own.writes, self._lines))
            if self._failure is not None:
                raise self._failure
            if not self._process.is_dead:
                await self._look(inner)
                self.booked = self.place.booked()
                return
            await pass_time(DOWN_MS)

    async def _live(self, store: Store) -> None:
        try:
            engine = Engine(
                store,
                workflows=[self.scenario.workflow],
                clock=SimulatedClock(self._loop),
                host=LoopHost(self._process.name, self._random),
                limits=self.scenario.limits,
                audit_key=AUDIT_KEY,
            )
            async with engine:
                await self._use(engine, store)
                await engine.idle()
        except BaseException as failure:
            self._failure = failure
        self._gone.set()

    # -- whoever uses it ------------------------------------------------------------------------------------------

    async def _use(self, engine: Engine, store: Store) -> None:
        """Start what is to be started and answer what is to be answered, until all has ended."""
        while True:
            with engine.watchers.watching(None) as change:
                await self._start(engine)
                is_over = await self._speak(engine, store)
                if is_over and self._inputs_done == len(self.scenario.inputs):
                    return
                if not is_over:
                    await change
                    await pass_time(LOOK_MS)

    async def _start(self, engine: Engine) -> None:
        """The next execution, once the one before has ended."""
        while self._inputs_done < len(self.scenario.inputs):
            if self.promises.begun and not (await engine.service.runs.get(self.promises.begun[-1])).status.is_terminal:
                return
            wf, given = self.scenario.workflow, self.scenario.inputs[self._inputs_done]
            try:
                execution = await engine.start(wf, given, key=KEY, by="client")
            except CommandRefused as refused:
                if refused.code != "key_reused":
                    raise
                execution = await engine.start(wf, given, key=KEY, by="client", restart=True)
            self.promises.begun.append(execution.id)
            self._inputs_done += 1

    async def _speak(self, engine: Engine, store: Store) -> bool:
        """Whether all has ended."""
        found = await store.find(Find())
        await self._do_deeds(engine, found)
        at = engine.clock.now()
        is_over = True
        for summary in found:
            run = await engine.service.runs.get(summary.execution)
            if run.status.is_terminal:
                continue
            is_over = False
            for reply in self.scenario.script.reply(run, at, self._look_up):
                await self._say(engine, summary.execution, reply)
        return is_over

    async def _do_deeds(self, engine: Engine, found: list[Summary]) -> None:
        for deed in self.scenario.deeds:
            if deed.name in self.answered:
                continue
            to = next((s for s in found if s.workflow_id == (deed.to or self.scenario.workflow.id)), None)
            if to is None or not deed.when(await engine.service.runs.get(to.execution)):
                if deed.name not in self._said:
                    return
                continue  # it was done, and nobody was told
            self._said.add(deed.name)
            self.answered[deed.name] = await self._say(engine, to.execution, deed.say(engine.clock.now()))

    async def _say(self, engine: Engine, execution: ExecutionId, reply: AnyCommand | Send) -> Answer | bool:
        if isinstance(reply, Send):
            await engine.send(reply.name, reply.correlation, reply.payload, dedup=reply.dedup)
            self.promises.sent.add((reply.name, reply.correlation))
            return True
        dispatcher = engine._dispatcher  # pyright: ignore[reportPrivateUsage]
        assert dispatcher is not None
        answer = (await dispatcher.see_through(engine.service.handle(execution, reply))).answer
        if isinstance(answer, Done):
            self.promises.said.append(Said(str(execution), getattr(reply, "by", None), reply.at))
        return answer

    def _look_up(self, execution: str, activation: str, attempt: int) -> Resolution:
        """Somebody looks into the books."""
        if not ledger.count(DONE, show_id(execution), activation):
            return DidNot()
        return Happened(self.scenario.results.get(activation))

    # -- what is there --------------------------------------------------------------------------------------------

    async def _look(self, store: Store) -> None:
        """Read everything as it stands, and note what is wrong."""
        self.seen = await inspect(store, self.place, self.promises, deeply=self._process.is_dead)
        self.findings += self.seen.findings


def was_done(answer: Answer | bool) -> bool:
    """Whether it was done, now or before."""
    return not isinstance(answer, Refused)

"""An attempt in doubt, and everybody who has something to say about it: people, `reconcile`, whoever cancels, and the
attempt itself, which goes on and has its result late. Each of them speaks when told to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Literal, TypedDict

from pectin import END, Context, DidNot, Engine, ExecutionId, Happened, Unknown, Workflow
from pectin.core.command import Already, Answer, AnyCommand, Cancel, Done, Refused, Resolve
from pectin.core.event import (
    AnyEvent,
    AttemptStopped,
    ClosingBegan,
    DoubtLeft,
    DoubtResolved,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    ReconcileInterrupted,
)
from pectin.core.state import Run
from pectin.ports.store import Store
from pectin.runtime.loading import read_events
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing.crashtest.simulated import LoopHost
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.loop import Process, SeededLoop
from tests.crash.every_write.mortal import mortal, pass_time

Fact = tuple[object, ...]
Verdict = Literal["happened", "did not", "unknown", "raises"]
Late = Literal["completed", "failed"]

IN_DOUBT_MS = 32_000
"""When the attempt's time is up and it has been given up, and its `reconcile` is being asked."""

WORDS: dict[str, Callable[[int], AnyCommand]] = {
    "ann says yes": lambda at: Resolve(
        at=at, activation="charge", happened=True, by="ann", result={"n": 5}, comment="seen on the statement"
    ),
    "amy says yes": lambda at: Resolve(at=at, activation="charge", happened=True, by="amy", result={"n": 6}),
    "bob says no": lambda at: Resolve(at=at, activation="charge", happened=False, by="bob"),
    "cat cancels": lambda at: Cancel(at=at, by="cat"),
}
"""What people do; besides there are `reconcile answers`, `its result comes` and `crash`."""


class Count(TypedDict):
    n: int


dispute = Workflow("dispute", version="1.0.0", state=Count)


@dispute.node(effect="once", timeout="30s")
async def charge(state: Count, ctx: Context) -> Count:
    """The first attempt goes on whatever it is told, and has its result when it comes."""
    return await here().charge() if ctx.attempt == 1 else {"n": 2}


@charge.reconcile
async def ask(state: Count) -> Happened[Count] | DidNot | Unknown:
    return await here().ask()


review = dispute.approval("review", "Is it well?")
charge.then(review)
charge.on_error(review)
review.on(approved=END, rejected=END)
_built = dispute.build()
dispute.build = lambda: _built  # type: ignore[method-assign] # once for all


def here() -> Dispute:
    """The dispute that is on."""
    assert Dispute.on is not None
    return Dispute.on


@dataclass
class Dispute:
    """One execution, on a store that outlives its engines. `verdict` and `late` are what `reconcile` and the attempt
    say when they do; `answers` is what people were told, by what they said."""

    verdict: Verdict = "happened"
    late: Late = "completed"
    seed: int = 1
    memory: Memory = field(default_factory=Memory)
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    events: list[AnyEvent] = field(default_factory=list[AnyEvent])
    run: Run = field(default_factory=Run)
    kills: int = 0
    """How often `reconcile` kills the process before it says anything."""

    on: ClassVar[Dispute | None] = None

    def __post_init__(self) -> None:
        Dispute.on = self
        self.loop = SeededLoop(Random(f"{self.seed} order"))
        self._random = Random(f"{self.seed} chance")
        self._answers = asyncio.Event()
        self._result = asyncio.Event()
        self.visited = asyncio.Event()
        self._lives = 0

    async def charge(self) -> Count:
        while not self._result.is_set():
            try:
                await self._result.wait()
            except asyncio.CancelledError:
                continue
        if self.late == "failed":
            raise OSError("the card is refused")
        return {"n": 7}

    async def ask(self) -> Happened[Count] | DidNot | Unknown:
        if self.kills > 0:
            self.kills -= 1
            self._crash()
        await self._answers.wait()
        match self.verdict:
            case "happened":
                return Happened(Count(n=9))
            case "did not":
                return DidNot()
            case "unknown":
                return Unknown()
            case "raises":
                raise OSError("the bank is away")

    # -- one after another, or at once --------------------------------------------------------------------------

    def settle(self, order: Sequence[str]) -> Dispute:
        """Let each do their part when the one before is through, and see what is there long after."""
        self.loop.run(self._settle(order))
        return self

    async def _settle(self, order: Sequence[str]) -> None:
        await self._begin()
        for deed in order:
            await self._do(deed, self._say)
            await pass_time(100)
        await self._end()

    def race(self, deeds: Sequence[str]) -> Dispute:
        """Let all do their part at once: people as visitors, each in a process of their own."""
        self.loop.run(self._race(deeds))
        return self

    async def _race(self, deeds: Sequence[str]) -> None:
        await self._begin()
        self.visited.set()
        await asyncio.gather(*(self._do(deed, self._visit) for deed in deeds))
        await self._end()

    async def _begin(self) -> None:
        self._open()
        await pass_time(IN_DOUBT_MS)

    async def _end(self) -> None:
        await pass_time(1_000)
        self.visited.clear()
        await pass_time(60_000)
        store = MemoryStore(self.memory)
        self.events = [event for _, event in await read_events(store, self.execution)]
        self.run = (await Visitor(store).read(self.execution)).run
        self._process.crash()

    async def _do(self, deed: str, say: Callable[[str], Awaitable[None]]) -> None:
        match deed:
            case "reconcile answers":
                self._answers.set()
            case "its result comes":
                self._result.set()
            case "crash" | "open again":
                if deed == "crash":
                    self._crash()
                self._open()
                await pass_time(100)
            case "time passes":
                await pass_time(60_000)
            case _:
                await say(deed)

    async def _say(self, deed: str) -> None:
        engine = self._engine
        handled = await engine.service.handle(self.execution, WORDS[deed](engine.clock.now()))
        self.answers[deed] = handled.answer

    async def _visit(self, deed: str) -> None:
        process = self.loop.process(deed)
        store, _ = mortal(MemoryStore(self.memory), process, _Immortal())
        visitor = Visitor(store, clock=SimulatedClock(self.loop))
        said = process.spawn(visitor.handle(self.execution, WORDS[deed](visitor.clock.now())))
        self.answers[deed] = await said

    # -- its engines -----------------------------------------------------------------------------------------------

    @property
    def execution(self) -> ExecutionId:
        (execution,) = self.memory.executions
        return execution

    def _open(self) -> None:
        self._lives += 1
        self._process = self.loop.process(f"life-{self._lives}")
        self._process.spawn(self._live(self._process))

    def _crash(self) -> None:
        self._process.crash()
        self.memory.in_charge = None

    async def _live(self, process: Process) -> None:
        store, _ = mortal(MemoryStore(self.memory), process, _Immortal())
        host = _Host(process.name, self._random)
        self._engine = Engine(store, workflows=[dispute], clock=SimulatedClock(self.loop), host=host)
        async with self._engine:
            await self._engine.start(dispute, {"n": 0}, key="dispute")
            await asyncio.Event().wait()


class _Host(LoopHost):
    """Looks out for what others write, when they may have written."""

    async def look_out(self, store: Store) -> None:
        await here().visited.wait()
        await pass_time(50)


class _Immortal:
    """Lets everybody live."""

    def pass_by(self, what: str, number: int, when: Any) -> None:
        """Nothing happens."""


# -- what stands in the history ------------------------------------------------------------------------------------


def facts(events: Sequence[AnyEvent]) -> list[Fact]:
    """What a history says of the dispute: what was said, by whom, and what became of it, in order."""
    return [fact for event in events if (fact := _fact(event)) is not None]


def _fact(event: AnyEvent) -> Fact | None:
    match event:
        case DoubtResolved():
            return ("resolved", event.happened, event.by)
        case DoubtLeft():
            return ("left", None if event.error is None else event.error.error_class)
        case ReconcileInterrupted():
            return ("asking cut off",)
        case AttemptStopped(late=str()):
            return ("late", event.attempt, event.late)
        case ClosingBegan():
            return ("closing", event.by)
        case NodeCancelled(activation="charge"):
            return ("cancelled", event.in_doubt)
        case NodeCompleted(activation="charge"):
            return ("completed", event.attempt, event.patch["n"])
        case NodeFailed(activation="charge"):
            return ("failed", event.attempt, event.error.error_class)
        case _:
            return None


def told(answer: Answer) -> tuple[str, str | None]:
    """What somebody was told, and who was named to them."""
    match answer:
        case Done():
            return ("done", None)
        case Already():
            return ("already", answer.by)
        case Refused():
            return (answer.code, answer.winner)

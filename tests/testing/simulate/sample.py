"""What the tests of the simulation share: pauses in virtual time, rigged dice, a place for stores, and a workflow in
which everything can go wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Sequence
from random import Random
from typing import Any, TypedDict, TypeVar

from pectin import Context, Workflow
from pectin.core.definition import Definition
from pectin.core.limits import LIMITS
from pectin.core.state import Run
from pectin.ports.function import DidNot, Happened
from pectin.ports.store import Commit
from pectin.testing.script import Look, Reply, Resolution, Script
from pectin.testing.simulate.fault import Dice, Fault, Throw
from pectin.testing.simulate.ledger import Ledger
from pectin.testing.simulate.loop import Process, SeededLoop
from pectin.testing.simulate.scene import Beginning, Built
from pectin.testing.simulate.store import SimulatedStore
from pectin.testing.simulate.world import World

T = TypeVar("T")

pause = asyncio.sleep
"""In virtual time: nobody really waits."""


def live(main: Coroutine[Any, Any, T], seed: int = 0) -> T:
    """Run in a loop of this seed."""
    return SeededLoop(Random(seed)).run(main)


def here() -> SeededLoop:
    """The loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SeededLoop)
    return loop


class Rigged(Dice):
    """Dice that fall as they are told: these throws happen, and no others."""

    def __init__(self, *throws: str) -> None:
        super().__init__(0, Fault)
        self._throws = [Throw.parse(text) for text in throws]
        self._thrown: Counter[Fault] = Counter()

    def hits(self, fault: Fault, chance: float) -> bool:
        throw = Throw(fault, self._thrown[fault])
        self._thrown[fault] += 1
        if throw in self._throws:
            self.happened.append(throw)
        return throw in self._throws


class Stage:
    """As much of a world as a store and a host ask for."""

    def __init__(self, *throws: str) -> None:
        self.dice: Dice = Rigged(*throws)
        self.random = Random(0)
        self.ledger: Ledger = []
        self.limits = LIMITS
        self.deposed = False
        self.commits: list[Commit] = []
        self.writes: list[SimulatedStore] = []

    def applied(self, commit: Commit) -> None:
        self.commits.append(commit)

    def wrote(self, store: SimulatedStore) -> None:
        self.writes.append(store)

    def kill(self, process: Process) -> None:
        process.crash()

    def is_deposed(self, _process: Process) -> bool:
        return self.deposed

    def key_of(self, _execution: str, _activation: str) -> str:
        return "k"


class Parcel(TypedDict):
    price: int
    paid: int
    letters: list[int]
    stamps: list[int]


PARCEL: Parcel = {"price": 7, "paid": 0, "letters": [1, 2, 3, 4], "stamps": []}
DELIVERED: Parcel = {"price": 8, "paid": 8, "letters": [1, 2, 3, 4], "stamps": [2, 4, 6, 8]}


def parcel(version: str = "1.0.0") -> Workflow[Parcel]:
    """It looks up, asks a person, pays, stamps letters side by side, and waits for a signal and an event."""
    workflow = Workflow("parcel", version=version, state=Parcel)

    @workflow.node(retry="io_default", effect="idempotent")
    async def look_up(state: Parcel) -> Parcel:
        state["price"] += 1
        return state

    review = workflow.approval("review", "Pay {{ state.price }}?", deadline="9d")

    @workflow.node(effect="keyed", retry="io_default")
    def pay(state: Parcel, ctx: Context) -> Parcel:
        assert ctx.key
        state["paid"] += state["price"]
        return state

    @workflow.node(effect="once")
    async def ship(state: Parcel) -> Parcel:
        return state

    @workflow.each("state.letters", output_key="stamps", retry="io_default", effect="keyed")
    async def stamp(letter: int) -> int:
        return 2 * letter

    sent = workflow.wait("sent", signal="go", deadline="9d")
    came = workflow.wait("came", event="parcel.came", key="P-{{ state.price }}", deadline="9d")
    look_up.then(review)
    review.on(approved=pay, rejected=stamp, timeout=stamp)
    pay.then(stamp)
    stamp.then(sent)
    sent.then(came)
    came.then(ship)
    return workflow


PARCELS = tuple(Built(parcel(version)) for version in ("1.0.0", "2.0.0"))


class Voice:
    """A script, and what it says before anybody asks."""

    def __init__(self, early: Sequence[Reply] = (), **script: Any) -> None:
        self.reply = Script(**script).reply
        self._early = early

    def foretell(self, run: Run, definition: Definition, at: int) -> Sequence[Reply]:
        return self._early


class Truthful(World):
    """A world in which people who look find what is in the ledger."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.look: Look | None = self._find

    def _find(self, execution: str, activation: str, attempt: int) -> Resolution:
        place = (execution, activation, attempt)
        done = [entry.done for entry in self.ledger if (entry.execution, entry.activation, entry.attempt) == place]
        return Happened({}) if any(done) else DidNot()


def world(
    seed: int = 0, faults: Collection[Fault] = (), *, workflow: Workflow[Any] | None = None, **options: Any
) -> Truthful:
    """A world with one execution."""
    given = PARCELS[0] if workflow is None else workflow
    voice = options.pop("voice", None) or Voice()
    input = options.pop("input", PARCEL)
    return Truthful(seed, [given], [Beginning(given, input, "P-1")], voice, faults, **options)

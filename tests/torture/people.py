"""What people and other systems do beside the engine while it lives and dies: decide, send, signal, hold, resolve and
cancel. They are a process with a store of its own, and write down what was acknowledged.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pectin import ExecutionId, WorkflowStatus
from pectin.core.command import Already, Cancel, Decide, Done, Hold, Release, Resolve, Signal
from pectin.core.identity import idempotency_key
from pectin.core.state import Run
from pectin.ports.store import Find, StoreError, Summary
from pectin.runtime.error import NotFound
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from tests.torture.deal import deal
from tests.torture.inside import Inside, cut_files
from tests.torture.journal import Journal
from tests.torture.ledger import world
from tests.torture.process import Tell
from tests.torture.workload import decision_of, is_unwanted, number_of, order

OPEN = frozenset({WorkflowStatus.PAUSED, WorkflowStatus.RUNNING})
CANCELLER = "canceller"
VISITS_AT_ONCE = 12
LOOK_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """People at this place; one may die `inside` a commit."""

    place: Path
    seed: int
    inside: Inside | None = None


def mingle(crowd: Crowd, tell: Tell) -> int:
    """Be the people, until they are told to go."""
    world.enter(crowd.place)
    with cut_files(crowd.inside, tell):
        asyncio.run(_mingle(crowd, tell))
    return 0


async def _mingle(crowd: Crowd, tell: Tell) -> None:
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    store = await _open(str(crowd.place / "pectin.db"), leaving)
    if store is None:
        return
    tell({"open": True})
    people = People(Visitor(store), Random(crowd.seed), Journal(crowd.place / "acks"))
    turned_away = 0
    while not leaving.is_set():
        try:
            await people.visit()
        except StoreError as problem:  # another process has had the file for longer than a visitor waits
            turned_away += 1
            tell({"turned_away": turned_away, "turned_away_by": str(problem)})
        await _wait(leaving)
    await store.close()


async def _open(path: str, leaving: asyncio.Event) -> SqliteStore | None:
    """The store, once there is one."""
    while not leaving.is_set():
        with suppress(StoreError):
            return SqliteStore(path, must_exist=True)
        await _wait(leaving)
    return None


async def _wait(leaving: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(leaving.wait(), LOOK_SECONDS)


class People:
    """They write down in the journal what was acknowledged."""

    def __init__(self, visitor: Visitor, random: Random, journal: Journal) -> None:
        self.visitor = visitor
        self._random = random
        self._journal = journal

    async def visit(self) -> None:
        """Do what some of the open executions need."""
        found = await self.visitor.list(Find(statuses=OPEN, limit=1_000_000))
        for summary in self._random.sample(found, min(VISITS_AT_ONCE, len(found))):
            with suppress(NotFound):
                await self._visit(summary)

    async def _visit(self, summary: Summary) -> None:
        key = summary.key
        if key is not None:
            if summary.workflow_id == order.id and summary.status is WorkflowStatus.PAUSED:
                await self._decide(summary.execution, key)
            elif summary.workflow_id == deal.id:
                await self._deal(summary.execution, key)
            if is_unwanted(number_of(key)) and self._random.random() < 0.2:
                await self._cancel(summary.execution, key)
        await self._release(summary.execution, key)

    async def _decide(self, execution: ExecutionId, key: str) -> None:
        run = (await self.visitor.read(execution)).run
        if not run.approvals():
            return
        decision = decision_of(number_of(key))
        command = Decide(at=self.visitor.clock.now(), activation="review", decision=decision, by="finance")
        if isinstance(await self.visitor.handle(execution, command), Done | Already):
            self._journal.note("decide", key, decision=decision)

    async def _deal(self, execution: ExecutionId, key: str) -> None:
        """A parcel and a signal come early, late and twice; now and then somebody holds the deal."""
        at = self.visitor.clock.now()
        number = number_of(key)
        if self._random.random() < 0.5:
            await self.visitor.send("parcel", f"C-{number}", {"number": number}, dedup=f"parcel {number}")
            self._journal.note("send", key)
        if self._random.random() < 0.5:
            signal = Signal(at=at, name="go", payload=number, dedup=f"go {number}")
            if isinstance(await self.visitor.handle(execution, signal), Done | Already):
                self._journal.note("signal", key)
        if self._random.random() < 0.1:
            hold = Hold(at=at, by="operator", reason="a look")
            if isinstance(await self.visitor.handle(execution, hold), Done):
                self._journal.note("hold", key)
        await self._resolve(execution, key, (await self.visitor.read(execution)).run)

    async def _resolve(self, execution: ExecutionId, key: str, run: Run) -> None:
        """Somebody looks into the books, and says what happened."""
        for name, activation in run.activations.items():
            if activation.doubt is None or activation.doubt.asks:
                continue
            number, attempt = run.data["number"], activation.attempt
            happened = world.happened("once", idempotency_key(execution, name))
            happened_so = f"shipped {number}" if name == "ship" else {"charged": f"charged {number}"}
            command = Resolve(
                at=self.visitor.clock.now(),
                activation=name,
                happened=happened,
                by="finance",
                result=happened_so if happened else None,
                attempt=attempt,
            )
            if isinstance(await self.visitor.handle(execution, command), Done | Already):
                self._journal.note("resolve", key, activation=name, attempt=attempt, happened=happened)

    async def _cancel(self, execution: ExecutionId, key: str) -> None:
        answer = await self.visitor.handle(execution, Cancel(at=self.visitor.clock.now(), by=CANCELLER))
        if isinstance(answer, Done) and answer.note is None:  # else it was ending otherwise
            self._journal.note("cancel", key)

    async def _release(self, execution: ExecutionId, key: str | None) -> None:
        """Let go on what is held, and let out what is in quarantine."""
        run = (await self.visitor.read(execution)).run
        if (run.hold is not None and not run.hold.inherited) or run.quarantined:
            command = Release(at=self.visitor.clock.now(), by="operator")
            if isinstance(await self.visitor.handle(execution, command), Done):
                self._journal.note("release", key or "")

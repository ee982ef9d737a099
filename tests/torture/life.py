"""One life of an engine and of the clients in its process, until it is killed or told to go."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pectin import Engine, Execution, ExecutionFailed, WorkflowStatus
from pectin.ports.store import OWNED, Find, StoreBusy
from pectin.runtime.error import CommandRefused, EngineStopped
from pectin.store.sqlite import SqliteStore, writer
from tests.torture.bugs import STORES
from tests.torture.deal import deal
from tests.torture.inside import Inside, cut_files
from tests.torture.journal import Journal, read_lines
from tests.torture.ledger import world
from tests.torture.process import Tell
from tests.torture.workload import WORKFLOWS, decision_of, input_of, key_of, order, workflow_of

SLOTS = 8
REFUSED = 7
"""The exit code of an engine that another one kept out."""
OFTEN = 16
"""Pages in the log from which on an engine that is to die in a checkpoint makes one."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What an engine's life is to be.

    It starts the executions with these `numbers` that were not acknowledged before. It dies `inside` a commit, or after
    so many `effects`, of this kind if one is named; `patient` is how it goes when it is told to. The last one ends
    everything, a `calm` one in a store that nobody disturbs and that needn't be durable.
    """

    place: Path
    numbers: range
    inside: Inside | None = None
    effects: int = 0
    effect: str = ""
    patient: bool = True
    bug: str = ""
    is_last: bool = False
    calm: bool = False


def live(life: Life, tell: Tell) -> int:
    """Be an engine; the exit code."""
    world.enter(life.place)
    world.is_hurried = life.is_last
    if life.inside is not None and life.inside.file == "database":
        writer.CHECKPOINT_PAGES = OFTEN
    if life.effects:
        world.after_effect = _dying_after(life, tell)
    with cut_files(life.inside, tell):
        return asyncio.run(_until_told(_Living(life, tell)))


def _dying_after(life: Life, tell: Tell) -> Callable[[str], None]:
    """What kills the process once it has had so many effects, of which it has recorded all but the last."""
    left = life.effects

    def count(effect: str) -> None:
        nonlocal left
        left -= life.effect in ("", effect)
        if left == 0:
            tell({"after_effect": True})
            os.kill(os.getpid(), signal.SIGKILL)

    return count


async def _until_told(living: _Living) -> int:
    """Live until SIGTERM, which a patient one heeds by letting bodies end, and another one by cutting them off."""
    task = asyncio.ensure_future(living.live())
    go = living.leaving.set if living.life.patient else task.cancel
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, go)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


class _Living:
    def __init__(self, life: Life, tell: Tell) -> None:
        self.life = life
        self.leaving = asyncio.Event()
        self._tell = tell
        self._journal = Journal(life.place / "acks")

    async def live(self) -> int:
        began = time.perf_counter()
        life = self.life
        path = str(life.place / "pectin.db")
        store = STORES.get(life.bug, SqliteStore)(path, fast=life.calm)
        try:
            engine = Engine(store, workflows=WORKFLOWS, slots=SLOTS)
            async with engine:
                self._tell({"open": time.perf_counter() - began})
                await (self._end_all(engine) if life.is_last else self._go_on(engine))
        except StoreBusy:
            return REFUSED
        finally:
            await store.close()
        return 0

    async def _go_on(self, engine: Engine) -> None:
        """Serve clients until somebody says to go."""
        acked = {line["key"] for line in read_lines(self.life.place / "acks") if line["did"] == "start"}
        numbers = [number for number in self.life.numbers if key_of(number) not in acked]
        clients = [asyncio.ensure_future(self._serve(self._client(engine, number))) for number in numbers]
        try:
            await self.leaving.wait()
        finally:
            for client in clients:
                client.cancel()

    async def _serve(self, client: Coroutine[Any, Any, Any]) -> None:
        """A client may be refused, and it may be left when the engine stops; anything else is a fault."""
        try:
            with suppress(CommandRefused, EngineStopped):
                await client
        except Exception as problem:
            self._tell({"problem": f"a client of the engine got {type(problem).__name__}: {problem}"})
            raise

    async def _client(self, engine: Engine, number: int) -> None:
        """Start one, and see to part of what it needs, at the same time as the people outside."""
        await self._see_to(engine, await self._start(engine, number), number)

    async def _see_to(self, engine: Engine, execution: Execution[Any], number: int) -> None:
        key, everything = key_of(number), self.life.is_last
        if (number % 8 == 0 or everything) and workflow_of(number) is order and await execution.until("review"):
            await execution.decide("review", decision_of(number), by="finance")
            self._journal.note("decide", key, decision=decision_of(number))
        if (number % 8 == 3 or everything) and workflow_of(number) is deal:
            await execution.signal("go", number, dedup=f"go {number}")
            self._journal.note("signal", key)
        if (number % 8 == 7 or everything) and workflow_of(number) is deal:
            await engine.send("parcel", f"C-{number}", {"number": number}, dedup=f"parcel {number}")
            self._journal.note("send", key)

    async def _start(self, engine: Engine, number: int) -> Execution[Any]:
        execution = await engine.start(workflow_of(number), input_of(number), key=key_of(number), by="client")
        self._journal.note("start", key_of(number), execution=str(execution.id))
        return execution

    async def _end_all(self, engine: Engine) -> None:
        """Say who is stranded as things stand; then start or find every one, and see it through."""
        await engine.idle()
        running = Find(statuses=frozenset({WorkflowStatus.RUNNING}), limit=1_000_000)
        found = await engine.store.find(running)
        self._tell({"stranded": [str(each.execution) for each in found if each.due == OWNED]})

        async def see_through(number: int) -> None:
            execution = await self._start(engine, number)
            with suppress(CommandRefused):  # it has ended, or is about to
                await self._see_to(engine, execution, number)
            with suppress(ExecutionFailed):  # as in a calm run, or because it was cancelled
                await execution.result()

        await asyncio.gather(*map(see_through, self.life.numbers))
        self._tell({"ended": True})

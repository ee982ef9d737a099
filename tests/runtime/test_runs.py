"""The runs of a process: which are in memory, and how often one is read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pectin import Engine, NotFound, Workflow, WorkflowStatus
from pectin.core.command import Cancel
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Stored, StoreError
from pectin.runtime.held import Held
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from tests.runtime.sample import ZERO, Count, Gate, add, asking, chain, eventually, gated


class Reading(MemoryStore):
    """A memory store that counts how often it is read."""

    loads = 0

    async def load(self, execution: ExecutionId) -> Stored | None:
        self.loads += 1
        return await super().load(execution)


async def test_a_run_is_in_memory_while_it_is_at_work() -> None:
    store, gate = Reading(), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        runs = engine.service.runs
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        assert list(runs.held) == [execution.id]
        assert runs.is_going_on(execution.id)
        assert (await runs.get(execution.id)).status is WorkflowStatus.RUNNING
        gate.open()
        await execution.result()
        assert (dict(runs.held), runs.is_going_on(execution.id), store.loads) == ({}, False, 0)
        assert (await runs.get(execution.id)).status is WorkflowStatus.COMPLETED
        assert store.loads == 1


async def test_one_that_rests_is_loaded_once_however_many_ask() -> None:
    store, workflow = Reading(), asking()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        before = store.loads
        asked = await asyncio.gather(*(engine.service.runs.load(execution.id) for _ in range(5)))
        assert store.loads == before + 1
        assert all(held is asked[0] for held in asked)


async def test_who_waits_for_another_to_load_it_loads_it_if_that_one_gives_up() -> None:
    class Slow(Reading):
        may_load = asyncio.Event()

        async def load(self, execution: ExecutionId) -> Stored | None:
            stored = await super().load(execution)
            await self.may_load.wait()
            return stored

    store, workflow = Slow(), asking()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        store.may_load.set()
        await execution.until("review")
        store.may_load.clear()
        before = store.loads
        first, *others = [asyncio.ensure_future(engine.service.runs.load(execution.id)) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        store.may_load.set()
        one, other = await asyncio.gather(*others)
        assert one is other
        assert store.loads == before + 2


async def test_one_that_is_forgotten_is_read_anew_by_the_next_command() -> None:
    store, gate = Reading(), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        engine.service.runs.forget(execution.id)
        gate.open()
        assert await execution.result() == {"n": 1}
        assert store.loads > 0


async def test_who_has_no_executions_keeps_none_and_of_an_unknown_one_there_is_nothing() -> None:
    memory, workflow = Memory(), asking()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        visitor = Visitor(MemoryStore(memory))
        runs = visitor._service.runs  # pyright: ignore[reportPrivateUsage]
        assert await runs.load(execution.id) is not await runs.load(execution.id)
        assert not runs.held
        with pytest.raises(NotFound):
            await runs.get(ExecutionId.new())


class Full(MemoryStore):
    """A memory store that refuses every commit, once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()

    async def commit(self, commit: Commit) -> None:
        await self.gate.pass_through()
        raise StoreError("the disk is full")


@pytest.mark.parametrize("more_is_in_flight", [False, True])
async def test_an_unwritten_run_whose_start_was_refused_is_not_found_by_who_waited_for_it(
    more_is_in_flight: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    becomes_durable = Held.becomes_durable

    async def becomes_durable_or_not(held: Held, version: int) -> bool:
        nonlocal asked
        asked += 1
        assert asked < 10, "it asks for ever, and lets nobody else go on"
        return await becomes_durable(held, version)

    monkeypatch.setattr(Held, "becomes_durable", becomes_durable_or_not)
    store = Full()
    workflow = Workflow("fleeting", version="1.0.0", state=Count, session_type="stateless")
    workflow.node(add)
    async with Engine(store, workflows=[workflow]) as engine:
        runs = engine.service.runs
        asks: list[asyncio.Future[Any]] = [asyncio.ensure_future(engine.start(workflow, ZERO))]
        await store.gate.entered.wait()
        ((id, held),) = runs.held.items()
        if more_is_in_flight:
            asks.append(asyncio.ensure_future(engine.service.handle(id, Cancel(at=0))))
            await eventually(lambda: held.in_flight == 2)
        reading = asyncio.ensure_future(runs.get(id))
        await asyncio.sleep(0)
        store.gate.open()
        with pytest.raises(NotFound):
            await reading
        assert held.broken
        refused = await asyncio.gather(*asks, return_exceptions=True)
        assert [type(problem) for problem in refused] == [StoreError, NotFound][: len(asks)]

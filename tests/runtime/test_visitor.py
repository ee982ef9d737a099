"""What a person at a terminal does beside an engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pectin import Engine, NotFound
from pectin.core.command import Cancel, Done, Signal
from pectin.ports.store import Find
from pectin.runtime.error import Ambiguous
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from tests.runtime.sample import ZERO, Deaf, Gate, add, asking, chain, events_of, gated, tags


async def test_an_execution_is_found_by_what_people_call_it() -> None:
    memory, workflow, other = Memory(), asking(), chain(add)
    async with Engine(MemoryStore(memory), workflows=[workflow, other]) as engine:
        first = await engine.start(workflow, ZERO, key="A-1042")
        last = await engine.start(workflow, ZERO)
        visitor = Visitor(MemoryStore(memory))
        text = first.id.uuid.hex
        for name in (str(first.id), first.id.to_json(), text[-8:], f"…{text[-6:].upper()}", "A-1042"):
            assert (await visitor.resolve(name)).execution == first.id
        assert (await visitor.resolve("last")).execution == last.id
        for name in ("nothing", "", "0" * 32):
            with pytest.raises(NotFound, match="no execution"):
                await visitor.resolve(name)
        await engine.start(other, ZERO, key="A-1042")
        with pytest.raises(Ambiguous, match="could be several"):
            await visitor.resolve("A-1042")


async def test_without_an_engine_it_decides_and_leaves_the_work() -> None:
    memory, workflow = Memory(), asking()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
    await store.close()
    visitor = Visitor(MemoryStore(memory))
    assert await visitor.handle(execution.id, Cancel(at=visitor.clock.now(), by="me")) == Done()
    loaded = await visitor.read(execution.id)
    assert loaded.run.status.is_terminal
    assert loaded.due is None
    assert [summary.status for summary in await visitor.list(Find())] == [loaded.run.status]
    assert next(seq for seq, _ in await visitor.events(execution.id, after=2)) == 3


async def test_what_an_engine_has_on_its_way_never_lands_on_what_a_visitor_wrote_first(tmp_path: Path) -> None:
    path, gate = str(tmp_path / "pectin.db"), Gate()
    workflow, store = chain(gated(gate)), SqliteStore(path)
    async with Engine(path, workflows=[workflow], host=Deaf()) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        visitor = Visitor(store)
        for name in ("one", "two"):  # as many events as a pause has
            assert await visitor.handle(execution.id, Signal(at=visitor.clock.now(), name=name)) == Done()
        assert await asyncio.gather(execution.pause(), execution.resume()) == [Done(), Done()]
        gate.open()
        assert await execution.result() == {"n": 1}
        held = ["ExecutionHeld", "ExecutionPaused", "HoldReleased", "ExecutionResumed"]
        assert tags(await events_of(execution))[3:9] == ["MessageReceived", "MessageReceived", *held]
    await store.close()

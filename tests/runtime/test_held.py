"""A run in memory: what of it is durable, and when it is worth a snapshot."""

from __future__ import annotations

import asyncio

import pytest

from pectin import Engine, Workflow
from pectin.core.command import Release
from pectin.core.event import decode_events
from pectin.core.state import Run
from pectin.runtime.held import Held
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from tests.runtime.family import parent_of, the_child
from tests.runtime.sample import ZERO, Batch, Deaf, Gate, add, chain, events_of, gated


async def test_who_asks_is_told_once_it_is_decided_whether_a_version_is_stored() -> None:
    held = Held(chain(add).build().program, Run(), 1, None)
    held.in_flight = 2
    first, second = (asyncio.ensure_future(held.becomes_durable(version)) for version in (3, 5))
    await asyncio.sleep(0)
    held.land(3)
    assert await first
    assert not second.done()
    held.land(None)
    assert not await second
    assert held.broken
    assert held.in_flight == 0


async def test_a_child_that_is_told_something_before_it_has_begun_begins() -> None:
    """Whoever handles the first word makes the child its own, and nobody else will begin it."""
    memory, gate = Memory(), Gate()
    workflow = parent_of(chain(add), before=gated(gate))
    async with asyncio.timeout(5), Engine(MemoryStore(memory), workflows=[workflow], host=Deaf()) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await execution.pause(by="operator")
        gate.open()
        await engine.idle()
        store = MemoryStore(memory)
        await Visitor(store).handle(execution.id, Release(at=engine.clock.now(), by="operator"))
        release = Release(at=engine.clock.now(), inherited=True)
        handled = await engine.service.handle(await the_child(store), release)
        assert not handled.acted
        assert await execution.result() == {"n": 3}


# -- snapshots ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["none", "deleted", "corrupt", "of another time"])
async def test_snapshots_are_written_and_are_never_more_than_a_cache(damage: str) -> None:
    memory = Memory()
    workflow: Workflow[Batch] = Workflow("growing", version="1.0.0", state=Batch)

    @workflow.node
    async def grow(state: Batch) -> Batch:
        state["out"] = list(range(1_000 + len(state["items"])))
        state["items"].append(len(state["items"]))
        return state

    review = workflow.approval("review", "Enough?")
    grow.repeat(grow, when="size(state.items) < 37", max_iterations=100)
    grow.then(review)
    review.on(approved="end", rejected="end")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, {"items": [], "out": []})
        await execution.until(review)
        state = (await execution.info()).current_state
    await store.close()
    kept = memory.executions[execution.id]
    assert kept.snapshot is not None
    assert 0 < kept.snapshot_version < kept.summary.version
    match damage:
        case "deleted":
            kept.snapshot, kept.snapshot_version = None, 0
        case "corrupt":
            kept.snapshot = b'{"version":'
        case "of another time":
            kept.snapshot = kept.snapshot.replace(b'"version":', b'"was_version":')
        case _:
            pass
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        again = await engine.execution(execution.id, workflow)
        assert (await again.info()).current_state == state
        await again.approve(review, by="me")
        assert await again.result() == state
        assert len(await events_of(again)) == sum(len(decode_events(row.body)) for row in kept.rows)

"""Executions that run others: the histories of parents and of children."""

from __future__ import annotations

from pectin import END, Execution
from pectin.core.event import ChildSpawned
from pectin.core.identity import ExecutionId
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, Tally, add, hang, workflow


async def parent(store: Store, clock: VirtualClock) -> list[Row]:
    """It runs a child, and goes on with what came of it."""
    return await store.history((await _bring_up(store, clock))[0])


async def child(store: Store, clock: VirtualClock) -> list[Row]:
    """Its input is handed in; a person decides in it, and its end is its parent's affair."""
    return await store.history((await _bring_up(store, clock))[1])


async def trusting(store: Store, clock: VirtualClock) -> list[Row]:
    """It runs a child that a person has to approve."""
    inner = workflow("inner", session_type="approval_gated")
    inner.node(add)
    wf = workflow("outer")
    wf.subgraph("inside", inner, input={key: f"state.{key}" for key in EMPTY})
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.result())
        return await store.history(execution.id)


async def cancelled_parent(store: Store, clock: VirtualClock) -> list[Row]:
    """It runs a child for each item, is held, released and cancelled; and so are they."""
    return await store.history((await _disown(store, clock))[0])


async def cancelled_child(store: Store, clock: VirtualClock) -> list[Row]:
    """Its parent was held, released and cancelled; and so is it."""
    return await store.history((await _disown(store, clock))[1])


async def _bring_up(store: Store, clock: VirtualClock) -> tuple[ExecutionId, ExecutionId]:
    inner = workflow("inner")
    review = inner.approval("review", "Go on?")
    review.on(approved=inner.node(add, name="go_on"), rejected=END)
    wf = workflow("outer")
    before = wf.node(add, name="before")
    inside = wf.subgraph(
        "inside",
        inner,
        input={"count": "state.count", "sizes": "state.sizes", "found": "state.found"},
        output={"count": "output.count"},
    )
    before.then(inside)
    inside.then(wf.node(add, name="after"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        born = await _first_child(execution)
        await (await running.execution(born, inner)).approve(review, by="operator")
        await clock.until(execution.result())
        await clock.settle()
        return execution.id, born


async def _disown(store: Store, clock: VirtualClock) -> tuple[ExecutionId, ExecutionId]:
    inner = workflow("inner")
    inner.node(hang)
    wf = workflow("outer")
    each = {"count": "item", "sizes": "state.sizes", "found": "state.found"}
    wf.each_child("inside", "state.sizes", inner, input=each)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1, 2]})
        await clock.settle()
        born = await _first_child(execution)
        await execution.pause(by="operator", reason="it rains")
        await clock.settle()
        await execution.resume(by="operator")
        await clock.settle()
        await execution.cancel(by="operator")
        await clock.settle()
        return execution.id, born


async def _first_child(execution: Execution[Tally]) -> ExecutionId:
    born = [each.event async for each in execution.events() if isinstance(each.event, ChildSpawned)]
    return ExecutionId.parse(born[0].child)

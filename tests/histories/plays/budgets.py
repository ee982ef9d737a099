"""Executions that spend: what is reserved, settled and given back, who stands in line, and what a child gets."""

from __future__ import annotations

from pectin import Amount, Context
from pectin.core.event import ChildSpawned
from pectin.core.identity import ExecutionId
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, TWICE, Tally, add, fail, hang, workflow

CEILING = Amount("0.1", 0, 100)


async def spend(state: Tally, ctx: Context) -> Tally:
    ctx.spend(cost_usd="0.04", output_tokens=30)
    return await (fail if ctx.attempt == 1 else add)(state)


async def spent(store: Store, clock: VirtualClock) -> list[Row]:
    """A retry, children for each item, and one in a loop: not all of it fits side by side."""
    return await store.history((await _spend(store, clock))[0])


async def part(store: Store, clock: VirtualClock) -> list[Row]:
    """A child with a part of its parent's budget."""
    return await store.history((await _spend(store, clock))[1])


async def returned(store: Store, clock: VirtualClock) -> list[Row]:
    """An attempt in doubt costs its ceiling, until somebody says that it did not happen."""
    wf = workflow("returned", max_cost_usd="0.15")
    once = wf.node(hang, name="once", effect="once", timeout="30s", ceiling=CEILING)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.until(once))
        await execution.resolve(once, did_not=True, by="operator")
        await clock.settle()
        return await store.history(execution.id)


async def waited(store: Store, clock: VirtualClock) -> list[Row]:
    """It fits, and waits for a worker's slot, which another one leaves."""
    wf = workflow("waited")
    wf.node(hang, ceiling=CEILING)
    async with engine(wf, store=store, clock=clock, slots=1) as running:
        other = await running.start(wf, EMPTY)
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        await other.cancel()
        await clock.settle()
        return await store.history(execution.id)


async def _spend(store: Store, clock: VirtualClock) -> tuple[ExecutionId, ExecutionId]:
    inner = workflow("inner")
    inner.node(spend, ceiling=CEILING, retry=TWICE)
    wf = workflow("spent", max_cost_usd="0.9", total_tokens=2_000)
    start = wf.parallel("start")
    first = wf.node(spend, name="first", ceiling=CEILING, retry=TWICE)
    given = {"count": "state.count", "sizes": "state.sizes", "found": "state.found"}
    items = wf.each_child(
        "items", "state.sizes", inner, input={**given, "count": "item"}, ceiling=Amount("0.3", 0, 300)
    )
    inside = wf.subgraph("inside", inner, input=given, ceiling=Amount("0.3", 0, 300))
    start.then(first, items)
    first.then(inside)
    inside.repeat(inside, when="iteration < 2", max_iterations=2)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1, 2]})
        await clock.until(execution.result())
        born = [each.event async for each in execution.events() if isinstance(each.event, ChildSpawned)]
        await clock.settle()
        return execution.id, ExecutionId.parse(born[0].child)

"""Ways through the graph: branches, maps, joins, loops, and what branches write side by side."""

from __future__ import annotations

import asyncio
from typing import Any

from pectin import Workflow
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, TWICE, Tally, add, fail, hang, workflow


async def fan_out(store: Store, clock: VirtualClock) -> list[Row]:
    """Two branches, a map of three items of which two are at work, and a join that has one of its two arrivals."""
    wf = workflow("fan-out")
    both = wf.parallel("both")
    quick = wf.node(add, name="quick")

    @wf.each("state.sizes", max_concurrency=2, output_key="found", timeout="5m", retry=TWICE)
    async def measure(size: int) -> int:
        if size > 1:
            await asyncio.Event().wait()
        return size

    both.then(quick, measure)
    together = wf.join("together", wait_for=[quick, measure])
    quick.then(together)
    measure.then(together)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1, 2, 3]})
        await clock.settle()
        return await store.history(execution.id)


async def item_failed(store: Store, clock: VirtualClock) -> list[Row]:
    """A map whose item fails while it waits for the others."""
    wf = workflow("item-failed")

    @wf.each("state.sizes", on_item_failure="wait", output_key="found")
    async def measure(size: int) -> int:
        if size == 1:
            raise ValueError("too small")
        if size == 3:
            await asyncio.Event().wait()
        return size

    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1, 2, 3]})
        await clock.settle()
        return await store.history(execution.id)


async def first(store: Store, clock: VirtualClock) -> list[Row]:
    """A join goes on with the first of three. One of the others leads only there and is cancelled; the other goes on
    elsewhere too, and its way to the join is still open."""
    wf = workflow("first")
    both = wf.parallel("both")
    quick = wf.node(add, name="quick")
    only = wf.node(hang, name="only")
    other = wf.node(hang, name="other")
    both.then(quick, only, other)
    together = wf.join("together", wait_for=[quick, only, other], first=True)
    for source in (quick, only, other):
        source.then(together)
    other.then(wf.node(add, name="elsewhere"))
    together.then(wf.node(hang, name="after"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def loop(store: Store, clock: VirtualClock) -> list[Row]:
    """A loop of three iterations, with a way out that the first two forget."""
    wf = workflow("loop")
    step = wf.node(add, name="step")
    step.repeat(step, when="state.count < 3", max_iterations=10)
    step.then(wf.node(add, name="after"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.result())
        return await store.history(execution.id)


async def nested(store: Store, clock: VirtualClock) -> list[Row]:
    """A loop in a loop, with a wait, a child, a map and a node that is skipped; a join outside keeps what the last
    iteration brings, and a way out is dead."""
    inner = workflow("inner")
    inner.node(add)
    wf = workflow("nested")
    turn = wf.node(add, name="turn")
    step = wf.node(add, name="step")
    pause = wf.wait("pause", duration="1h")
    state = {"count": "state.count", "sizes": "state.sizes", "found": "state.found"}
    inside = wf.subgraph("inside", inner, input=state)

    @wf.each("state.sizes")
    async def measure(size: int) -> int:
        return size

    last = wf.node(add, name="last")
    never = wf.node(add, name="never")
    turn.then(step)
    step.repeat(step, when="iteration < 2", max_iterations=9)
    step.then(pause).then(never, when="state.count > 99")
    pause.then(inside)
    inside.then(measure)
    measure.then(last)
    never.then(last)
    last.repeat(turn, when="iteration < 2", max_iterations=9)
    last.then(wf.join("together", wait_for=[last])).then(wf.node(add, name="unused"), when="state.count > 99")
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1]})
        await clock.until(execution.result())
        return await store.history(execution.id)


async def thrown(store: Store, clock: VirtualClock) -> list[Row]:
    """A failure leads out of a loop, although it would go round."""
    wf = workflow("thrown")
    step = wf.node(add, name="step")
    breaks = wf.node(fail, name="breaks")
    step.then(breaks)
    step.repeat(step, when="true", max_iterations=9)
    breaks.repeat(step, when="true", max_iterations=9)
    breaks.on_error(wf.node(add, name="saved"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.result())
        return await store.history(execution.id)


async def overtaken(store: Store, clock: VirtualClock) -> list[Row]:
    """A join goes on with the first, so a loop that leads only there is cancelled; but its own way on fails."""
    wf = workflow("overtaken")
    both = wf.parallel("both")
    quick = wf.node(add, name="quick")
    slow = wf.node(hang, name="slow")
    both.then(quick, slow)
    slow.repeat(slow, when="true", max_iterations=9)
    together = wf.join("together", wait_for=[quick, slow], first=True)
    quick.then(together)
    slow.then(together)
    together.then(wf.node(add, name="unused"), when="state.sizes[5] > 0")
    together.on_error(wf.node(add, name="saved"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.result())
        return await store.history(execution.id)


async def used_up(store: Store, clock: VirtualClock) -> list[Row]:
    """A loop that has used up its iterations: its way on is that of its limit, and no other."""
    wf = workflow("used-up")
    step = wf.node(add, name="step")
    step.repeat(step, when="state.count < 9", max_iterations=2)
    step.then(wf.node(add, name="after"))
    step.on_limit(wf.join("enough", wait_for=[step]))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.result())
        return await store.history(execution.id)


async def reduced(store: Store, clock: VirtualClock) -> list[Row]:
    """Branches add to the same keys, and one of them is still at work."""
    wf = workflow("reduced", reducers={"count": "add", "found": "append"})
    both = wf.parallel("both")

    @wf.node(output_key="found")
    async def find(state: Tally) -> list[int]:
        return [7]

    both.then(wf.node(add, name="one"), wf.node(add, name="two"), find, wf.node(hang))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "count": 5, "found": [6]})
        await clock.settle()
        return await store.history(execution.id)


async def removed(store: Store, clock: VirtualClock) -> list[Row]:
    """A key is set, and removed."""
    wf = Workflow("removed", version="1.0.0", state=dict[str, Any])

    @wf.node
    async def write(state: dict[str, Any]) -> dict[str, Any]:
        state["note"] = "to be done"
        return state

    @wf.node
    async def erase(state: dict[str, Any]) -> dict[str, Any]:
        del state["note"]
        return state

    write.then(erase)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {})
        await clock.until(execution.result())
        return await store.history(execution.id)

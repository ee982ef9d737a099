"""Ends: by a failure, a cancel or a limit, with finalizers and those that are cut."""

from __future__ import annotations

import asyncio

from pectin import Workflow
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, Tally, add, clinging, fail, fail_once, hang, workflow


async def cancel_at_work(wf: Workflow[Tally], store: Store, clock: VirtualClock) -> list[Row]:
    """Start one, cancel it when nothing but a hanging function is left to run, and leave it there."""
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        await execution.cancel(by="operator", reason="it rains")
        await clock.settle()
        return await store.history(execution.id)


async def cancelled(store: Store, clock: VirtualClock) -> list[Row]:
    """Cancelled while a node runs; its finalizer is at work."""
    wf = workflow("cancelled")
    wf.node(hang, name="work")
    wf.finalizer(run_on="always", name="give_back")(hang)
    return await cancel_at_work(wf, store, clock)


async def cut(store: Store, clock: VirtualClock) -> list[Row]:
    """Cancelled when all nodes were done: a finalizer of success is cut off."""
    wf = workflow("cut")
    wf.node(add)
    wf.finalizer(run_on="success", name="tell")(hang)
    return await cancel_at_work(wf, store, clock)


async def cut_in_grace(store: Store, clock: VirtualClock) -> list[Row]:
    """A finalizer that is cut off and doesn't stop: the end waits for it, for a while. What it says then is late."""
    wf, let_go = workflow("cut-in-grace", stop_grace="5s"), asyncio.Event()
    wf.node(add)
    wf.finalizer(run_on="success", name="tell")(clinging(let_go))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.advance("1min")
        await execution.cancel()
        await clock.until(execution.result())
        let_go.set()
        await clock.settle()
        return await store.history(execution.id)


async def failed(store: Store, clock: VirtualClock) -> list[Row]:
    """A failure that nothing catches ends it, and a branch beside it."""
    wf = workflow("failed")
    both = wf.parallel("both")
    both.then(wf.node(fail_once), wf.node(hang))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def failed_last(store: Store, clock: VirtualClock) -> list[Row]:
    """A failure that nothing catches, and the branch beside it goes on: it still runs."""
    wf = workflow("failed-last", on_failure="wait")
    both = wf.parallel("both")
    fails = wf.node(fail)
    fails.then(wf.node(add, name="unused"))
    both.then(fails, wf.node(hang))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def conflict(store: Store, clock: VirtualClock) -> list[Row]:
    """Two branches set a key to different values."""
    wf = workflow("conflict")
    both = wf.parallel("both")

    @wf.node
    async def add_two(state: Tally) -> Tally:
        state["count"] += 2
        return state

    both.then(wf.node(add), add_two)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def limited(store: Store, clock: VirtualClock) -> list[Row]:
    """A limit leads to a node of its own, which ends the execution as `limit_exceeded`."""
    wf = workflow("limited", max_iterations=2)
    step = wf.node(add, name="step")
    step.repeat(step, when="state.count < 9")
    tell = wf.node(add, name="tell")
    tell.then(wf.limit_exceeded("out", "stopped at {{ state.count }}"))
    wf.start(step)
    wf.on_limit(tell)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def out_of_time(store: Store, clock: VirtualClock) -> list[Row]:
    """Its time is used up while it is held."""
    wf = workflow("out-of-time", wall_time="1h")
    wf.node(hang)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await execution.pause(by="operator", reason="it rains")
        await clock.advance("2h")
        return await store.history(execution.id)

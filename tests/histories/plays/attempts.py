"""Attempts: tried again, cut off, given up, in quarantine and in doubt."""

from __future__ import annotations

import asyncio

from pectin import DidNot, Happened, Limits, Unknown
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, TWICE, Tally, add, clinging, cut_off, fail_once, hang, hang_once, workflow


async def retry(store: Store, clock: VirtualClock) -> list[Row]:
    """One attempt fails and is made again; another node times out, and its `on_error` edge is taken."""
    wf = workflow("retry")
    first = wf.node(fail_once, retry=TWICE)
    slow = wf.node(hang, timeout="2s")
    saved = wf.node(add, name="saved")
    unused = wf.node(add, name="unused", retry="io_default")
    first.then(slow)
    slow.then(unused)
    slow.on_error(saved, when="error.error_class == 'timeout'")
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY, key="order-1", by="operator")
        await clock.until(execution.result())
        return await store.history(execution.id)


async def interrupted(store: Store, clock: VirtualClock) -> list[Row]:
    """The engine stops in the middle of an attempt, and another one makes it again."""
    wf = workflow("interrupted")
    wf.node(hang_once, effect="keyed")
    id = await cut_off(wf, store, clock)
    async with engine(wf, store=store, clock=clock) as running:
        await clock.until((await running.execution(id, wf)).result())
        return await store.history(id)


async def given_up(store: Store, clock: VirtualClock) -> list[Row]:
    """Attempts that don't stop when their time is up: one is made again, the other fails. Both say something late."""
    wf, let_go = workflow("given-up"), asyncio.Event()
    again = wf.node(clinging(let_go), name="again", timeout="2s", retry=TWICE)
    fails = wf.node(clinging(let_go, fails=True), name="fails", timeout="2s")
    again.then(fails)
    fails.on_error(wf.wait("pause", duration="1h"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.until("pause"))
        let_go.set()
        await clock.settle()
        return await store.history(execution.id)


async def quarantined(store: Store, clock: VirtualClock) -> list[Row]:
    """Cut off too often and let out by a person; and again, and there it stays."""
    wf, limits = workflow("quarantined"), Limits(interruptions_max=2)
    wf.node(hang)
    id = await cut_off(wf, store, clock, limits=limits)
    await cut_off(wf, store, clock, id, limits=limits)
    async with engine(wf, store=store, clock=clock, limits=limits) as running:
        await (await running.execution(id, wf)).resume(by="operator")
        await clock.settle()
    await cut_off(wf, store, clock, id, limits=limits)
    return await store.history(id)


async def reconciled(store: Store, clock: VirtualClock) -> list[Row]:
    """Attempts of two `once` nodes are cut off: one has happened, the other has not, and is made again."""
    wf = workflow("reconciled")
    first = wf.node(hang_once, name="first", effect="once")
    second = wf.node(hang_once, name="second", effect="once")
    first.then(second)

    @first.reconcile
    async def has_happened(state: Tally) -> Happened[Tally]:
        return Happened(await add(state))

    @second.reconcile
    async def has_not(state: Tally) -> DidNot:
        return DidNot()

    id = await cut_off(wf, store, clock)
    await cut_off(wf, store, clock, id)
    async with engine(wf, store=store, clock=clock) as running:
        await clock.until((await running.execution(id, wf)).result())
        return await store.history(id)


async def doubted(store: Store, clock: VirtualClock) -> list[Row]:
    """The asking is cut off, and then nobody knows: a person says no. The next attempt uses up its time, and the asking
    fails. The person is asked again."""
    wf, asked = workflow("doubted"), 0
    charge = wf.node(hang, name="charge", effect="once", timeout="30s")

    @charge.reconcile
    async def ask(state: Tally) -> Unknown:
        nonlocal asked
        asked += 1
        if asked == 1:
            await hang(state)
        if asked == 3:
            raise OSError("the line is down")
        return Unknown()

    id = await cut_off(wf, store, clock)
    await cut_off(wf, store, clock, id)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.execution(id, wf)
        await clock.until(execution.until(charge))
        await execution.resolve(did_not=True, by="operator", comment="not on the statement")
        await clock.advance("31s")
        return await store.history(id)


async def resolved(store: Store, clock: VirtualClock) -> list[Row]:
    """Nobody is to be asked but a person, who says it happened; of another attempt it is its own late result that
    says so; a third is cancelled in doubt."""
    wf, let_go = workflow("resolved"), asyncio.Event()
    first = wf.node(hang, name="first", effect="once", timeout="30s")
    second = wf.node(clinging(let_go), name="second", effect="once", timeout="30s")
    third = wf.node(hang, name="third", effect="once", timeout="30s")
    first.then(second)
    second.then(third)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.until(first))
        await execution.resolve(first, happened={"count": 5}, by="operator", comment="seen on the statement")
        await clock.until(execution.until(second))
        let_go.set()
        await clock.until(execution.until(third))
        await execution.cancel()
        await clock.settle()
        return await store.history(execution.id)


async def lost(store: Store, clock: VirtualClock) -> list[Row]:
    """A stateless one, whose engine is gone."""
    wf = workflow("lost", session_type="stateless")
    wf.node(hang)
    id = await cut_off(wf, store, clock)
    await cut_off(wf, store, clock, id)
    return await store.history(id)

"""Waits: for people, times, signals and events; and holds, in which everything waits."""

from __future__ import annotations

from pectin import END
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, TWICE, add, fail_once, workflow


async def waiting(store: Store, clock: VirtualClock) -> list[Row]:
    """It waited for a time, and waits for a person until a deadline."""
    wf = workflow("waiting")
    pause = wf.wait("pause", duration="1h")
    review = wf.approval("review", "Is {{ state.count }} enough?", deadline="72h")
    pause.then(review)
    review.on(approved=END, rejected=END, timeout=END)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.until(review))
        await clock.settle()
        return await store.history(execution.id)


async def approved(store: Store, clock: VirtualClock) -> list[Row]:
    """A person decided, with a comment; one way is taken, the other is dead."""
    wf = workflow("approved")
    review = wf.approval("review", "Go on?")
    review.on(approved=wf.node(add, name="go_on"), rejected=wf.node(add, name="give_up"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.until(execution.until(review))
        await execution.approve(review, by="operator", comment="it is")
        await clock.until(execution.result())
        return await store.history(execution.id)


async def gated(store: Store, clock: VirtualClock) -> list[Row]:
    """A person approved what acts, and once more in each iteration."""
    wf = workflow("gated", session_type="approval_gated")
    ask = wf.approval("ask", "Go on?")
    act = wf.node(add, name="act", effect="keyed")
    ask.on(approved=act, rejected=END)
    act.repeat(ask, when="state.count < 2", max_iterations=3)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        for iteration in (1, 2):
            await clock.until(execution.until(ask))
            await execution.approve(f"ask[{iteration}]", by="operator")
        await clock.until(execution.result())
        return await store.history(execution.id)


async def edited(store: Store, clock: VirtualClock) -> list[Row]:
    """A decision of the workflow's own, with which a person changes the state; at the next nobody decides in time."""
    wf = workflow("edited", reducers={"sizes": "append"})
    review = wf.approval("review", "Enough?", decisions=("enough", "more"), editable=("count", "sizes"))
    last = wf.approval("last", "And now?", decisions=("enough",), deadline="72h")
    review.on(enough=END, more=last)
    last.on(enough=END, timeout=END)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, {**EMPTY, "sizes": [1]})
        await clock.until(execution.until(review))
        await execution.decide(review, "more", by="operator", edits={"count": 7, "sizes": [1, 2]})
        await clock.until(execution.result())
        return await store.history(execution.id)


async def signalled(store: Store, clock: VirtualClock) -> list[Row]:
    """Signals that come early, late, twice, and with a payload that can't be kept; then the time comes first. It waits
    for one more until a deadline, and has kept one that nobody waits for."""
    wf = workflow("signalled")
    pause = wf.wait("pause", duration="1h")
    early = wf.wait("early", signal="go", output_key="count")
    late = wf.wait("late", signal="go")
    unfit = wf.wait("unfit", signal="go", output_key="count")
    timed = wf.wait("timed", signal="stop", duration="1h")
    pause.then(early)
    early.then(late)
    late.then(unfit)
    unfit.on_error(timed)
    timed.then(wf.wait("last", signal="stop", deadline="1h"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        for _ in range(2):
            await execution.signal("go", 3, dedup="a", by="operator")
        await clock.until(execution.until(late))
        await execution.signal("go")
        await execution.signal("go", "three")
        await clock.until(execution.until("last"))
        await execution.signal("other", {"n": 1})
        return await store.history(execution.id)


async def delivered(store: Store, clock: VirtualClock) -> list[Row]:
    """Events from outside: early, and late, and one that it still waits for."""
    wf = workflow("delivered")
    pause = wf.wait("pause", duration="1h")
    early = wf.wait("early", event="parcel.arrived", key="{{ state.count }}")
    late = wf.wait("late", event="parcel.arrived", key="{{ state.count }}", output_key="count")
    pause.then(early)
    early.then(late)
    late.then(wf.wait("last", event="parcel.opened", key="{{ state.count }}", signal="go", duration="1h"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        for _ in range(2):
            await running.send("parcel.arrived", "0", dedup="a")
        await clock.until(execution.until(late))
        await running.send("parcel.arrived", "0", 4)
        await clock.until(execution.until("last"))
        return await store.history(execution.id)


async def held(store: Store, clock: VirtualClock) -> list[Row]:
    """Held while it would try again, and while a wait's time passes: nothing starts before it is released. At last it
    is held while it waits for a person."""
    wf = workflow("held")
    work = wf.node(fail_once, retry=TWICE)
    pause = wf.wait("pause", duration="1h")
    review = wf.approval("review", "Go on?")
    work.then(pause)
    pause.then(review)
    review.on(approved=END, rejected=END)
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        await execution.pause(by="operator", reason="it rains")
        await clock.advance("1min")
        await execution.resume(by="operator")
        await clock.until(execution.until(pause))
        await execution.pause()
        await clock.advance("2h")
        await execution.resume()
        await clock.until(execution.until(review))
        await execution.pause(by="operator")
        return await store.history(execution.id)

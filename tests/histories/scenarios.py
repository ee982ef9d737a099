"""Small executions that together have every kind of event. Each is played up to where its history is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypedDict

from pectin import END, Backoff, Context, RetryPolicy, Workflow
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine

Play = Callable[[Store, VirtualClock], Awaitable[list[Row]]]


class Tally(TypedDict):
    count: int
    sizes: list[int]
    found: list[int]


EMPTY: Tally = {"count": 0, "sizes": [], "found": []}
TWICE = RetryPolicy(max_attempts=2, backoff=Backoff.FIXED, initial_delay_ms=500, max_delay_ms=500, jitter=False)


async def add(state: Tally) -> Tally:
    state["count"] += 1
    return state


async def hang(state: Tally) -> Tally:
    await asyncio.Event().wait()
    return state


async def fail_once(state: Tally, ctx: Context) -> Tally:
    if ctx.attempt == 1:
        raise OSError("the line is down")
    return await add(state)


async def hang_once(state: Tally, ctx: Context) -> Tally:
    return await hang(state) if ctx.attempt == 1 else await add(state)


def workflow(id: str) -> Workflow[Tally]:
    return Workflow(id, version="1.0.0", state=Tally)


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


async def failed(store: Store, clock: VirtualClock) -> list[Row]:
    """A failure that nothing catches ends it, and a branch beside it."""
    wf = workflow("failed")
    both = wf.parallel("both")
    both.then(wf.node(fail_once), wf.node(hang))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
        return await store.history(execution.id)


async def interrupted(store: Store, clock: VirtualClock) -> list[Row]:
    """The engine stops in the middle of an attempt, and another one makes it again."""
    wf = workflow("interrupted")
    wf.node(hang_once, effect="keyed")
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
    async with engine(wf, store=store, clock=clock) as running:
        await clock.until((await running.execution(execution.id, wf)).result())
        return await store.history(execution.id)


SCENARIOS: Mapping[str, Play] = {
    play.__name__: play for play in (retry, waiting, approved, fan_out, loop, cancelled, cut, failed, interrupted)
}
"""By the names of their files."""


def whole(part: Any) -> Any:
    """A record as JSON with all its fields, those that have their defaults too."""
    fields: tuple[str, ...] | None = getattr(part, "__struct_fields__", None)
    if fields is not None:
        return {name: whole(getattr(part, name)) for name in fields}
    if isinstance(part, list | tuple):
        parts: list[Any] = list(part)  # pyright: ignore[reportUnknownArgumentType]
        return [whole(each) for each in parts]
    return repr(part) if type(part).__name__ == "UnsetType" else part

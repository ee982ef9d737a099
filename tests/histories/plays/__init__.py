"""What the plays share: a small state, functions that do little, and an engine that stops in the middle.

A play is an execution up to where its history is recorded. Nothing in it depends on the time of day or on luck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypedDict

from pectin import Backoff, Context, Limits, RetryPolicy, Workflow
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine

Play = Callable[[Store, VirtualClock], Awaitable[list[Row]]]


class Tally(TypedDict):
    count: int
    sizes: list[int]
    found: list[int]


EMPTY: Tally = {"count": 0, "sizes": [], "found": []}
TWICE = RetryPolicy(max_attempts=2, backoff=Backoff.FIXED, initial_delay_ms=500, max_delay_ms=500, jitter=False)


def workflow(id: str, **options: Any) -> Workflow[Tally]:
    return Workflow(id, version="1.0.0", state=Tally, **options)


async def add(state: Tally) -> Tally:
    state["count"] += 1
    return state


async def hang(state: Tally) -> Tally:
    await asyncio.Event().wait()
    return state


async def fail(state: Tally) -> Tally:
    raise OSError("the line is down")


async def fail_once(state: Tally, ctx: Context) -> Tally:
    return await (fail if ctx.attempt == 1 else add)(state)


async def hang_once(state: Tally, ctx: Context) -> Tally:
    return await (hang if ctx.attempt == 1 else add)(state)


def clinging(let_go: asyncio.Event, *, fails: bool = False) -> Callable[[Tally, Context], Coroutine[Any, Any, Tally]]:
    """A function whose first attempt swallows every cancel, until it is let go."""

    async def cling(state: Tally, ctx: Context) -> Tally:
        while ctx.attempt == 1 and not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return await (fail if fails and ctx.attempt == 1 else add)(state)

    return cling


async def cut_off(
    wf: Workflow[Tally], store: Store, clock: VirtualClock, id: ExecutionId | None = None, *, limits: Limits = LIMITS
) -> ExecutionId:
    """Let an engine run one, a new one if none is named, and stop it when only what hangs is left to run."""
    async with engine(wf, store=store, clock=clock, limits=limits) as running:
        if id is None:
            id = (await running.start(wf, EMPTY)).id
        await clock.settle()
    return id

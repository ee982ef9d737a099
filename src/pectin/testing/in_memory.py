"""An engine for one test: in memory, and gone with it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, nullcontext
from typing import Any

from pectin.authoring.workflow import Workflow
from pectin.core.limits import LIMITS, Limits
from pectin.ports.clock import Clock
from pectin.ports.store import Store
from pectin.runtime.engine import Engine
from pectin.runtime.execution import Execution
from pectin.testing.clock import VirtualClock


@asynccontextmanager
async def engine(
    *workflows: Workflow[Any],
    clock: Clock | None = None,
    store: str | os.PathLike[str] | Store = "memory:",
    slots: int = 256,
    limits: Limits = LIMITS,
) -> AsyncGenerator[Engine]:
    """An engine that runs these workflows, in memory if no store is named.

    With a `VirtualClock` its timers, deadlines and backoffs pass when the test moves the clock; else in real time. At
    the end it stops at once, and waits for no attempt.
    """
    running = Engine(store, workflows=workflows, slots=slots, clock=clock, limits=limits)
    async with running:
        try:
            with clock.watching(running) if isinstance(clock, VirtualClock) else nullcontext():
                yield running
        finally:
            await running.stop(patience_seconds=0)


async def until_waiting(execution: Execution[Any]) -> tuple[str, ...]:
    """What the execution waits at, for people or for times, once it can do nothing else; empty if it has ended."""
    async with aclosing(execution.runs()) as runs:
        async for run in runs:
            waiting = tuple(run.waiting())
            if run.status.is_terminal or (waiting and not run.busy):
                return waiting
    raise AssertionError("an execution waits, or ends, or the engine does")

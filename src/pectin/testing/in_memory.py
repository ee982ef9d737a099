"""An engine for one test: in memory, and gone with it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from typing import Any

from pectin.authoring.workflow import Workflow
from pectin.core.limits import LIMITS, Limits
from pectin.core.policy import Policy
from pectin.ports.clock import Clock
from pectin.ports.http import HttpClient, HttpRules
from pectin.ports.store import Store
from pectin.runtime.engine import Engine
from pectin.runtime.execution import Execution
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.clock import VirtualClock


@asynccontextmanager
async def engine(
    *workflows: Workflow[Any],
    clock: Clock | None = None,
    store: str | os.PathLike[str] | Store = "memory:",
    slots: int = 256,
    limits: Limits = LIMITS,
    policy: Policy | None = None,
    audit_key: bytes | Sequence[bytes] = AUDIT_KEY,
    http: HttpRules | HttpClient | None = None,
    secrets: Mapping[str, str] | None = None,
) -> AsyncGenerator[Engine]:
    """An engine that runs these workflows, in memory if no store is named.

    With a `VirtualClock` its timers, deadlines and backoffs pass when the test moves the clock; else in real time. At
    the end it stops at once, and waits for no attempt. Governed executions are marked with a key that is no secret.
    """
    running = Engine(
        store,
        workflows=workflows,
        slots=slots,
        clock=clock,
        limits=limits,
        policy=policy,
        audit_key=audit_key,
        http=http,
        secrets=secrets,
    )
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

"""One execution from a script, without writing any async code."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from pectin.authoring.workflow import Workflow
from pectin.core.error import PectinError
from pectin.core.state import Run
from pectin.ports.store import Store
from pectin.runtime.engine import Engine
from pectin.runtime.error import ExecutionWaiting
from pectin.runtime.execution import Execution

S = TypeVar("S")

PATIENCE_MS = 60_000
"""How far away a timer may be for a caller to wait for it."""


def run(
    workflow: Workflow[S],
    input: S | dict[str, Any] | None = None,
    *,
    store: str | os.PathLike[str] | Store | None = None,
    key: str | None = None,
    by: str | None = None,
) -> S:
    """Run an execution to its end, and return its final state.

    Raises `ExecutionFailed` if it ends otherwise than completed, and `ExecutionWaiting` when it waits for a person or
    for a time more than a minute away: it is safe in the store, and goes on from there when that comes.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise PectinError("`pectin.run` is for scripts; where a loop runs, write `async with pectin.Engine(…)`")
    return asyncio.run(_run(workflow, input, store, key, by))


async def _run(
    workflow: Workflow[S],
    input: S | dict[str, Any] | None,
    store: str | os.PathLike[str] | Store | None,
    key: str | None,
    by: str | None,
) -> S:
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, input, key=key, by=by)
        await settle_or_wait(engine, execution)
        return await execution.result()


async def settle_or_wait(engine: Engine, execution: Execution[Any]) -> None:
    """Return when the execution has ended; raises `ExecutionWaiting` when it waits for more than the near future."""
    async with aclosing(execution.runs()) as runs:
        async for run in runs:
            if run.status.is_terminal:
                return
            if what := waits_for(run, engine.clock.now()):
                raise ExecutionWaiting(f"{execution.id} waits for {what}", run.execution())


def waits_for(run: Run, now: int) -> str | None:
    """What a paused execution waits for, if it is a person or a distant time."""
    if run.busy or run.closing is not None or not run.waits:
        return None
    if people := run.approvals():
        return "a person: " + ", ".join(f"`{name}`" for name in people)
    until, name = run.deadlines()[0]
    return f"the time of `{name}`" if until - now > PATIENCE_MS else None

"""One execution from a script, without writing any async code."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from pectin.authoring.workflow import Workflow
from pectin.core.error import PectinError
from pectin.core.need import Need, needs_of
from pectin.core.state import Run
from pectin.ports.store import Store
from pectin.runtime.engine import Engine
from pectin.runtime.error import ExecutionWaiting
from pectin.runtime.execution import Execution
from pectin.runtime.rest import are_children_at_rest, is_at_rest

S = TypeVar("S")


def run(
    workflow: Workflow[S],
    input: S | dict[str, Any] | None = None,
    *,
    store: str | os.PathLike[str] | Store | None = None,
    key: str | None = None,
    by: str | None = None,
) -> S:
    """Run an execution to its end, and return its final state.

    Raises `ExecutionFailed` if it ends otherwise than completed, and `ExecutionWaiting` when it waits for a person, a
    message, or a time more than a minute away: it is safe in the store, and goes on from there when that comes.
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
    while True:
        with engine.watchers.watching(None) as change:
            async with aclosing(execution.runs()) as runs:
                run = await anext(runs)
            if run.status.is_terminal:
                return
            now = engine.clock.now()
            if is_at_rest(run, now) and await are_children_at_rest(engine.service, run, now):
                raise ExecutionWaiting(f"{execution.id} waits for {tell_needs(run)}", run.execution())
            await change


def tell_needs(run: Run) -> str:
    """What it waits for, in words."""
    if run.hold is not None:
        return "whoever holds it"
    needs = needs_of(run)
    kinds = dict.fromkeys(need.what for need in needs)
    return "; ".join(f"{what}: {_names(needs, what)}" for what in kinds)


def _names(needs: list[Need], what: str) -> str:
    return ", ".join(f"`{need.activation}`" for need in needs if need.what == what)

"""Stateless executions: one row while they live, none after, and a row that says `lost` if their engine is gone."""

from __future__ import annotations

import asyncio
import gc
from itertools import pairwise
from typing import Any

import pytest

from pectin import (
    BadValue,
    CommandRefused,
    Context,
    Engine,
    ExecutionFailed,
    NotFound,
    RetryPolicy,
    Workflow,
    WorkflowStatus,
)
from pectin.authoring.handle import Node
from pectin.core.command import Cancel, Refused
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Find, StoreError
from pectin.runtime import unwritten
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Function, Gate, add, eventually, gated, leftovers


class Counting(MemoryStore):
    """A memory store that counts its commits."""

    commits = 0

    async def commit(self, commit: Commit) -> None:
        self.commits += 1
        await super().commit(commit)


def stateless(*functions: Function, **options: Any) -> Workflow[Count]:
    workflow = Workflow("fleeting", version="1.0.0", state=Count, session_type="stateless")
    nodes: list[Node[Count, ..., Any]] = [
        workflow.node(function, name=f"n{n}", **options) for n, function in enumerate(functions)
    ]
    for node, following in pairwise(nodes):
        node.then(following)
    return workflow


async def test_it_is_written_once_while_it_lives_and_not_at_all_after() -> None:
    store, gate = Counting(), Gate()
    workflow = stateless(add, gated(gate), add)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        await gate.entered.wait()
        assert (await execution.info()).current_state == {"n": 1}
        (summary,) = await store.find(Find())
        assert (summary.execution, summary.version) == (execution.id, 3)
        gate.open()
        assert await execution.result() == {"n": 3}
        assert (store.commits, await store.find(Find())) == (1, [])
        info = await execution.info()
        assert (info.status, info.current_state, await execution.result()) == (
            WorkflowStatus.COMPLETED,
            {"n": 3},
            {"n": 3},
        )
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})


async def test_it_is_found_while_it_lives_and_as_long_as_somebody_has_it() -> None:
    gate, workflow = Gate(), stateless()
    workflow.node(gated(gate), name="held")
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        id = execution.id
        again = await engine.execution(id, workflow)
        gate.open()
        assert await execution.result() == await again.result() == {"n": 1}
        del execution
        gc.collect()
        assert (await (await engine.execution(id, workflow)).info()).status is WorkflowStatus.COMPLETED
        del again
        await eventually(lambda: gc.collect() >= 0 and engine.service.runs.unwritten.get(id) is None)
        with pytest.raises(NotFound):
            await engine.execution(id, workflow)


async def test_it_is_cancelled_in_memory() -> None:
    gate, store = Gate(), Counting()
    workflow = stateless(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await execution.cancel(by="me")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        with pytest.raises(CommandRefused):
            await execution.pause(by="me")
        await engine.idle()
        assert (gate.inside, store.commits, await store.find(Find())) == (0, 1, [])
        await eventually(lambda: leftovers(engine) == {})


async def test_it_retries_in_memory_and_is_idle_meanwhile() -> None:
    async def fail_once(state: Count, ctx: Context) -> Count:
        if ctx.attempt == 1:
            raise OSError("not yet")
        return await add(state)

    clock, store = VirtualClock(), Counting()
    workflow = stateless(add, fail_once, retry=RetryPolicy(max_attempts=2, jitter=False))
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await engine.idle()
        assert (await execution.info()).current_state == {"n": 1}
        await clock.advance("1min")
        assert await execution.result() == {"n": 2}
        assert (store.commits, await store.find(Find())) == (1, [])


async def test_many_run_side_by_side_with_few_slots() -> None:
    store, workflow = Counting(), stateless(add, add, add)
    async with Engine(store, workflows=[workflow], slots=3) as engine:
        executions = await asyncio.gather(*(engine.start(workflow, ZERO) for _ in range(50)))
        assert [await execution.result() for execution in executions] == [{"n": 3}] * 50
        assert (store.commits, await store.find(Find())) == (50, [])
        await eventually(lambda: leftovers(engine) == {})


async def test_a_result_that_comes_after_its_end_is_nobodys_trouble() -> None:
    gate, entered = Gate(), asyncio.Event()

    async def stubborn(state: Count) -> Count:
        entered.set()
        while not gate.entered.is_set():
            try:
                await gate.entered.wait()
            except asyncio.CancelledError:
                continue
        return state

    clock = VirtualClock()
    workflow = stateless(stubborn)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        id = execution.id
        await entered.wait()
        await execution.cancel()
        await clock.advance("1min")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        del execution
        gate.entered.set()
        await eventually(lambda: gc.collect() >= 0 and engine.service.runs.unwritten.get(id) is None)
        await eventually(lambda: leftovers(engine) == {})
        assert engine.quarantined == {}


@pytest.mark.parametrize("orderly", [True, False])
async def test_without_its_engine_it_is_lost_and_says_so(orderly: bool) -> None:
    memory, gate = Memory(), Gate()
    workflow = stateless(add, gated(gate))
    store = MemoryStore(memory)
    dead = Engine(store, workflows=[workflow])
    await dead.__aenter__()
    execution = await dead.start(workflow, ZERO)
    await gate.entered.wait()
    if orderly:
        await dead.stop(patience_seconds=0)
        await store.close()
    else:
        memory.in_charge = None
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        await engine.idle()
        again = await engine.execution(execution.id, workflow)
        with pytest.raises(ExecutionFailed, match="was only in memory") as failed:
            await again.result()
        assert (failed.value.execution.status, failed.value.error.error_class) == (WorkflowStatus.FAILED, "lost")
        await eventually(lambda: leftovers(engine) == {})
    if not orderly:
        await dead.stop(patience_seconds=0)


async def test_a_key_is_refused() -> None:
    workflow = stateless(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(BadValue, match=r"^key: a stateless execution has none"):
            await engine.start(workflow, ZERO, key="A")


async def test_nobody_else_can_change_it() -> None:
    memory, gate = Memory(), Gate()
    workflow = stateless(gated(gate))
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        answer = await Visitor(MemoryStore(memory)).handle(execution.id, Cancel(at=0))
        assert isinstance(answer, Refused)
        assert answer.code == "stateless"
        gate.open()
        assert await execution.result() == {"n": 1}


@pytest.mark.parametrize("refusals", [2, 10])
async def test_a_row_that_can_not_be_deleted_now_is_deleted_soon_or_called_lost(
    refusals: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(MemoryStore):
        refusals = 0

        async def forget(self, execution: ExecutionId, now: int = 0) -> None:
            if self.refusals:
                self.refusals -= 1
                raise StoreError("the disk is full")
            await super().forget(execution, now)

    monkeypatch.setattr(unwritten, "FORGET_AGAIN_SECONDS", (0.0, 0.0, 0.0))
    store, workflow = Full(), stateless(add)
    store.refusals = refusals
    async with Engine(store, workflows=[workflow]) as engine:
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 1}
        assert len(await store.find(Find())) == (refusals > 3)
    assert ("the next engine will call it lost" in caplog.text) == (refusals > 3)

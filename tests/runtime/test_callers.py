"""What a caller brings stays with what they asked for, and is done also if they give up waiting."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from pathlib import Path

import pytest

from pectin import Engine, ExecutionFailed, Workflow, WorkflowStatus
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Gate, Slow, chain


async def test_context_variables_stay_with_their_execution(tmp_path: Path) -> None:
    whose: ContextVar[int] = ContextVar("whose", default=-1)
    seen: dict[int, list[int]] = {}
    workflow = Workflow("tenants", version="1.0.0", state=Count)

    async def look(state: Count) -> Count:
        seen.setdefault(state["n"], []).append(whose.get())
        return state

    first, second = workflow.node(look, name="first"), workflow.node(look, name="second")
    first.then(second)

    async def begin(engine: Engine, number: int) -> None:
        whose.set(number)
        await (await engine.start(workflow, {"n": number})).result()

    async with Engine(str(tmp_path / "pectin.db"), workflows=[workflow]) as engine:
        await asyncio.gather(*(begin(engine, number) for number in range(5)))
    assert seen == {number: [number, number] for number in range(5)}


async def test_an_event_whose_sender_gives_up_is_delivered(tmp_path: Path) -> None:
    workflow = Workflow("parcels", version="1.0.0", state=Count)
    workflow.wait("parcel", event="parcel", key="7")
    async with Engine(str(tmp_path / "pectin.db"), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        sending = asyncio.ensure_future(engine.send("parcel", "7"))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        await engine.idle()
        assert (await execution.info()).status is WorkflowStatus.COMPLETED


async def test_the_end_is_told_also_while_what_came_after_it_is_being_written() -> None:
    store, clock, entered, go_on = Slow(), VirtualClock(), threading.Event(), threading.Event()

    def fail_late(state: Count) -> Count:
        entered.set()
        go_on.wait()
        raise ValueError("too late")

    workflow = chain(fail_late, timeout="30s")
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("40s")
        store.gate = Gate()
        go_on.set()
        await store.gate.entered.wait()
        result = asyncio.ensure_future(execution.result())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not result.done()
        store.gate.open()
        with pytest.raises(ExecutionFailed, match="no result within 30 s"):
            await result


async def test_an_end_that_others_of_its_tick_came_before_is_told_without_reading_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workflow = Workflow("fan", version="1.0.0", state=Count)
    begin, gate = workflow.parallel("begin"), asyncio.Event()

    async def branch(state: Count) -> Count:
        await gate.wait()
        return state

    begin.then(*[workflow.node(branch, name=f"branch_{number}") for number in range(5)])
    async with Engine(str(tmp_path / "pectin.db"), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        result = asyncio.ensure_future(execution.result())
        monkeypatch.delattr(type(engine.store), "load")
        gate.set()
        assert await result == ZERO

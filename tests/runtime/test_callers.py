"""What a caller brings stays with what they asked for, and is done also if they give up waiting."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from pathlib import Path

import pytest

from pectin import Engine, Workflow, WorkflowStatus
from pectin.ports.store import Message, StoreBroken
from pectin.runtime.error import EngineStopped
from pectin.store.memory import MemoryStore
from tests.runtime.sample import ZERO, Count, add, chain


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


async def test_an_event_whose_sender_gives_up_stops_the_engine_all_the_same_if_it_breaks_the_store() -> None:
    may_fail = asyncio.Event()

    class Breaks(MemoryStore):
        async def send(self, message: Message) -> bool:
            await may_fail.wait()
            raise StoreBroken("a sync failed")

    async with Engine(Breaks(), workflows=[chain(add)]) as engine:
        sending = asyncio.ensure_future(engine.send("parcel", "7"))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        may_fail.set()
        with pytest.raises(EngineStopped, match="a sync failed"):
            await engine.idle()

"""The engine for users' tests: in memory, as many as one likes, and gone at the end."""

import asyncio

import pytest
from pydantic import BaseModel

from pectin import END, EngineStopped, Workflow, testing
from pectin.store.memory import Memory, MemoryStore


class Order(BaseModel):
    packed: bool = False


order = Workflow("order", version="1.0.0", state=Order)


@order.node
def pack(state: Order) -> Order:
    state.packed = True
    return state


review = order.approval("review", "Send it?", deadline="3d")
pause = order.wait("pause", duration="1h")
pack.then(review, pause)
review.on(approved=END, rejected=END, timeout=END)


async def test_it_runs_to_every_wait_and_on_to_the_end() -> None:
    clock = testing.VirtualClock()
    async with testing.engine(order, clock=clock) as engine:
        execution = await engine.start(order)
        assert set(await testing.until_waiting(execution)) == {"review", "pause"}
        await execution.approve(review, by="me")
        assert await testing.until_waiting(execution) == ("pause",)
        await clock.advance("1h")
        assert await testing.until_waiting(execution) == ()
        assert (await execution.result()).packed


async def test_engines_know_nothing_of_each_other() -> None:
    async with testing.engine(order) as one, testing.engine(order) as other:
        first = await one.start(order, key="K")
        second = await other.start(order, key="K")
        assert first.id != second.id


async def test_a_store_can_be_kept_for_the_next_engine() -> None:
    memory = Memory()
    async with testing.engine(order, store=(store := MemoryStore(memory))) as engine:
        execution = await engine.start(order)
        await testing.until_waiting(execution)
    await store.close()
    async with testing.engine(order, store=(store := MemoryStore(memory))) as engine:
        again = await engine.execution(execution.id, order)
        assert set(await testing.until_waiting(again)) == {"review", "pause"}
    await store.close()


async def test_it_does_not_wait_at_the_end_for_what_hangs() -> None:
    slow = Workflow("slow", version="1.0.0", state=Order)
    began = asyncio.Event()

    @slow.node
    async def hang(state: Order) -> Order:
        began.set()
        await asyncio.get_running_loop().create_future()
        return state

    assert hang.name == "hang"
    async with asyncio.timeout(5), testing.engine(slow) as engine:
        execution = await engine.start(slow)
        await began.wait()
    with pytest.raises(EngineStopped):
        await execution.approve("review", by="me")


async def test_an_error_in_the_test_is_the_one_that_is_seen() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with testing.engine(order):
            raise LookupError("mine")

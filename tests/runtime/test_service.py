"""One command, one commit, whoever else writes: conflicts, failures and answers that rest on what is in flight."""

from __future__ import annotations

import asyncio

import pytest

from pectin import CommandRefused, Engine, ExecutionId
from pectin.core.command import Already, Cancel, Decide, Deliver, Done, Hold, Refused, Release
from pectin.core.event import AttemptInterrupted
from pectin.core.limits import Limits
from pectin.ports.store import Message
from pectin.runtime.error import NotFound
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from tests.runtime.sample import (
    ZERO,
    Deaf,
    Gate,
    Recording,
    Slow,
    add,
    asking,
    chain,
    gated,
    leftovers,
)


async def test_an_answer_without_events_waits_for_what_it_rests_on() -> None:
    store, workflow = Slow(), asking()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        store.gate = Gate()
        first = asyncio.ensure_future(execution.approve("review", by="one"))
        await store.gate.entered.wait()
        second = asyncio.ensure_future(execution.approve("review", by="two"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not second.done()
        store.gate.open()
        assert await first == Done()
        assert await second == Already("`review` was approved", "one")


async def test_an_answer_that_rested_on_a_failed_commit_is_decided_anew() -> None:
    store, workflow = Slow(), asking()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        store.gate = Gate()
        first = asyncio.ensure_future(execution.approve("review", by="one"))
        await store.gate.entered.wait()
        second = asyncio.ensure_future(execution.reject("review", by="two"))
        await asyncio.sleep(0)
        visitor = Visitor(MemoryStore(store._memory))  # pyright: ignore[reportPrivateUsage]
        assert await visitor.handle(execution.id, Decide(at=0, activation="review", decision="rejected", by="three"))
        store.gate.open()
        with pytest.raises(CommandRefused, match="rejected by three before") as refused:
            await first
        assert refused.value.winner == "three"
        assert await second == Already("`review` was rejected", "three")
        await engine.idle()
        assert leftovers(engine) == {}


async def test_racing_decisions_have_one_winner_who_is_named_to_the_others() -> None:
    memory, workflow = Memory(), asking()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        for _ in range(20):
            execution = await engine.start(workflow, ZERO)
            await execution.until("review")
            visitor = Visitor(MemoryStore(memory))
            command = Decide(at=engine.clock.now(), activation="review", decision="rejected", by="visitor")
            inside, outside = await asyncio.gather(
                execution.approve("review", by="engine"),
                visitor.handle(execution.id, command),
                return_exceptions=True,
            )
            assert isinstance(inside, Done) != isinstance(outside, Done)


async def test_what_changes_nothing_leaves_its_message_also_where_another_engines_work_is_cut_off() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    dead = Engine(MemoryStore(memory), workflows=[workflow])
    await dead.__aenter__()
    execution = await dead.start(workflow, ZERO)
    await gate.entered.wait()
    memory.in_charge = None
    store = Recording(memory)
    async with Engine(store, workflows=[asking()]) as engine:
        stray = Deliver(at=engine.clock.now(), activation="gated", name="parcel", correlation="A")
        handled = await engine.service.handle(execution.id, stray, takes=1)
        assert isinstance(handled.answer, Refused)
        assert not handled.acted
        assert [type(event) for event in handled.events] == [AttemptInterrupted]
        assert [commit.takes for commit in store.of(execution.id)] == [None]
    await dead.stop(patience_seconds=0)


async def test_a_command_for_nobody_is_not_found() -> None:
    visitor = Visitor(MemoryStore())
    with pytest.raises(NotFound):
        await visitor.handle(ExecutionId.new(), Cancel(at=0))


# -- letters -----------------------------------------------------------------------------------------------


async def test_a_letter_that_seems_to_say_nothing_is_not_thrown_away_by_who_is_behind() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    async with Engine(MemoryStore(memory), workflows=[workflow], host=Deaf()) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        visitor = Visitor(MemoryStore(memory))
        await visitor.handle(execution.id, Hold(at=engine.clock.now(), by="visitor"))
        await visitor.store.send(Message(name=":parent", correlation="c", payload=b"{}", sent_at=0))
        (letter,) = memory.inbox.messages
        release = Release(at=engine.clock.now(), by="parent")
        handled = await engine.service.handle(execution.id, release, takes=letter, takes_anyway=True)
        assert handled.answer == Done()
        assert not memory.inbox.messages
        assert (await engine.service.runs.get(execution.id)).hold is None
        gate.open()
        assert await execution.result() == {"n": 1}


async def test_a_letter_that_says_nothing_new_goes() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        store = MemoryStore(memory)
        await store.send(Message(name=":parent", correlation="c", payload=b"{}", sent_at=0))
        (letter,) = memory.inbox.messages
        before = (await engine.service.runs.get(execution.id)).version
        release = Release(at=engine.clock.now(), by="parent")
        handled = await engine.service.handle(execution.id, release, takes=letter, takes_anyway=True)
        assert not handled.acted
        assert not memory.inbox.messages
        assert (await engine.service.runs.get(execution.id)).version == before
        gate.open()
        assert await execution.result() == {"n": 1}


async def test_a_history_that_grows_long_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    workflow = chain(add, add, add)
    async with Engine("memory:", workflows=[workflow], limits=Limits(history_events_warn=5)) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.result()
    (message,) = caplog.messages
    assert message == f"{execution.id} has 5 events, and fails beyond 50000: let children do a part of it"

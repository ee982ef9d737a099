"""What is sent arrives: once, at one of those who wait for it, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pectin import BadValue, Engine, Limits, Workflow, WorkflowStatus
from pectin.core.command import Cancel, Done
from pectin.core.event import MessageReceived
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.ports.store import Commit, DedupTaken, Match, Message, Row, StoreError
from pectin.runtime import post
from pectin.runtime.error import Quarantined
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing import VirtualClock
from tests.runtime.family import Parcel, awaiting, parcel, parent_of, statuses
from tests.runtime.sample import ZERO, Gate, asking, events_of, eventually, leftovers

# -- taking events in --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": ":child"}, "name: ':child' is no event's name"),
        ({"name": "parcel."}, "name: 'parcel.' is no event's name"),
        ({"name": "parcel arrived"}, "name: 'parcel arrived' is no event's name"),
        ({"name": "x" * 129}, "name: 'x"),
        ({"name": 7}, "name: 7 is no event's name"),
        ({"correlation": None}, "correlation: None is no text"),
        ({"correlation": ""}, "correlation: is empty, and no wait can be for it"),
        ({"correlation": "x" * 257}, "correlation: has 257 characters"),
        ({"payload": {"a": float("nan")}}, "payload.a: nan is no JSON number"),
        ({"payload": "x" * 101}, "payload: 103 bytes"),
        ({"dedup": ""}, "dedup: is empty"),
    ],
)
async def test_what_can_not_be_sent_is_refused_before_it_is_stored(said: dict[str, Any], complaint: str) -> None:
    memory = Memory()
    asked: dict[str, Any] = {"name": "parcel.arrived", "correlation": "A", **said}
    name, correlation = asked.pop("name"), asked.pop("correlation")
    limits = Limits(payload_bytes_max=100)
    visitor = Visitor(MemoryStore(memory), limits=limits)
    async with Engine(MemoryStore(memory), workflows=[awaiting()], limits=limits) as engine:
        for sender in (engine, visitor):
            with pytest.raises(BadValue, match=f"^{complaint}"):
                await sender.send(name, correlation, **asked)


async def test_the_same_event_is_taken_in_once_and_another_under_its_key_is_refused() -> None:
    async with Engine("memory:", workflows=[awaiting()]) as engine:
        assert await engine.send("parcel.arrived", "A", {"weight": 3}, dedup="scan 1")
        assert not await engine.send("parcel.arrived", "A", {"weight": 3}, dedup="scan 1")
        with pytest.raises(DedupTaken):
            await engine.send("parcel.arrived", "A", {"weight": 4}, dedup="scan 1")
        assert await engine.send("parcel.left", "A", {"weight": 4}, dedup="scan 1")


async def test_an_event_is_kept_for_a_week_and_its_key_known_for_as_long() -> None:
    clock, workflow = VirtualClock(), awaiting()
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        await clock.advance("167h")
        assert not await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        assert (await (await engine.start(workflow, parcel("A"))).result())["came"] == "box"
        await engine.send("parcel.arrived", "B", "bag")
        await clock.advance("169h")
        assert await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        late = await engine.start(workflow, parcel("B"))
        await engine.idle()
        assert (await late.info()).status is WorkflowStatus.PAUSED


async def test_what_somebody_waited_for_when_it_came_is_theirs_however_long_nobody_was_there() -> None:
    memory, clock, workflow = Memory(), VirtualClock(), awaiting()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await execution.until("arrival")
    await store.close()
    other = Visitor(MemoryStore(memory), clock=clock)
    await MemoryStore(memory).take()  # somebody is in charge who doesn't have the workflow
    await other.send("parcel.arrived", "A", "box")
    memory.in_charge = None
    await clock.advance("1000h")
    async with Engine(MemoryStore(memory), workflows=[workflow], clock=clock) as engine:
        assert (await (await engine.execution(execution.id, workflow)).result())["came"] == "box"


# -- carrying them -----------------------------------------------------------------------------------------


async def test_one_event_goes_to_the_one_that_has_waited_longest() -> None:
    workflow = awaiting()
    async with Engine("memory:", workflows=[workflow]) as engine:
        executions = [await engine.start(workflow, parcel("A")) for _ in range(3)]
        other = await engine.start(workflow, parcel("B"))
        await engine.idle()
        for came in ("first", "second"):
            await engine.send("parcel.arrived", "A", came)
        assert [(await execution.result())["came"] for execution in executions[:2]] == ["first", "second"]
        await engine.idle()
        assert [(await rest.info()).status for rest in (executions[2], other)] == [WorkflowStatus.PAUSED] * 2
        (received,) = [event for event in await events_of(executions[0]) if isinstance(event, MessageReceived)]
        assert (received.name, received.correlation, received.payload) == ("parcel.arrived", "A", "first")
        await eventually(lambda: leftovers(engine) == {})


async def test_more_than_is_matched_at_once_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "MATCHES_AT_ONCE", 3)
    workflow = awaiting()
    async with Engine("memory:", workflows=[workflow]) as engine:
        for n in range(20):
            await engine.send("parcel.arrived", f"{n}", f"box {n}")
        executions = [await engine.start(workflow, parcel(f"{n}")) for n in range(20)]
        assert [(await each.result())["came"] for each in executions] == [f"box {n}" for n in range(20)]


async def test_who_can_not_be_loaded_keeps_nobody_else_from_their_events(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(post, "MATCHES_AT_ONCE", 1)
    memory, workflow = Memory(), awaiting()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        poisoned = [await engine.start(workflow, parcel("A")) for _ in range(3)]
        sound = await engine.start(workflow, parcel("B"))
        await engine.idle()
    await store.close()
    for execution in poisoned:
        rows = memory.executions[execution.id].rows
        rows[-1] = Row(rows[-1].seq, rows[-1].count, b'[{"type":"node_sublimated","at":1}]')
    visitor = Visitor(MemoryStore(memory))
    for _ in range(3):
        assert await visitor.send("parcel.arrived", "A")
    assert "node_sublimated" in caplog.text
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        await engine.send("parcel.arrived", "B", "bag")
        again = await engine.execution(sound.id, workflow)
        assert (await again.result())["came"] == "bag"
        await engine.idle()
        assert set(engine.quarantined) == {execution.id for execution in poisoned}
        await eventually(lambda: leftovers(engine) == {})


async def test_a_message_that_two_bring_arrives_once(caplog: pytest.LogCaptureFixture) -> None:
    class Raced(MemoryStore):
        rival: Visitor | None = None

        async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
            found = await super().matches(workflows, limit)
            rival, self.rival = self.rival, None
            if found and rival is not None:
                memory.in_charge, engines = None, memory.in_charge
                assert not await rival.send("parcel.arrived", "A", "box", dedup="scan 1")
                memory.in_charge = engines
            return found

    memory, workflow = Memory(), awaiting()
    store = Raced(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
        store.rival = Visitor(MemoryStore(memory))
        await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        assert (await execution.result())["came"] == "box"
        await engine.idle()
        received = [event for event in await events_of(execution) if isinstance(event, MessageReceived)]
        assert len(received) == 1
        assert engine.quarantined == {}
    assert caplog.text == ""


async def test_a_message_that_is_gone_is_nobodys_trouble(caplog: pytest.LogCaptureFixture) -> None:
    class Expiring(MemoryStore):
        expires = True

        async def commit(self, commit: Commit) -> None:
            if commit.takes is not None and self.expires:
                self.expires = False
                await self.expire(commit.updated_at + LIMITS.event_keep_ms)
            await super().commit(commit)

    store, workflow = Expiring(), awaiting()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.send("parcel.arrived", "A", "box")
        await engine.idle()
        assert not store.expires
        assert (await execution.info()).status is WorkflowStatus.PAUSED
        await engine.send("parcel.arrived", "A", "bag")
        assert (await execution.result())["came"] == "bag"
        await eventually(lambda: leftovers(engine) == {})
    assert caplog.text == ""


async def test_what_the_store_refused_is_carried_again() -> None:
    class Deaf(MemoryStore):
        refusals = 0

        async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
            if self.refusals:
                self.refusals -= 1
                raise StoreError("the disk is away")
            return await super().matches(workflows, limit)

    clock, store, workflow = VirtualClock(), Deaf(), awaiting()
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
        store.refusals = 3
        await engine.send("parcel.arrived", "A", "box")
        await clock.advance("3s")
        assert store.refusals == 0
        assert (await execution.result())["came"] == "box"


async def test_what_comes_while_old_messages_are_deleted_is_not_overlooked() -> None:
    class Slow(MemoryStore):
        gate = Gate()

        async def expire(self, now: int) -> int:
            await self.gate.pass_through()
            return await super().expire(now)

    store, workflow = Slow(), awaiting()
    async with Engine(store, workflows=[workflow]) as engine:
        await store.gate.entered.wait()
        execution = await engine.start(workflow, parcel("A"))
        await engine.send("parcel.arrived", "A", "box")
        store.gate.open()
        await engine.idle()
        assert (await execution.info()).status is WorkflowStatus.COMPLETED


async def test_who_waits_anew_for_each_event_gets_them_all_in_order() -> None:
    class Log(Parcel):
        seen: list[str]

    workflow: Workflow[Log] = Workflow("log", version="1.0.0", state=Log)
    wait = workflow.wait("next", event="scan", key="{{ state.tracking }}", output_key="came")

    @workflow.node
    async def note(state: Log) -> Log:
        state["seen"].append(state["came"])
        return state

    wait.then(note)
    note.repeat(wait, when="size(state.seen) < 30", max_iterations=50)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, {"tracking": "A", "came": "", "seen": []})
        for n in range(30):
            await engine.send("scan", "A", f"{n}")
        assert (await execution.result())["seen"] == [f"{n}" for n in range(30)]


# -- visitors ----------------------------------------------------------------------------------------------


async def test_without_an_engine_a_visitor_carries_what_it_sends() -> None:
    memory, workflow = Memory(), awaiting()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
    await store.close()
    visitor = Visitor(MemoryStore(memory))
    assert await visitor.send("parcel.arrived", "A", "box", dedup="scan 1")
    assert not await visitor.send("parcel.arrived", "A", "box", dedup="scan 1")
    run = (await visitor.read(execution.id)).run
    assert (run.status, run.data["came"]) == (WorkflowStatus.COMPLETED, "box")


async def test_without_an_engine_a_visitors_cancel_reaches_children_and_theirs() -> None:
    memory, workflow = Memory(), parent_of(parent_of(asking(), id="middle"))
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await engine.idle()
    await store.close()
    store = MemoryStore(memory)
    visitor = Visitor(store)
    assert await visitor.handle(execution.id, Cancel(at=visitor.clock.now(), by="me")) == Done()
    cancelled = [WorkflowStatus.CANCELLED]
    assert await statuses(store) == {"parent": cancelled, "middle": cancelled, "asking": cancelled}
    assert await store.matches() == []


async def test_an_event_from_another_process_is_carried_by_the_engine(tmp_path: Path) -> None:
    workflow = awaiting()
    async with Engine(tmp_path / "pectin.db", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
        other = SqliteStore(str(tmp_path / "pectin.db"), must_exist=True)
        await Visitor(other).send("parcel.arrived", "A", "box")
        await other.close()
        async with asyncio.timeout(5):
            assert (await execution.result())["came"] == "box"


async def test_a_visitor_whose_store_is_busy_has_done_what_it_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    class Busy(MemoryStore):
        async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
            raise StoreError("another process writes")

    memory, workflow = Memory(), awaiting()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
    await store.close()
    assert await Visitor(Busy(memory)).send("parcel.arrived", "A", "box")
    assert "another process writes" in caplog.text
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        assert (await (await engine.execution(execution.id, workflow)).result())["came"] == "box"


@pytest.mark.parametrize("payload", [b"{", b'"\xff"', b"[" * 100_000], ids=["cut", "no text", "deep"])
def test_a_message_that_cannot_be_read_concerns_its_execution_only(payload: bytes) -> None:
    message = Message(name="parcel", correlation="a", payload=payload, sent_at=0)
    match = Match(1, message, ExecutionId.new(), "wait")
    with pytest.raises(Quarantined, match=f"a message to {match.execution}, `parcel`, can't be read"):
        post._command_of(match, 0)  # pyright: ignore[reportPrivateUsage]

"""What one commit writes beside its events: waits, messages, children, and what an attempt hands in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from pectin import Context, Engine, ExecutionFailed, Workflow, WorkflowStatus
from pectin.core.command import Complete, Decide, Done, Hold
from pectin.core.event import AttemptFailed, AttemptStopped, ExecutionCreated, Parent
from pectin.ports.store import Listen, LogRecord, StoreError
from pectin.runtime.error import ChildNotRegistered
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.family import (
    awaiting,
    many_of,
    of_workflow,
    parcel,
    parent_of,
    statuses,
    the_child,
    until_it,
)
from tests.runtime.sample import (
    ZERO,
    Count,
    Gate,
    Recording,
    add,
    chain,
    events_of,
    eventually,
    gated,
    leftovers,
    tags,
)


def asking_for(child: Workflow[Count]) -> Workflow[Count]:
    """A workflow that runs a child once a person approves."""
    workflow = Workflow("asking", version="1.0.0", state=Count)
    review = workflow.approval("review", "Go on?")
    inside = workflow.subgraph("inside", child, input={"n": "state.n"}, output={"n": "output.n"})
    review.on(approved=inside, rejected="end")
    return workflow


async def test_a_commit_says_which_waits_begin_and_which_are_over() -> None:
    store, workflow = Recording(), awaiting()
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
        await engine.idle()
        await engine.send("parcel.arrived", "A", "box")
        await execution.result()
    start, taken = store.of(execution.id)
    wait = Listen("arrival", "parcel.arrived", "A")
    assert (start.listens, start.unlistens, start.takes) == ([wait], [], None)
    assert (taken.listens, taken.unlistens, bool(taken.takes)) == ([], [wait], True)


async def test_after_a_restart_the_waits_that_are_stored_are_known() -> None:
    memory, workflow = Memory(), awaiting()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, parcel("A"))
    await store.close()
    store = Recording(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        await (await engine.execution(execution.id, workflow)).cancel()
    (commit,) = store.of(execution.id)
    assert (commit.listens, commit.unlistens) == ([], [Listen("arrival", "parcel.arrived", "A")])


# -- children ----------------------------------------------------------------------------------------------


async def test_a_child_begins_with_its_parents_commit_and_ends_with_a_message() -> None:
    store, child = Recording(), chain(add)
    workflow = parent_of(child)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        assert await execution.result() == {"n": 3}
        await engine.idle()
        born = await the_child(store)
        created = (await events_of(await engine.execution(born, child)))[0]
        await eventually(lambda: leftovers(engine) == {})
    spawning, ending = store.of(execution.id)[1:3]
    (row,) = spawning.children
    assert (row.execution, row.start.workflow_id, row.start.definition) == (
        born,
        "counting",
        child.build().program.hash,
    )
    assert isinstance(created, ExecutionCreated)
    assert created.parent == Parent(execution.id.to_json(), "inside", 2)
    assert (created.input, created.state, created.by) == ({"n": 1}, {}, "shop")
    (sent,) = [message for commit in store.of(born) for message in commit.sends]
    assert (sent.name, sent.correlation, sent.keep) == (":child", born.to_json(), False)
    assert msgspec.json.decode(sent.payload) == {"status": "completed", "state": {"n": 2}, "error": None}
    assert spawning.listens == [Listen("inside", ":child", born.to_json())] == ending.unlistens
    assert await store.matches() == []


async def test_a_child_that_is_cancelled_by_what_begins_it_is_in_the_store_too() -> None:
    store, child = MemoryStore(), chain(add)
    workflow = Workflow("hasty", version="1.0.0", state=Count)
    begin, quick = workflow.parallel("begin"), workflow.parallel("quick")
    slow = workflow.subgraph("slow", child, input={"n": "state.n"})
    begin.then(slow, quick)
    first = workflow.join("first", first=True)
    slow.then(first)
    quick.then(first)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.result() == ZERO
        await engine.idle()
        assert (await statuses(store))[child.id] == [WorkflowStatus.CANCELLED]
        assert {"ChildSpawned", "NodeCancelled"} <= set(tags(await events_of(execution)))


async def test_a_child_that_fails_fails_its_node() -> None:
    async def fail(state: Count) -> Count:
        raise ValueError("no such customer")

    workflow = parent_of(chain(fail))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed, match="no such customer") as failed:
            await execution.result()
        assert failed.value.error.error_class == "child_failed"


async def test_children_share_the_slots_of_their_engine() -> None:
    gate = Gate()
    workflow = many_of(chain(gated(gate)))
    async with Engine("memory:", workflows=[workflow], slots=3) as engine:
        execution = await engine.start(workflow, {"ns": list(range(40)), "out": []})
        await eventually(lambda: gate.inside == 3)
        gate.open()
        assert (await execution.result())["out"] == [{"n": n + 1} for n in range(40)]
        assert gate.most == 3
        await eventually(lambda: leftovers(engine) == {})


async def test_a_cancel_stops_what_runs_in_a_child() -> None:
    gate = Gate()
    workflow = parent_of(chain(gated(gate)))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await execution.cancel(by="me", reason="too late")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        await engine.idle()
        assert gate.inside == 0
        assert await statuses(engine.store) == {
            "parent": [WorkflowStatus.CANCELLED],
            "counting": [WorkflowStatus.CANCELLED],
        }
        await eventually(lambda: leftovers(engine) == {})


async def test_a_held_parent_holds_its_child_and_lets_it_go_again() -> None:
    gate = Gate()
    child = chain(gated(gate), add)
    workflow = parent_of(child)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        assert await execution.pause(by="me") == Done()
        inside = await engine.execution(await the_child(engine.store), child)
        await until_it(inside, lambda run: run.hold is not None)
        gate.open()
        await engine.idle()
        info = await inside.info()
        assert (info.status, info.current_state) == (WorkflowStatus.PAUSED, {"n": 2})
        await eventually(lambda: leftovers(engine) == {})
        assert await execution.resume(by="me") == Done()
        assert await execution.result() == {"n": 4}


async def test_a_child_that_is_held_for_itself_stays_so_and_no_message_is_left() -> None:
    store, gate = MemoryStore(), Gate()
    child = chain(gated(gate), add)
    workflow = parent_of(child)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        inside = await engine.execution(await the_child(store), child)
        await inside.pause(by="somebody")
        gate.open()
        await execution.pause(by="me")
        await engine.idle()
        await execution.resume(by="me")
        await engine.idle()
        hold = (await engine.service.runs.get(inside.id)).hold
        assert hold is not None
        assert (hold.by, await store.matches()) == ("somebody", [])
        await inside.resume(by="somebody")
        assert await execution.result() == {"n": 4}


async def test_a_child_held_before_it_began_begins_when_it_is_released() -> None:
    memory, workflow = Memory(), asking_for(chain(add))
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
    await store.close()
    visitor = Visitor(MemoryStore(memory))
    await visitor.handle(execution.id, Decide(at=1, activation="review", decision="approved", by="me"))
    await visitor.handle(execution.id, Hold(at=2, by="me"))
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        await engine.idle()
        (child,) = await of_workflow(engine.store, "counting")
        assert (child.status, child.due) == (WorkflowStatus.PENDING, None)
        assert await (await engine.execution(execution.id, workflow)).resume(by="me") == Done()
        assert await (await engine.execution(execution.id, workflow)).result() == {"n": 1}


async def test_a_child_that_nobody_registered_is_named_to_who_asks() -> None:
    memory, workflow = Memory(), asking_for(chain(add))
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
    await store.close()
    name = memory.registered.pop(("counting", "1.0.0"))
    visitor = Visitor(MemoryStore(memory))
    decide = Decide(at=visitor.clock.now(), activation="review", decision="approved", by="me")
    with pytest.raises(ChildNotRegistered, match=r"`inside` begins `counting` 1\.0\.0, which is not registered"):
        await visitor.handle(execution.id, decide)
    assert (await visitor.read(execution.id)).run.approvals()
    memory.registered["counting", "1.0.0"] = name
    assert await visitor.handle(execution.id, decide) == Done()
    (summary,) = await of_workflow(MemoryStore(memory), "counting")
    assert summary.status is WorkflowStatus.PENDING
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        assert await (await engine.execution(execution.id, workflow)).result() == {"n": 1}


async def test_a_child_that_nobody_registered_costs_its_parent_only(caplog: pytest.LogCaptureFixture) -> None:
    memory, gate = Memory(), Gate()
    old = parent_of(chain(add), before=gated(gate))
    new = chain(gated(gate, "before"), add, id="parent", version="2.0.0")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[old]) as engine:
        execution = await engine.start(old, ZERO)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
    await store.close()
    memory.registered.pop(("counting", "1.0.0"))
    gate.open()
    async with Engine(MemoryStore(memory), workflows=[new]) as engine:
        await engine.idle()
        assert set(engine.quarantined) == {execution.id}
        assert await (await engine.start(new, ZERO)).result() == {"n": 2}
    assert "which is not registered in this store" in caplog.text


# -- what attempts hand in ---------------------------------------------------------------------------------


async def test_the_sql_of_an_attempt_that_is_late_is_not_run(tmp_path: Path) -> None:
    entered = asyncio.Event()

    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into nowhere values (?)", state["n"])
        entered.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return state

    workflow = chain(book, effect="transactional")
    async with Engine(tmp_path / "pectin.db", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await entered.wait()
        await execution.cancel()
        await engine.idle()
        (stopped,) = [event for event in await events_of(execution) if isinstance(event, AttemptStopped)]
        assert (stopped.late, stopped.error) == ("completed", None)


async def test_sql_that_the_store_refuses_fails_the_attempt(tmp_path: Path) -> None:
    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into nowhere values (?)", state["n"])
        return state

    workflow = chain(book, effect="transactional")
    async with Engine(tmp_path / "pectin.db", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed, match="nowhere") as failed:
            await execution.result()
        assert failed.value.error.error_class == "sql_error"
        assert "NodeFailed" in tags(await events_of(execution))
        await eventually(lambda: leftovers(engine) == {})


async def test_a_store_that_runs_no_sql_refuses_transactional_nodes_by_name() -> None:
    workflow = chain(add, effect="transactional")
    with pytest.raises(
        StoreError, match="The node `add` of `counting` is transactional, and a MemoryStore runs no SQL"
    ):
        async with Engine("memory:", workflows=[workflow]):
            pass


async def test_logs_are_kept_with_what_they_led_to_and_dropped_with_what_changed_nothing() -> None:
    clock, store = VirtualClock(), MemoryStore()
    tries: list[int] = []

    async def talk(state: Count, ctx: Context) -> Count:
        tries.append(ctx.attempt)
        ctx.log.info("attempt %s", ctx.attempt)
        if ctx.attempt == 1:
            raise OSError("not yet")
        return await add(state)

    workflow = chain(talk, retry="io_default")
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await clock.until(execution.result())
        assert any(isinstance(event, AttemptFailed) for event in await events_of(execution))
        assert [record.message for _, record in await store.logs(execution.id)] == ["attempt 1", "attempt 2"]
        late = Complete(at=clock.now(), activation="talk", attempt=1)
        await engine.service.handle(execution.id, late, logs=[LogRecord("talk", 1, 0, 20, "late")])
        assert len(await store.logs(execution.id)) == 2

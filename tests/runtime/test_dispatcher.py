"""Trouble: a store that fails or is taken, histories that can't be used, mistakes of our own."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from pectin import Engine, EngineStopped, ExecutionFailed, Workflow, WorkflowStatus
from pectin.core.command import Decide
from pectin.core.event import AttemptInterrupted, AttemptStopped
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Row, StoreBroken, StoreError
from pectin.runtime import service
from pectin.runtime.error import Quarantined
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.sample import (
    ZERO,
    Count,
    Deaf,
    Flaky,
    Gate,
    Slow,
    add,
    asking,
    chain,
    events_of,
    eventually,
    gated,
    leftovers,
)

# -- stores that fail --------------------------------------------------------------------------------------


async def test_a_store_that_fails_for_a_while_loses_nothing(tmp_path: Path) -> None:
    store, gate = Flaky(str(tmp_path / "pectin.db")), Gate()
    workflow = chain(gated(gate), add, add)
    async with Engine(store, workflows=[workflow]) as engine:
        executions = [await engine.start(workflow, ZERO) for _ in range(5)]
        await eventually(lambda: gate.inside == 5)
        store.failures = 12
        gate.open()
        assert [await execution.result() for execution in executions] == [{"n": 3}] * 5
        assert store.failures == 0
        store.failures = 1
        with pytest.raises(StoreError, match="disk is full"):
            await engine.start(workflow, ZERO, key="A")
        assert await (await engine.start(workflow, ZERO, key="A")).result() == {"n": 3}
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
    await store.close()


async def test_a_wake_that_the_store_refused_is_made_again(tmp_path: Path) -> None:
    store, gate = Flaky(str(tmp_path / "pectin.db")), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
    await store.close()
    gate.open()
    store = Flaky(str(tmp_path / "pectin.db"))
    store.failures = 1
    async with Engine(store, workflows=[workflow]) as engine:
        assert store.failures == 0
        assert await (await engine.execution(execution.id, workflow)).result() == {"n": 1}
    await store.close()


async def test_a_broken_store_stops_the_engine_and_tells_everybody(caplog: pytest.LogCaptureFixture) -> None:
    class Breaks(MemoryStore):
        broken = False

        async def commit(self, commit: Commit) -> None:
            if self.broken:
                raise StoreBroken("a sync failed; open it anew")
            await super().commit(commit)

    store, gate = Breaks(), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        waiting = asyncio.ensure_future(execution.result())
        await gate.entered.wait()
        store.broken = True
        gate.open()
        with pytest.raises(EngineStopped, match="a sync failed"):
            await waiting
        with pytest.raises(EngineStopped, match="a sync failed"):
            await engine.start(workflow, ZERO)
        with pytest.raises(EngineStopped, match="a sync failed"):
            await engine.idle()
    assert "the engine stops: a sync failed" in caplog.text


async def test_an_engine_whose_store_was_taken_stops(caplog: pytest.LogCaptureFixture) -> None:
    store, gate = MemoryStore(), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as old:
        execution = await old.start(workflow, ZERO)
        await gate.entered.wait()
        async with Engine(store, workflows=[workflow]) as new:
            gate.open()
            assert await (await new.execution(execution.id, workflow)).result() == {"n": 1}
            with pytest.raises(EngineStopped, match="another engine"):
                await old.idle()
    assert "another engine has taken over" in caplog.text


# -- histories that can't be used --------------------------------------------------------------------------


async def test_an_unknown_event_costs_its_own_execution_only(caplog: pytest.LogCaptureFixture) -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        poisoned, sound = await engine.start(workflow, ZERO), await engine.start(workflow, ZERO)
        await engine.stop(patience_seconds=0)
    await store.close()
    rows = memory.executions[poisoned.id].rows
    rows[-1] = Row(rows[-1].seq, rows[-1].count, b'[{"type":"node_sublimated","at":1}]')
    gate.open()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        assert await (await engine.execution(sound.id, workflow)).result() == {"n": 1}
        with pytest.raises(Quarantined, match="node_sublimated"):
            await engine.execution(poisoned.id, workflow)
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        assert set(engine.quarantined) == {poisoned.id}
    assert f"{poisoned.id} is left alone" in caplog.text


async def test_a_mistake_of_ours_costs_one_execution_and_its_waiters_are_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    workflow = chain(gated(gate))
    decide = service.decide

    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        waiting = asyncio.ensure_future(execution.result())
        await gate.entered.wait()

        def stumble(program: Any, run: Any, *rest: Any) -> Any:
            if run.execution_id == execution.id.to_json():
                raise AssertionError("this can't be")
            return decide(program, run, *rest)

        monkeypatch.setattr(service, "decide", stumble)
        gate.open()
        with pytest.raises(Quarantined, match="this can't be"):
            await waiting
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 1}
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)


async def test_nothing_is_idle_before_its_result_is_recorded(tmp_path: Path) -> None:
    store, gate = Flaky(str(tmp_path / "pectin.db")), Gate()
    workflow = chain(gated(gate))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        store.failures = 2
        gate.open()
        await eventually(lambda: store.failures < 2)
        await engine.idle()
        assert (await execution.info()).status is WorkflowStatus.COMPLETED
    await store.close()


# -- what is cancelled by the commit that begins it -----------------------------------------------------------


async def test_what_one_commit_begins_and_cancels_never_runs_and_holds_nothing_up() -> None:
    entered = list[Count]()

    async def enter(state: Count) -> Count:
        entered.append(state)
        return state

    workflow = Workflow("rash", version="1.0.0", state=Count)
    both = workflow.parallel("both")
    both.then(workflow.node(enter), workflow.condition("choose", [("state.n == 1", "end")]))
    async with Engine("memory:", workflows=[workflow], clock=VirtualClock()) as engine:
        execution = await engine.start(workflow, ZERO)
        await eventually(lambda: leftovers(engine) == {})
        with pytest.raises(ExecutionFailed, match="no branch of `choose` holds"):
            await execution.result()
        assert entered == []
        assert sum(isinstance(event, AttemptStopped) for event in await events_of(execution)) == 1


# -- what is still in flight -----------------------------------------------------------------------------------


async def test_what_begins_while_the_engine_hands_back_is_handed_back_too() -> None:
    class Gated(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.gates: dict[ExecutionId, Gate] = {}

        async def commit(self, commit: Commit) -> None:
            if commit.execution in self.gates:
                await self.gates[commit.execution].pass_through()
            await super().commit(commit)

    store, body = Gated(), Gate()
    workflow, approved = chain(gated(body)), asking()
    async with Engine(store, workflows=[workflow, approved]) as engine:
        first, second = await engine.start(workflow, ZERO), await engine.start(approved, ZERO)
        await body.entered.wait()
        await second.until("review")
        store.gates = {first.id: Gate(), second.id: Gate()}
        given_up = asyncio.ensure_future(second.approve("review", by="me"))
        await store.gates[second.id].entered.wait()
        held = engine.service.runs.held[second.id]
        given_up.cancel()
        stopping = asyncio.ensure_future(engine.stop(patience_seconds=0))
        await store.gates[first.id].entered.wait()
        store.gates[second.id].open()
        await eventually(lambda: held.in_flight == 0)
        store.gates[first.id].open()
        await stopping
        for execution in (first, second):
            last = (await events_of(execution))[-1]
            assert isinstance(last, AttemptInterrupted)
            assert last.reason == "the engine stopped"


async def test_a_store_that_breaks_under_the_last_report_does_not_keep_the_engine_from_stopping(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Breaks(Slow):
        async def commit(self, commit: Commit) -> None:
            await super().commit(commit)
            if self.gate is not None:
                raise StoreBroken("a sync failed; open it anew")

    store, body = Breaks(), Gate()
    workflow = chain(gated(body))
    async with Engine(store, workflows=[workflow]) as engine:
        await engine.start(workflow, ZERO)
        await body.entered.wait()
        store.gate = Gate()
        body.open()
        await store.gate.entered.wait()
        stopping = asyncio.ensure_future(engine.stop(patience_seconds=0))
        await eventually(lambda: len(engine.watchers) == 1)
        store.gate.open()
        await stopping
    assert "the engine stops: a sync failed" in caplog.text


async def test_who_expects_the_end_of_a_commit_that_came_second_is_told_to_look() -> None:
    memory, workflow = Memory(), asking()
    store = Slow(memory)
    async with Engine(store, workflows=[workflow], host=Deaf()) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        store.gate = Gate()
        rejecting = asyncio.ensure_future(execution.reject("review", by="late"))
        await store.gate.entered.wait()
        waiting = asyncio.ensure_future(execution.result())
        await eventually(lambda: len(engine.watchers) == 1)
        visitor = Visitor(MemoryStore(memory))
        await visitor.handle(execution.id, Decide(at=0, activation="review", decision="rejected", by="visitor"))
        store.gate.open()
        await asyncio.wait([rejecting])
        await eventually(waiting.done)
        assert await waiting == {"n": 1}

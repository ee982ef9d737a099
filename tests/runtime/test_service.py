"""One command, one commit, whoever else writes: conflicts, failures and answers that rest on what is in flight."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from pectin import CommandRefused, Engine, EngineStopped, ExecutionId, Workflow
from pectin.core.command import Already, Cancel, Decide, Done
from pectin.core.event import decode_events
from pectin.ports.store import Commit, Row, StoreBroken, StoreError
from pectin.runtime import service
from pectin.runtime.error import NotFound, Quarantined
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from tests.runtime.sample import (
    ZERO,
    Batch,
    Flaky,
    Gate,
    add,
    asking,
    chain,
    events_of,
    eventually,
    gated,
    leftovers,
)


class Slow(MemoryStore):
    """A memory store whose commits wait at a gate while there is one."""

    gate: Gate | None = None

    async def commit(self, commit: Commit) -> None:
        if self.gate is not None:
            await self.gate.pass_through()
        await super().commit(commit)


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


async def test_a_command_for_nobody_is_not_found() -> None:
    visitor = Visitor(MemoryStore())
    with pytest.raises(NotFound):
        await visitor.handle(ExecutionId.new(), Cancel(at=0))


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
                await eventually(lambda: old.check() is not None)
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


# -- snapshots ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["none", "deleted", "corrupt", "of another time"])
async def test_snapshots_are_written_and_are_never_more_than_a_cache(damage: str) -> None:
    memory = Memory()
    workflow: Workflow[Batch] = Workflow("growing", version="1.0.0", state=Batch)

    @workflow.node
    async def grow(state: Batch) -> Batch:
        state["out"] = list(range(1_000 + len(state["items"])))
        state["items"].append(len(state["items"]))
        return state

    review = workflow.approval("review", "Enough?")
    grow.repeat(grow, when="size(state.items) < 37", max_iterations=100)
    grow.then(review)
    review.on(approved="end", rejected="end")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, {"items": [], "out": []})
        await execution.until(review)
        state = (await execution.info()).current_state
    await store.close()
    kept = memory.executions[execution.id]
    assert kept.snapshot is not None
    assert 0 < kept.snapshot_version < kept.summary.version
    match damage:
        case "deleted":
            kept.snapshot, kept.snapshot_version = None, 0
        case "corrupt":
            kept.snapshot = b'{"version":'
        case "of another time":
            kept.snapshot = kept.snapshot.replace(b'"version":', b'"was_version":')
        case _:
            pass
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        again = await engine.execution(execution.id, workflow)
        assert (await again.info()).current_state == state
        await again.approve(review, by="me")
        assert await again.result() == state
        assert len(await events_of(again)) == sum(len(decode_events(row.body)) for row in kept.rows)

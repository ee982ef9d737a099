"""What goes on by itself: after restarts, at due times, and when somebody else has written."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from pectin import CommandRefused, Engine, ExecutionFailed, Workflow, WorkflowStatus
from pectin.core.command import Cancel, Decide, Done
from pectin.core.event import AttemptInterrupted, AttemptStopped
from pectin.core.identity import ExecutionId
from pectin.ports.store import StoreError
from pectin.runtime import agenda
from pectin.runtime.agenda import CLAIM_AT_ONCE
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Gate, add, asking, chain, events_of, eventually, gated, leftovers

ROOT = Path(__file__).parents[2]
VISITOR = """
import asyncio, sys
from pectin.core.command import Decide
from pectin.core.identity import ExecutionId
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore

async def approve():
    store = SqliteStore(sys.argv[1], must_exist=True)
    visitor = Visitor(store)
    for line in sys.stdin:
        at = visitor.clock.now()
        command = Decide(at=at, activation="review", decision="approved", by="visitor")
        await visitor.handle(ExecutionId.parse(line.strip()), command)
        sys.stdout.write("done\\n")
        sys.stdout.flush()
    await store.close()

asyncio.run(approve())
"""


async def test_a_deadline_stands_across_restarts_and_is_never_early() -> None:
    memory, clock, workflow = Memory(), VirtualClock(), asking(deadline="72h")
    for passed in ("24h", "47h"):
        store = MemoryStore(memory)
        async with Engine(store, workflows=[workflow], clock=clock) as engine:
            execution = await engine.start(workflow, ZERO, key="A")
            await execution.until("review")
            await clock.advance(passed)
            assert (await execution.info()).status is WorkflowStatus.PAUSED
        await store.close()
    await clock.advance("10h")  # nobody is there when it passes
    async with Engine(MemoryStore(memory), workflows=[workflow], clock=clock) as engine:
        again = await engine.execution(execution.id, workflow)
        assert await again.result() == {"n": 2}


async def test_what_a_dead_engine_ran_goes_on_at_once() -> None:
    memory = Memory()
    stuck, workflow = chain(gated(Gate(), "add")), chain(add)
    dead = Engine(MemoryStore(memory), workflows=[stuck])
    await dead.__aenter__()
    executions = [await dead.start(stuck, ZERO) for _ in range(5)]
    memory.in_charge = None  # the kernel takes its lock away
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        for execution in executions:
            again = await engine.execution(execution.id, workflow)
            assert await again.result() == {"n": 1}
            assert any(isinstance(event, AttemptInterrupted) for event in await events_of(again))
    await dead.stop(patience_seconds=0)


async def test_what_was_cut_off_too_often_waits_for_somebody_and_is_idle() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    for _ in range(3):
        store = MemoryStore(memory)
        async with Engine(store, workflows=[workflow]) as engine:
            await engine.start(workflow, ZERO, key="A")
            await eventually(lambda: gate.inside == 1)
            await engine.stop(patience_seconds=0)
        await store.close()
    gate.open()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        await engine.idle()
        again = await engine.start(workflow, ZERO, key="A")
        assert (await again.info()).current_state == ZERO
        await eventually(lambda: leftovers(engine) == {})
        await again.resume(by="me")
        assert await again.result() == {"n": 1}


async def test_more_than_can_be_claimed_at_once_goes_on_with_few_slots() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    total = 2 * CLAIM_AT_ONCE + 10
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow], slots=3) as engine:
        executions = [await engine.start(workflow, ZERO) for _ in range(total)]
        await engine.stop(patience_seconds=0)
    await store.close()
    gate.open()
    async with Engine(MemoryStore(memory), workflows=[workflow], slots=3) as engine:
        for execution in executions:
            assert await (await engine.execution(execution.id, workflow)).result() == {"n": 1}


async def test_work_of_a_missing_function_waits_for_an_engine_that_has_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory, gate = Memory(), Gate()
    old = chain(gated(gate, "first"), gated(gate, "second"), version="1.0.0-dev")
    renamed = chain(gated(gate, "first"), gated(gate, "zweite"), version="1.0.0-dev")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[old]) as engine:
        execution = await engine.start(old, ZERO)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
    await store.close()
    gate.open()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[renamed]) as engine:
        found = await engine.execution(execution.id, renamed)
        await eventually(lambda: memory.executions[execution.id].summary.version > 6)
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        info = await found.info()
        assert (info.status, info.current_state) == (WorkflowStatus.RUNNING, {"n": 1})
    assert "no function `second` here" in caplog.text
    await store.close()
    async with Engine(MemoryStore(memory), workflows=[old]) as engine:
        assert await (await engine.execution(execution.id, old)).result() == {"n": 2}


async def test_an_engine_leaves_workflows_alone_that_it_was_not_given() -> None:
    memory, gate = Memory(), Gate()
    mine, theirs = chain(add, id="mine"), chain(gated(gate), id="theirs")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[theirs]) as engine:
        await engine.start(theirs, ZERO)
        await engine.stop(patience_seconds=0)
    await store.close()
    (before,) = memory.executions.values()
    version = before.summary.version
    async with Engine(MemoryStore(memory), workflows=[mine]) as engine:
        await (await engine.start(mine, ZERO)).result()
        await engine.idle()
        assert before.summary.version == version


async def test_a_poisoned_execution_delays_no_timer() -> None:
    memory, clock = Memory(), VirtualClock()
    workflow: Workflow[Count] = Workflow("waits", version="1.0.0", state=Count)
    workflow.wait("pause", duration="1h")
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        poisoned = await engine.start(workflow, ZERO)
        await clock.advance("10min")
        sound = await engine.start(workflow, ZERO)
    await store.close()
    memory.executions[poisoned.id].rows.pop()
    async with Engine(MemoryStore(memory), workflows=[workflow], clock=clock) as engine:
        again = await engine.execution(sound.id, workflow)
        await clock.advance("2h")
        assert await again.result() == ZERO
        assert set(engine.quarantined) == {poisoned.id}


async def test_what_comes_due_during_a_look_is_not_overlooked() -> None:
    class Slow(MemoryStore):
        async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
            found = await super().claim(now, fence, workflows, limit)
            if found:
                clock._now += 2_000  # pyright: ignore[reportPrivateUsage]
            return found

    clock = VirtualClock()
    workflow: Workflow[Count] = Workflow("waits", version="1.0.0", state=Count)
    workflow.wait("pause", duration="1h")
    async with Engine(Slow(), workflows=[workflow], clock=clock) as engine:
        first = await engine.start(workflow, ZERO)
        await clock.advance("1s")
        second = await engine.start(workflow, ZERO)
        await clock.advance("2h")
        assert await first.result() == ZERO
        assert (await second.info()).status is WorkflowStatus.COMPLETED


async def test_a_look_that_the_store_refused_is_made_again() -> None:
    class Deaf(MemoryStore):
        refusals = 0

        async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
            if self.refusals:
                self.refusals -= 1
                raise StoreError("the disk is away")
            return await super().claim(now, fence, workflows, limit)

    clock, store = VirtualClock(), Deaf()
    workflow = asking(deadline="1h")
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        store.refusals = 3
        await clock.advance("2h")
        assert store.refusals == 0
        assert await execution.result() == {"n": 2}


# -- visitors ----------------------------------------------------------------------------------------------


async def test_a_visitors_cancel_stops_what_runs() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        visitor = Visitor(MemoryStore(memory))
        assert await visitor.handle(execution.id, Cancel(at=engine.clock.now(), by="visitor")) == Done()
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        assert gate.inside == 0
        assert any(isinstance(event, AttemptStopped) for event in await events_of(execution))
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})


async def test_what_a_visitor_did_is_seen_by_waiters_and_refused_to_others() -> None:
    memory, workflow = Memory(), asking()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        waiting = asyncio.ensure_future(execution.result())
        visitor = Visitor(MemoryStore(memory))
        command = Decide(at=engine.clock.now(), activation="review", decision="rejected", by="visitor")
        assert await visitor.handle(execution.id, command) == Done()
        assert await waiting == {"n": 1}
        with pytest.raises(CommandRefused, match="by visitor") as refused:
            await execution.approve("review", by="late")
        assert refused.value.winner == "visitor"


async def test_an_approval_from_another_process_wakes_within_100_ms(tmp_path: Path) -> None:
    path, workflow = tmp_path / "pectin.db", asking()
    async with Engine(path, workflows=[workflow]) as engine:
        executions = [await engine.start(workflow, ZERO) for _ in range(15)]
        for execution in executions:
            await execution.until("review")
        other = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", VISITOR, str(path)),
            env={"PYTHONPATH": str(ROOT / "src")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert other.stdin is not None
        assert other.stdout is not None
        seconds: list[float] = []
        for execution in executions:
            other.stdin.write(f"{execution.id}\n".encode())
            assert await other.stdout.readline() == b"done\n"
            decided = perf_counter()
            assert await execution.result() == {"n": 2}
            seconds.append(perf_counter() - decided)
        other.stdin.close()
        assert await other.wait() == 0
    assert median(seconds) < 0.1


async def test_an_error_of_our_own_while_looking_does_not_make_the_engine_blind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Stumbling(MemoryStore):
        stumbles = 0

        async def news(self) -> None:
            await asyncio.sleep(0)

        def changed(self) -> bool:
            if self.stumbles:
                self.stumbles -= 1
                raise ValueError("this can't be")
            return super().changed()

    monkeypatch.setattr(agenda, "TRY_AGAIN_MS", 0)
    memory, workflow = Memory(), asking()
    store = Stumbling(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        store.stumbles = 2
        await eventually(lambda: store.stumbles == 0)
        waiting = asyncio.ensure_future(execution.result())
        visitor = Visitor(MemoryStore(memory))
        approved = Decide(at=engine.clock.now(), activation="review", decision="approved", by="visitor")
        await visitor.handle(execution.id, approved)
        await eventually(waiting.done)
        assert await waiting == {"n": 2}
    assert "can't look what others wrote" in caplog.text

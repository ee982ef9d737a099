"""What an application asks of an engine, and what comes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from pectin import (
    BadInput,
    BadValue,
    CommandRefused,
    Context,
    Engine,
    EngineStopped,
    ExecutionFailed,
    ExecutionId,
    NotFound,
    PectinError,
    RetryPolicy,
    Workflow,
    WorkflowStatus,
)
from pectin.core.event import AttemptFailed, AttemptInterrupted, NodeScheduled
from pectin.ports.store import DefinitionTaken, StoreBusy
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.sample import (
    ZERO,
    Batch,
    Count,
    Gate,
    add,
    asking,
    chain,
    events_of,
    eventually,
    gated,
    leftovers,
)

# -- starting ----------------------------------------------------------------------------------------------


async def test_the_same_key_and_input_name_one_execution_whatever_became_of_it() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        first = await engine.start(workflow, ZERO, key="A")
        await first.result()
        again = await engine.start(workflow, {"n": 0}, key="A")
        assert again.id == first.id
        assert (await again.info()).status is WorkflowStatus.COMPLETED
        assert (await engine.start(workflow, ZERO, key="B")).id != first.id


async def test_another_input_under_a_key_is_refused_and_names_who_has_it() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        first = await engine.start(workflow, ZERO, key="A")
        with pytest.raises(CommandRefused, match="another input") as refused:
            await engine.start(workflow, {"n": 1}, key="A")
        assert (refused.value.code, refused.value.winner) == ("key_reused", str(first.id))


async def test_racing_starts_of_a_key_begin_one_execution() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        started = await asyncio.gather(*(engine.start(workflow, ZERO, key="A") for _ in range(50)))
        assert len({execution.id for execution in started}) == 1


async def test_a_restart_needs_the_end_of_the_old_one_and_takes_its_key() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        first = await engine.start(workflow, ZERO, key="A")
        with pytest.raises(CommandRefused, match="has not ended"):
            await engine.start(workflow, {"n": 5}, key="A", restart=True)
        await first.cancel(by="me")
        await engine.idle()
        second = await engine.start(workflow, {"n": 5}, key="A", restart=True)
        assert second.id != first.id
        assert (await engine.start(workflow, {"n": 5}, key="A")).id == second.id


async def test_what_is_no_input_starts_nothing() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        bad: Any = {"n": "many"}
        with pytest.raises(BadInput, match="n:"):
            await engine.start(workflow, bad, key="A")
        assert (await engine.start(workflow, {"n": 3}, key="A")).id


async def test_a_caller_who_gives_up_strands_nothing(tmp_path: Path) -> None:
    workflow = chain(add, id="left")
    async with Engine(tmp_path / "pectin.db", workflows=[workflow]) as engine:
        for ticks in range(12):
            caller = asyncio.ensure_future(engine.start(workflow, ZERO, key=f"{ticks}"))
            for _ in range(ticks):
                await asyncio.sleep(0)
            caller.cancel()
            await asyncio.wait([caller])
            assert await (await engine.start(workflow, ZERO, key=f"{ticks}")).result() == {"n": 1}
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})


# -- finding -----------------------------------------------------------------------------------------------


async def test_an_execution_is_found_by_its_id_and_only_as_what_it_is() -> None:
    counting, other = chain(add), asking()
    async with Engine("memory:", workflows=[counting, other]) as engine:
        first = await engine.start(counting, ZERO)
        assert await (await engine.execution(str(first.id), counting)).result() == {"n": 1}
        with pytest.raises(NotFound, match="not of the workflow `asking` but of `counting`"):
            await engine.execution(first.id, other)
        with pytest.raises(NotFound, match="no execution"):
            await engine.execution(ExecutionId.new(), counting)


async def test_a_workflow_that_was_not_given_is_refused_by_name() -> None:
    async with Engine("memory:", workflows=[chain(add)]) as engine:
        with pytest.raises(PectinError, match="does not have the workflow `asking`"):
            await engine.start(asking(), ZERO)


async def test_a_second_engine_and_a_second_graph_are_refused(tmp_path: Path) -> None:
    async with Engine(tmp_path / "pectin.db", workflows=[chain(add)]):
        with pytest.raises(StoreBusy, match=r"has .*pectin\.db"):
            async with Engine(tmp_path / "pectin.db", workflows=[chain(add)]):
                pass
    with pytest.raises(DefinitionTaken):
        async with Engine(tmp_path / "pectin.db", workflows=[chain(add, gated(Gate()))]):
            pass
    async with Engine(tmp_path / "pectin.db", workflows=[chain(add)]):
        pass


# -- slots -------------------------------------------------------------------------------------------------


async def test_no_more_attempts_run_than_there_are_slots() -> None:
    gate = Gate()
    workflow = chain(gated(gate))
    async with Engine("memory:", workflows=[workflow], slots=3) as engine:
        executions = [await engine.start(workflow, ZERO) for _ in range(20)]
        await gate.entered.wait()
        gate.open()
        assert [await execution.result() for execution in executions] == [{"n": 1}] * 20
        assert gate.most == 3
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})


async def test_a_long_map_does_not_starve_who_waits_for_a_slot() -> None:
    settled: list[str] = []
    batch = Workflow("batch", version="1.0.0", state=Batch)

    @batch.node
    async def begin(state: Batch) -> Batch:
        return state

    @batch.each("state.items", output_key="out")
    async def item(number: int) -> int:
        settled.append("item")
        return number

    begin.then(item)
    small = chain(add)
    async with Engine("memory:", workflows=[batch, small], slots=2) as engine:
        long = await engine.start(batch, {"items": list(range(2_000)), "out": []})
        await eventually(lambda: len(settled) > 10)
        await (await engine.start(small, ZERO)).result()
        assert len(settled) < 1_000
        assert (await long.result())["out"] == list(range(2_000))


async def test_a_retry_that_comes_due_while_all_slots_are_taken_is_made_when_one_is_free() -> None:
    clock, gate = VirtualClock(), Gate()

    async def fail_once(state: Count, ctx: Context) -> Count:
        if ctx.attempt == 1:
            raise OSError("not yet")
        return await add(state)

    failing = chain(fail_once, id="failing", retry=RetryPolicy(max_attempts=2, jitter=False))
    holding = chain(gated(gate), id="holding")
    async with Engine("memory:", workflows=[failing, holding], slots=1, clock=clock) as engine:
        first = await engine.start(failing, ZERO)
        await eventually(lambda: not engine.service.runs.held)
        second = await engine.start(holding, ZERO)
        await gate.entered.wait()
        await clock.advance("5s")
        assert (await first.info()).status is WorkflowStatus.RUNNING
        gate.open()
        assert await first.result() == {"n": 1}
        assert await second.result() == {"n": 1}


# -- failures and retries ----------------------------------------------------------------------------------


async def test_a_failure_is_retried_at_its_time_and_not_before() -> None:
    clock, times = VirtualClock(), list[int]()

    async def fail_twice(state: Count) -> Count:
        times.append(clock.now())
        if len(times) < 3:
            raise ConnectionResetError("gone")
        return await add(state)

    workflow = chain(fail_twice, retry=RetryPolicy(max_attempts=3, jitter=False))
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await clock.advance("999ms")
        assert len(times) == 1
        await clock.advance("1ms")
        assert len(times) == 2
        await clock.advance("2s")
        assert await execution.result() == {"n": 1}
        assert [at - times[0] for at in times] == [0, 1_000, 3_000]
        failed = [event for event in await events_of(execution) if isinstance(event, AttemptFailed)]
        assert [event.error.error_class for event in failed] == ["connection_reset"] * 2


async def test_a_failure_beyond_the_policy_is_the_end_and_says_where() -> None:
    async def refuse(state: Count) -> Count:
        raise ValueError("no such order")

    workflow = chain(refuse)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed, match="ended as failed at `refuse`: no such order") as failed:
            await execution.result()
        assert failed.value.execution.status is WorkflowStatus.FAILED
        assert failed.value.error.type == "ValueError"
        assert "in refuse" in failed.value.error.traceback


# -- stopping ----------------------------------------------------------------------------------------------


async def test_a_graceful_stop_hands_work_back_and_the_next_engine_goes_on_at_once() -> None:
    memory, gate = Memory(), Gate()
    async with Engine(MemoryStore(memory), workflows=[chain(gated(gate))]) as engine:
        store: Any = engine.store
        execution = await engine.start(chain(gated(gate)), ZERO, key="A")
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
        assert gate.inside == 0
    await store.close()
    gate.open()
    async with Engine(MemoryStore(memory), workflows=[chain(gated(gate))]) as engine:
        again = await engine.execution(execution.id, chain(gated(gate)))
        assert await again.result() == {"n": 1}
        cut = [event for event in await events_of(again) if isinstance(event, AttemptInterrupted)]
        assert [event.reason for event in cut] == ["the engine stopped"]


class NeverOpen(MemoryStore):
    """An engine that opens it gets no further than to what it claims."""

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        await asyncio.Event().wait()


async def test_an_opening_that_is_given_up_leaves_no_body_behind() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate))
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
        await engine.store.close()
    gate.entered.clear()
    store = NeverOpen(memory)
    opening = asyncio.ensure_future(Engine(store, workflows=[workflow]).__aenter__())
    await gate.entered.wait()
    opening.cancel()
    await asyncio.wait([opening])
    assert gate.inside == 0
    await store.close()


async def test_a_patient_stop_lets_attempts_end() -> None:
    memory, gate = Memory(), Gate()
    workflow = chain(gated(gate), add)
    store = MemoryStore(memory)
    engine = Engine(store, workflows=[workflow])
    async with engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        stopping = asyncio.ensure_future(engine.stop(patience_seconds=60))
        await asyncio.sleep(0)
        gate.open()
        await stopping
        with pytest.raises(EngineStopped):
            await engine.start(workflow, ZERO)
    await store.close()
    async with Engine(MemoryStore(memory), workflows=[workflow]) as engine:
        again = await engine.execution(execution.id, workflow)
        assert await again.result() == {"n": 2}
        events = await events_of(again)
        assert not any(isinstance(event, AttemptInterrupted) for event in events)
        assert [event.begun_by for event in events if isinstance(event, NodeScheduled)][1] is None


async def test_waiters_are_told_that_the_engine_stops() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        waiting = asyncio.ensure_future(execution.result())
        await execution.until("review")
    with pytest.raises(EngineStopped, match="was stopped"):
        await waiting


# -- nothing leaks -----------------------------------------------------------------------------------------


async def test_after_ten_thousand_executions_nothing_is_left_in_memory() -> None:
    workflow = chain(add, id="many", timeout="1h")
    async with Engine("memory:", workflows=[workflow]) as engine:
        for _ in range(100):
            started = await asyncio.gather(*(engine.start(workflow, ZERO) for _ in range(100)))
            await asyncio.gather(*(execution.result() for execution in started))
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        dispatcher = engine._dispatcher  # pyright: ignore[reportPrivateUsage]
        assert dispatcher is not None
        assert len(dispatcher._timers) <= 1_000  # pyright: ignore[reportPrivateUsage]


async def test_executions_that_wait_cost_no_memory() -> None:
    workflow = asking(deadline="3d")
    async with Engine("memory:", workflows=[workflow], clock=VirtualClock()) as engine:
        executions = await asyncio.gather(*(engine.start(workflow, ZERO) for _ in range(2_000)))
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        # Refused and repeated commands load an execution, and don't keep it.
        first = executions[0]
        with pytest.raises(CommandRefused):
            await first.approve("after", by="me")
        await first.approve("review", by="me")
        await first.approve("review", by="me")
        await engine.idle()
        with pytest.raises(CommandRefused):
            await first.cancel()
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})


async def test_an_engine_that_is_not_open_says_how_to_open_it() -> None:
    workflow = chain(add)
    with pytest.raises(PectinError, match="async with Engine"):
        await Engine("memory:", workflows=[workflow]).start(workflow, ZERO)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"store": 5}, "store: 5 is no store; give a path"),
        ({"workflows": 5}, "workflows: 5 is no list; write `workflows="),
        ({"workflows": [1]}, "workflow: 1 is no workflow; give what"),
        ({"slots": 0}, "slots: 0 attempts can't run at once"),
    ],
)
def test_what_is_no_engine_is_refused_where_it_is_written(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadValue, match=complaint):
        Engine(**arguments)


async def test_another_workflow_of_the_same_id_is_not_started() -> None:
    workflow, other = chain(add), chain(add, add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(PectinError, match="has another workflow that is called"):
            await engine.start(other, ZERO)
        same = await engine.start(chain(add), ZERO)
        assert await same.result() == {"n": 1}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"key": 5}, "key: 5 is no text"),
        ({"by": 5}, "by: 5 is no text"),
        ({"restart": True}, "restart: needs a key"),
    ],
)
async def test_a_start_with_what_is_no_key_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(BadValue, match=complaint):
            await engine.start(workflow, ZERO, **arguments)
        with pytest.raises(BadValue, match="is not an id"):
            await engine.execution(cast(Any, None), workflow)

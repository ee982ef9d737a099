"""Attempts that end, that don't, and that nobody wants any more."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest

from pectin import Context, Engine, ExecutionFailed, Limits, RetryPolicy, Workflow, WorkflowStatus
from pectin.core.event import AttemptFailed, AttemptStopped, ExecutionEnded, NodeCancelled, NodeFailed
from pectin.ports.context import Stop
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Gate, add, chain, events_of, eventually, gated, leftovers

ONCE_MORE = RetryPolicy(max_attempts=2, initial_delay_ms=0, jitter=False)


async def test_an_async_function_is_cancelled_when_its_time_is_up() -> None:
    clock, gate = VirtualClock(), Gate()
    workflow = chain(gated(gate), timeout="30s")
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await clock.advance("29s")
        assert gate.inside == 1
        await clock.advance("1s")
        with pytest.raises(ExecutionFailed, match="no result within 30 s") as failed:
            await execution.result()
        assert failed.value.error.error_class == "timeout"
        assert gate.inside == 0


async def test_an_answer_to_the_cancel_is_no_result() -> None:
    clock, entered = VirtualClock(), asyncio.Event()

    async def answer(state: Count) -> Count:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await add(state)
        raise AssertionError

    workflow = chain(answer, timeout="30s")
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await entered.wait()
        await clock.advance("30s")
        with pytest.raises(ExecutionFailed, match="no result within"):
            await execution.result()


async def test_a_function_that_swallows_the_cancel_is_given_up_and_what_it_says_is_late() -> None:
    clock, gate = VirtualClock(), Gate()

    async def cling(state: Count, ctx: Context) -> Count:
        if ctx.attempt == 1:
            while gate.inside < 3:
                try:
                    gate.inside += 1
                    await gate.pass_through()
                except asyncio.CancelledError:
                    continue
                break
        return await add(state)

    workflow = chain(cling, timeout="30s", retry=ONCE_MORE)
    async with Engine("memory:", workflows=[workflow], clock=clock, slots=1) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await clock.advance("31s")  # the next attempt has the one slot now
        assert (await execution.info()).current_state == {"n": 1}
        await clock.advance("10s")  # the end waits so long for it
        assert await execution.result() == {"n": 1}
        gate.open()
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        events = await events_of(execution)
        abandoned = [event.abandoned for event in events if isinstance(event, AttemptFailed)]
        assert abandoned == [True]
        late = [(event.attempt, event.late) for event in events if isinstance(event, AttemptStopped)]
        assert late == [(1, "completed")]
        assert isinstance(events[-2], ExecutionEnded)
        assert (await execution.info()).current_state == {"n": 1}


async def test_a_sync_function_that_never_returns_costs_neither_its_slot_nor_the_stop() -> None:
    clock, entered, never = VirtualClock(), threading.Event(), threading.Event()

    def hang(state: Count, ctx: Context) -> Count:
        if ctx.attempt == 1:
            entered.set()
            never.wait()
        return {"n": ctx.attempt}

    workflow = chain(hang, timeout="30s", retry=ONCE_MORE)
    async with Engine("memory:", workflows=[workflow], clock=clock, slots=1) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("30s")
        while (await execution.info()).current_state != {"n": 2}:
            await asyncio.to_thread(int)
        await clock.advance("10s")  # the end waits so long for the first attempt
        assert await execution.result() == {"n": 2}
    never.set()


async def test_the_heartbeat_tells_a_sync_function_that_its_time_is_up() -> None:
    clock, entered, go_on = VirtualClock(), threading.Event(), threading.Event()
    told: list[bool] = []

    def work(state: Count, ctx: Context) -> Count:
        ctx.heartbeat()
        entered.set()
        go_on.wait()
        try:
            ctx.heartbeat()
        except Stop:
            told.append(True)
            raise
        return state

    workflow = chain(work, timeout="30s")
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("30s")
        go_on.set()
        with pytest.raises(ExecutionFailed):
            await execution.result()
        await _until(lambda: leftovers(engine) == {})
        assert told == [True]
        stopped = [event for event in await events_of(execution) if isinstance(event, AttemptStopped)]
        assert [event.late for event in stopped] == [None]


async def test_a_cancel_stops_what_runs_and_the_end_waits_for_it() -> None:
    gate = Gate()
    workflow = chain(gated(gate), add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await execution.cancel(by="me", reason="a mistake")
        with pytest.raises(ExecutionFailed, match="ended as cancelled") as failed:
            await execution.result()
        assert failed.value.execution.status is WorkflowStatus.CANCELLED
        assert gate.inside == 0
        events = await events_of(execution)
        kinds = [type(event) for event in events]
        assert kinds.index(NodeCancelled) < kinds.index(AttemptStopped)
        assert len(kinds) == kinds.index(AttemptStopped) + 2


@pytest.mark.parametrize("is_async", [True, False])
async def test_an_attempt_that_is_cancelled_before_its_function_was_called_never_calls_it(is_async: bool) -> None:
    clock, entered = VirtualClock(), list[Count]()

    async def enter(state: Count) -> Count:
        entered.append(state)
        return state

    def enter_plainly(state: Count) -> Count:
        entered.append(state)
        return state

    workflow = Workflow("prompt", version="1.0.0", state=Count)
    go = workflow.wait("go", signal="go")
    go.then(workflow.node(enter if is_async else enter_plainly))
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until(go)
        await asyncio.gather(execution.signal("go"), execution.cancel())  # one begins it, and the other is done at once
        await eventually(lambda: leftovers(engine) == {})
        with pytest.raises(ExecutionFailed, match="ended as cancelled"):
            await execution.result()
        assert entered == []
        assert [event.late for event in await events_of(execution) if isinstance(event, AttemptStopped)] == [None]


async def test_a_cancelled_sync_function_that_goes_on_gives_its_slot_away() -> None:
    clock, entered, never = VirtualClock(), threading.Event(), threading.Event()

    def hang(state: Count) -> Count:
        entered.set()
        never.wait()
        return state

    hanging, other = chain(hang, id="hanging"), chain(add)
    limits = Limits(stop_grace_ms=10_000)
    async with Engine("memory:", workflows=[hanging, other], clock=clock, slots=1, limits=limits) as engine:
        first = await engine.start(hanging, ZERO)
        await asyncio.to_thread(entered.wait)
        second = await engine.start(other, ZERO)
        await first.cancel()
        await clock.advance("1s")
        assert await second.result() == {"n": 1}
        assert (await first.info()).status is WorkflowStatus.RUNNING
        await clock.advance("9s")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await first.result()
    never.set()


async def test_a_late_failure_is_recorded_and_changes_nothing() -> None:
    clock, entered, go_on = VirtualClock(), threading.Event(), threading.Event()

    def fail_late(state: Count) -> Count:
        entered.set()
        go_on.wait()
        raise ValueError("too late")

    workflow = chain(fail_late, timeout="30s")
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("40s")
        with pytest.raises(ExecutionFailed):
            await execution.result()
        go_on.set()
        await _until(lambda: leftovers(engine) == {})
        last = (await events_of(execution))[-1]
        assert isinstance(last, AttemptStopped)
        assert last.late == "failed"
        assert last.error is not None
        assert last.error.message == "too late"
        assert (await execution.info()).status is WorkflowStatus.FAILED


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_function_that_ends_the_process_has_failed(is_async: bool) -> None:
    async def leave(state: Count) -> Count:
        raise SystemExit(3)

    def leave_in_thread(state: Count) -> Count:
        raise SystemExit(3)

    workflow = chain(leave if is_async else leave_in_thread)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed) as failed:
            await (await engine.start(workflow, ZERO)).result()
        assert failed.value.error.type == "SystemExit"


class Panic(BaseException):
    """What extension modules and other loops raise past `except Exception`."""


@pytest.mark.parametrize(("raised", "is_async"), [(Panic, True), (Panic, False), (GeneratorExit, True)])
async def test_whatever_a_function_raises_is_an_outcome(raised: type[BaseException], is_async: bool) -> None:
    async def panic(state: Count) -> Count:
        raise raised

    def panic_in_thread(state: Count) -> Count:
        raise raised

    workflow = chain(panic if is_async else panic_in_thread)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed) as failed:
            await (await engine.start(workflow, ZERO)).result()
        assert failed.value.error.type == raised.__name__


@pytest.mark.parametrize("raised", [KeyboardInterrupt, GeneratorExit, StopIteration])
async def test_what_means_something_to_a_loop_is_an_outcome_too(raised: type[BaseException]) -> None:
    def interrupt(state: Count) -> Count:
        raise raised

    workflow = chain(interrupt)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed, match=f"raised {raised.__name__}"):
            await (await engine.start(workflow, ZERO)).result()


def test_a_function_that_swallows_every_cancel_does_not_keep_the_process() -> None:
    async def cling(state: Count) -> Count:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def leave() -> None:
        workflow = chain(cling)
        async with Engine("memory:", workflows=[workflow]) as engine:
            await engine.start(workflow, ZERO)
            await engine.stop(patience_seconds=0)

    asyncio.run(leave())  # would never return: it cancels and awaits every task that it knows


async def test_a_function_that_cancels_itself_has_failed() -> None:
    async def give_up(state: Count) -> Count:
        raise asyncio.CancelledError

    workflow = chain(give_up)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed, match="cancelled itself"):
            await (await engine.start(workflow, ZERO)).result()


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_sync_function_blocks_neither_the_loop_nor_the_others(is_async: bool) -> None:
    release = threading.Event()

    def hold(state: Count) -> Count:
        release.wait()
        return {"n": 7}

    async def let_go(state: Count) -> Count:
        release.set()
        return {"n": 8}

    def let_go_in_thread(state: Count) -> Count:
        release.set()
        return {"n": 8}

    holding, letting = chain(hold, id="hold"), chain(let_go if is_async else let_go_in_thread, id="let_go")
    async with Engine("memory:", workflows=[holding, letting]) as engine:
        first = await engine.start(holding, ZERO)
        second = await engine.start(letting, ZERO)
        assert await first.result() == {"n": 7}
        assert await second.result() == {"n": 8}


# -- results that can't be used ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (None, "None"),
        ({"n": "many"}, "n"),
        ({"n": float("nan")}, "n"),
        ({"n": 2**64}, "64 bits"),
        (7, "7"),
        ({"m": 1}, "m"),
    ],
)
async def test_an_unusable_result_fails_the_node_and_is_not_tried_again(result: Any, complaint: str) -> None:
    calls: list[int] = []

    async def answer(state: Count) -> Count:
        calls.append(1)
        return result

    workflow = chain(answer, retry=RetryPolicy(max_attempts=5, initial_delay_ms=0))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed, match=complaint) as failed:
            await execution.result()
        assert failed.value.error.error_class == "bad_result"
        assert calls == [1]
        assert (await execution.info()).current_state == ZERO


async def test_a_result_that_is_too_large_fails_the_node() -> None:
    workflow: Workflow[dict[str, Any]] = Workflow("large", version="1.0.0", state=dict[str, Any])

    @workflow.node
    async def answer(state: dict[str, Any]) -> dict[str, Any]:
        return {"text": "x" * 9_000_000}

    assert answer
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, {})
        with pytest.raises(ExecutionFailed, match="8388608 are allowed"):
            await execution.result()
        (failed,) = [event for event in await events_of(execution) if isinstance(event, NodeFailed)]
        assert failed.error.error_class == "bad_result"


async def test_a_change_that_is_not_returned_is_no_silent_loss() -> None:
    async def forget(state: Count) -> Any:
        state["n"] = 5

    forget.__annotations__["return"] = Count
    workflow = chain(forget)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed, match="changed `n`"):
            await (await engine.start(workflow, ZERO)).result()


async def _until(happens: Any) -> None:
    """Wait for threads: until it is so."""
    while not happens():
        await asyncio.to_thread(lambda: None)

"""A handle to one execution."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from pectin import (
    BadValue,
    CommandRefused,
    Context,
    Engine,
    ExecutionFailed,
    RetryPolicy,
    SessionType,
    Workflow,
    WorkflowStatus,
)
from pectin.core.command import Already, Done
from pectin.core.event import ExecutionEnded, ExecutionHeld, MessageReceived, NodeCompleted, NodeWaiting
from pectin.testing import VirtualClock
from tests.runtime.sample import (
    ZERO,
    Count,
    Gate,
    Slow,
    add,
    asking,
    chain,
    events_of,
    eventually,
    gated,
    leftovers,
    tags,
)


async def test_until_is_true_when_the_node_waits_and_false_when_it_never_will() -> None:
    workflow, plain = asking(), chain(add)
    async with Engine("memory:", workflows=[workflow, plain]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.until("review")
        await execution.reject("review", by="me")
        assert not await execution.until("review")
        with pytest.raises(BadValue, match="`counting` has no node 'revew'; write the name of a node"):
            await (await engine.start(plain, ZERO)).until("revew")


async def test_decisions_and_who_took_them() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        (asked,) = [event for event in await events_of(execution) if isinstance(event, NodeWaiting)]
        with pytest.raises(CommandRefused) as refused:
            await execution.decide("review", "approved", by="one", digest="0" * 64)
        assert refused.value.code == "other_request"
        assert await execution.decide("review", "approved", by="one", comment="yes", digest=asked.digest) == Done()
        assert await execution.approve("review", by="two") == Already("`review` was approved", "one")
        with pytest.raises(CommandRefused, match="approved by one") as refused:
            await execution.reject("review", by="two")
        assert (refused.value.code, refused.value.winner) == ("decided", "one")
        assert await execution.result() == {"n": 2}


async def test_a_cancel_is_done_once() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        assert await execution.cancel(by="me", reason="a mistake") == Done()
        assert isinstance(await execution.cancel(by="you"), Already)
        with pytest.raises(ExecutionFailed, match="ended as cancelled"):
            await execution.result()
        assert (await execution.info()).status is WorkflowStatus.CANCELLED


async def test_events_follow_to_the_end_and_begin_where_one_says() -> None:
    gate = Gate()
    workflow = chain(gated(gate))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        seen: list[tuple[int, Any]] = []

        async def follow() -> None:
            async for recorded in execution.events(follow=True):
                seen.append(recorded)  # noqa: PERF401 # what was seen is looked at meanwhile

        following = asyncio.ensure_future(follow())
        await gate.entered.wait()
        await eventually(lambda: len(seen) == 3)
        gate.open()
        await following
        assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
        assert isinstance(seen[-1][1], ExecutionEnded)
        assert [recorded async for recorded in execution.events(after=2)] == seen[2:]
        assert [recorded async for recorded in execution.events(after=len(seen), follow=True)] == []
        assert tags(await events_of(execution)) == [type(event).__name__ for _, event in seen]
        await eventually(lambda: leftovers(engine) == {})


@pytest.mark.parametrize(
    ("name", "text"), [("by", "\ud800"), ("by", "x" * 129), ("comment", "x" * 4_001), ("comment", "\udfff")]
)
async def test_a_text_that_cannot_be_kept_is_refused_by_its_name(name: str, text: str) -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        said: dict[str, Any] = {"by": "me", name: text}
        with pytest.raises(BadValue, match=f"^{name}: "):
            await execution.decide("review", "approved", **said)
        assert await execution.until("review")


async def test_it_says_what_it_is() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert repr(execution) == f"<Execution {execution.id} of counting>"


async def test_a_record_stays_as_it_is_when_the_execution_goes_on() -> None:
    gate = Gate()
    workflow = chain(gated(gate))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        record = await execution.info()
        gate.open()
        assert await execution.result() == {"n": 1}
        assert record.current_state == ZERO


async def test_who_waits_for_the_end_costs_the_store_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    workflow = chain(gated(gate))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        waiting = [asyncio.ensure_future(execution.result()) for _ in range(3)]
        await asyncio.sleep(0)
        monkeypatch.delattr(type(engine.store), "load")
        gate.open()
        assert await asyncio.gather(*waiting) == [{"n": 1}] * 3


# -- signals, holds, doubts ----------------------------------------------------------------------------------------


def waiting_for_go() -> Workflow[Count]:
    """A workflow that waits for the signal `go` and then adds."""
    workflow = Workflow("going", version="1.0.0", state=Count)
    wait = workflow.wait("wait", signal="go")
    wait.then(workflow.node(add, name="after"))
    return workflow


async def test_a_signal_is_taken_once_by_whoever_waits_for_it() -> None:
    workflow = waiting_for_go()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.until("wait")
        assert await execution.signal("other", {"x": 1}, dedup="k", by="me") == Done()
        assert isinstance(await execution.signal("other", {"x": 1}, dedup="k"), Already)
        with pytest.raises(CommandRefused) as refused:
            await execution.signal("other", {"x": 2}, dedup="k")
        assert refused.value.code == "dedup_taken"
        assert await execution.signal("go", [1]) == Done()
        assert await execution.result() == {"n": 1}
        events = await events_of(execution)
        (taken,) = [event for event in events if isinstance(event, NodeCompleted) and event.message is not None]
        assert taken.output == {"came": "signal", "payload": [1]}
        received = [(event.name, event.by) for event in events if isinstance(event, MessageReceived)]
        assert received == [("other", "me"), ("go", None)]
        with pytest.raises(CommandRefused):
            await execution.signal("go")


async def test_what_is_held_starts_nothing_until_it_is_let_go() -> None:
    gate = Gate()
    workflow = chain(gated(gate), add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        assert await execution.pause(by="me", reason="lunch") == Done()
        assert await execution.pause(by="you") == Already("the execution was paused", "me")
        gate.open()
        await engine.idle()
        assert (await execution.info()).status is WorkflowStatus.PAUSED
        assert (await execution.info()).current_state == {"n": 1}
        (held,) = [event for event in await events_of(execution) if isinstance(event, ExecutionHeld)]
        assert (held.by, held.reason) == ("me", "lunch")
        assert await execution.resume(by="me") == Done()
        assert await execution.result() == {"n": 2}
        with pytest.raises(CommandRefused):
            await execution.resume()


async def test_edits_change_the_keys_that_an_approval_shows() -> None:
    workflow = Workflow("editing", version="1.0.0", state=Count)
    review = workflow.approval("review", "Is {{ state.n }} right?", editable=("n",))
    review.on(approved="end", rejected="end")
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until(review)
        for edits in ({"n": "many"}, {"m": 1}):
            with pytest.raises(CommandRefused):
                await execution.approve(review, by="me", edits=edits)
        with pytest.raises(BadValue, match=r"^edits\.n: "):
            await execution.approve(review, by="me", edits={"n": 2**64})
        wrong: Any = [1]
        with pytest.raises(BadValue, match=r"^edits: \[1\] is no mapping"):
            await execution.approve(review, by="me", edits=wrong)
        with pytest.raises(BadValue, match=r"^node: \[1\] is no node"):
            await execution.approve(wrong, by="me")
        assert await execution.approve(review, by="me", edits={"n": 5}) == Done()
        assert await execution.result() == {"n": 5}


async def test_resolving_says_one_thing() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(BadValue, match="write `happened=<result>`, or `did_not=True`"):
            await execution.resolve("add", by="me")
        with pytest.raises(BadValue, match="has to say one thing"):
            await execution.resolve("add", happened=None, did_not=True, by="me")
        with pytest.raises(CommandRefused, match=r"`add` is not in doubt|the end of the execution is decided"):
            await execution.resolve("add", happened=None, by="me")


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "go", "payload": float("nan")}, r"\$|payload"),
        ({"name": "go", "payload": "x" * 9_000_000}, "payload"),
        ({"name": "go", "dedup": " "}, "dedup"),
        ({"name": "go", "dedup": "x" * 257}, "dedup"),
        ({"name": "go", "by": "\ud800"}, "by"),
    ],
)
async def test_a_signal_that_cannot_be_kept_is_refused_by_its_part(said: dict[str, Any], path: str) -> None:
    workflow = waiting_for_go()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(BadValue, match=f"^({path}): "):
            await execution.signal(**said)
        assert await execution.until("wait")


# -- what is told at the end ---------------------------------------------------------------------------------------


async def test_all_failures_are_told_if_one_does_not_end_it() -> None:
    workflow = Workflow("failing", version="1.0.0", state=Count, on_failure="wait")

    async def fail(state: Count, ctx: Context) -> Count:
        raise ValueError(ctx.activation)

    fork = workflow.node(add, name="fork")
    fork.then(workflow.node(fail, name="one"), workflow.node(fail, name="other"))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed) as failed:
            await execution.result()
        errors = {name: error.message for name, error in failed.value.errors.items()}
        assert errors == {"one": "one", "other": "other"}
        assert failed.value.error in failed.value.errors.values()


async def test_what_attempts_log_is_told_in_order() -> None:
    async def talk(state: Count, ctx: Context) -> Count:
        ctx.log.info("attempt %d", ctx.attempt)
        if ctx.attempt == 1:
            raise OSError("again")
        ctx.log.warning("done")
        return state

    workflow = chain(talk, add, retry=RetryPolicy(max_attempts=2, initial_delay_ms=0))
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.result()
        told = [(record.activation, record.attempt, record.message) async for record in execution.logs()]
        assert told == [("talk", 1, "attempt 1"), ("talk", 2, "attempt 2"), ("talk", 2, "done")]


async def test_a_stateless_execution_has_a_result_and_no_history() -> None:
    workflow = Workflow("fleeting", version="1.0.0", state=Count, session_type=SessionType.STATELESS)
    assert workflow.node(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.result() == {"n": 1}
        assert (await execution.info()).status is WorkflowStatus.COMPLETED
        with pytest.raises(CommandRefused, match="has no history"):
            await events_of(execution)
        with pytest.raises(CommandRefused, match="has no log"):
            _ = [record async for record in execution.logs()]


async def test_the_end_is_told_also_while_what_came_after_it_is_being_written() -> None:
    store, clock, entered, go_on = Slow(), VirtualClock(), threading.Event(), threading.Event()

    def fail_late(state: Count) -> Count:
        entered.set()
        go_on.wait()
        raise ValueError("too late")

    workflow = chain(fail_late, timeout="30s")
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("40s")
        store.gate = Gate()
        go_on.set()
        await store.gate.entered.wait()
        result = asyncio.ensure_future(execution.result())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not result.done()
        store.gate.open()
        with pytest.raises(ExecutionFailed, match="no result within 30 s"):
            await result


async def test_an_end_that_others_of_its_tick_came_before_is_told_without_reading_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workflow = Workflow("fan", version="1.0.0", state=Count)
    begin, gate = workflow.parallel("begin"), asyncio.Event()

    async def branch(state: Count) -> Count:
        await gate.wait()
        return state

    begin.then(*[workflow.node(branch, name=f"branch_{number}") for number in range(5)])
    async with Engine(str(tmp_path / "pectin.db"), workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        result = asyncio.ensure_future(execution.result())
        monkeypatch.delattr(type(engine.store), "load")
        gate.set()
        assert await result == ZERO

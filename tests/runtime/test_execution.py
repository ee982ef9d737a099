"""A handle to one execution."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pectin import BadValue, CommandRefused, Engine, ExecutionFailed, WorkflowStatus
from pectin.core.command import Already, Done
from pectin.core.event import ExecutionEnded, NodeWaiting
from tests.runtime.sample import ZERO, Gate, add, asking, chain, events_of, eventually, gated, leftovers, tags


async def test_until_is_true_when_the_node_waits_and_false_when_it_never_will() -> None:
    workflow, plain = asking(), chain(add)
    async with Engine("memory:", workflows=[workflow, plain]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.until("review")
        await execution.reject("review", by="me")
        assert not await execution.until("review")
        assert not await (await engine.start(plain, ZERO)).until("review")


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
        said: dict[str, str] = {"by": "me", name: text}
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

"""Starting once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pectin import BadValue, Engine, Limits, Workflow
from pectin.core.event import ExecutionCreated
from pectin.ports.store import Find
from tests.runtime.sample import ZERO, add, asking, chain, events_of


async def test_the_first_event_says_what_was_asked() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO, key="A", by="shop")
        created = (await events_of(execution))[0]
        assert isinstance(created, ExecutionCreated)
        assert (created.key, created.by, created.input, created.state) == ("A", "shop", ZERO, ZERO)


async def test_defaults_make_no_difference_to_a_key() -> None:
    workflow: Workflow[dict[str, Any]] = Workflow("open", version="1.0.0", state=dict[str, Any])
    workflow.approval("review", "?").on(approved="end", rejected="end")
    async with Engine("memory:", workflows=[workflow]) as engine:
        first = await engine.start(workflow, {"b": 1, "a": 2}, key="A")
        assert (await engine.start(workflow, {"a": 2, "b": 1}, key="A")).id == first.id
        assert (await engine.start(workflow, key="B")).id == (await engine.start(workflow, {}, key="B")).id


async def test_racing_restarts_leave_one_execution_with_the_key() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        old = await engine.start(workflow, ZERO, key="A")
        await old.cancel()
        outcomes = await asyncio.gather(
            *(engine.start(workflow, ZERO, key="A", restart=True) for _ in range(5)), return_exceptions=True
        )
        assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
        assert len(await engine.store.find(Find(key="A"))) == 1
        assert len(await engine.store.find(Find())) == 2


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"key": ""}, "key: is empty"),
        ({"key": " "}, "key: is empty"),
        ({"key": "x" * 257}, "key: has 257 characters"),
        ({"key": "\ud800"}, "key: text with half a surrogate pair"),
        ({"by": "x" * 129}, "by: has 129 characters"),
        ({"by": ""}, "by: is empty"),
    ],
)
async def test_names_are_bounded(said: dict[str, Any], complaint: str) -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(BadValue, match=f"^{complaint}"):
            await engine.start(workflow, ZERO, **said)
        assert await engine.store.find(Find()) == []


async def test_an_input_is_bounded() -> None:
    workflow: Workflow[dict[str, Any]] = Workflow("open", version="1.0.0", state=dict[str, Any])
    workflow.approval("review", "?").on(approved="end", rejected="end")
    async with Engine("memory:", workflows=[workflow], limits=Limits(payload_bytes_max=100)) as engine:
        with pytest.raises(BadValue, match=r"^input: 111 bytes"):
            await engine.start(workflow, {"text": "x" * 100})
        assert await engine.store.find(Find()) == []

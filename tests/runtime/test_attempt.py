"""From a commit's events to calls."""

from __future__ import annotations

from typing import Any

from pectin import Context, Engine, RetryPolicy, Workflow
from pectin.core.identity import idempotency_key
from pectin.core.state import Activation, Run
from pectin.core.status import NodeStatus
from pectin.runtime.attempt import lacking_functions, missing_functions
from tests.runtime.sample import ZERO, Batch, Count, add, asking, chain


async def test_a_key_is_the_same_on_every_attempt_and_another_for_every_item() -> None:
    seen: list[tuple[str, int, str, str]] = []
    batch: Workflow[Batch] = Workflow("batch", version="1.0.0", state=Batch)

    @batch.node
    async def begin(state: Batch) -> Batch:
        return state

    @batch.each("state.items", output_key="out", retry=RetryPolicy(max_attempts=3, initial_delay_ms=0))
    async def item(number: int, ctx: Context) -> int:
        seen.append((ctx.activation, ctx.attempt, ctx.key, ctx.execution_id))
        if ctx.attempt < 3:
            raise OSError("again")
        return number

    begin.then(item)
    async with Engine("memory:", workflows=[batch]) as engine:
        execution = await engine.start(batch, {"items": [7, 8], "out": []})
        assert (await execution.result())["out"] == [7, 8]
    assert sorted(seen) == [
        (name, attempt, idempotency_key(execution.id, name), str(execution.id))
        for name in ("item#0", "item#1")
        for attempt in (1, 2, 3)
    ]


async def test_what_an_attempt_does_to_its_state_is_no_one_elses_concern() -> None:
    seen: list[Any] = []

    async def spoil(state: Count, ctx: Context) -> Count:
        seen.append(dict(state))
        state["n"] = 99
        if ctx.attempt == 1:
            raise OSError("after the change")
        return {"n": 99}

    workflow = chain(spoil, retry=RetryPolicy(max_attempts=2, initial_delay_ms=0))
    async with Engine("memory:", workflows=[workflow]) as engine:
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 99}
    assert seen == [{"n": 0}, {"n": 0}]


def test_missing_functions_are_named_by_node() -> None:
    class Nothing:
        def find(self, workflow_id: str, name: str) -> None:
            return None

    assert missing_functions(asking().build().program, Nothing()) == {"before": "before", "after": "after"}
    assert missing_functions(chain(add).build().program, Nothing()) == {"add": "add"}


def test_what_lacks_a_function_is_stuck_only_if_nothing_else_can_go_on() -> None:
    names = ("one", "other")
    run = Run(activations={name: Activation(name, name, NodeStatus.SCHEDULED, 1) for name in names})
    run.ready, run.busy = dict.fromkeys(names), 2
    assert lacking_functions(run, {}) == []
    assert lacking_functions(run, {"one": "f"}) == []
    assert lacking_functions(run, {"one": "f", "other": "f"}) == ["f"]

"""Budgets through a whole engine: what bodies say, what a crash costs, what a child gets; and in a world gone wrong."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

import pytest

from pectin import Amount, BudgetExceeded, Context, ExecutionFailed, RetryPolicy, Workflow
from pectin.core.event import BudgetSettled
from pectin.core.state import Run
from pectin.store.memory import MemoryStore
from pectin.testing import VirtualClock, engine
from pectin.testing.simulate import simulate

SEEDS = 60


class Sums(TypedDict):
    items: list[int]
    done: list[str]


NOTHING: Sums = {"items": [1, 2, 3], "done": []}
CENTS = Amount("0.10", 0, 100)


def workflow(id: str = "sums", **options: Any) -> Workflow[Sums]:
    return Workflow(id, version="1.0.0", state=Sums, **options)


async def spend(state: Sums, ctx: Context) -> Sums:
    ctx.spend(cost_usd="0.04", output_tokens=30)
    ctx.spend(cost_usd="0.01")
    return state


async def spend_item(item: int, ctx: Context) -> int:
    ctx.spend(cost_usd="0.05", output_tokens=item)
    return item


async def greedy(state: Sums, ctx: Context) -> Sums:
    ctx.spend(cost_usd="0.09")
    ctx.spend(cost_usd="0.02")
    return state


async def hang_once(state: Sums, ctx: Context) -> Sums:
    ctx.spend(cost_usd="0.02")
    if ctx.attempt == 1:
        await asyncio.Event().wait()
    return state


def of_many(**limits: Any) -> Workflow[Sums]:
    wf = workflow(**limits)
    start = wf.parallel("start")
    for name in "abc":
        start.then(wf.node(spend, name=name, ceiling=CENTS))
    mapped = wf.each("state.items", name="mapped", ceiling=Amount("0.1", 0, 100))(spend_item)
    start.then(mapped)
    return wf


async def test_what_bodies_say_is_summed() -> None:
    wf = of_many(max_cost_usd="1", total_tokens=1_000)
    async with engine(wf) as running:
        execution = await running.start(wf, NOTHING)
        await execution.result()
        assert await execution.spent() == Amount("0.3", 0, 96)


async def test_side_by_side_they_never_reserve_more_than_there_is() -> None:
    wf = of_many(max_cost_usd="0.40")
    async with engine(wf) as running:
        execution = await running.start(wf, NOTHING)
        await execution.result()
        assert await execution.spent() == Amount("0.3", 0, 96)


async def test_the_limit_ends_it_and_says_which() -> None:
    wf = of_many(max_cost_usd="0.20")
    async with engine(wf) as running:
        execution = await running.start(wf, NOTHING)
        with pytest.raises(
            ExecutionFailed, match=r"limit_exceeded at .* in an attempt, and \$0.15 is spent; max_cost_usd is \$0.20"
        ):
            await execution.result()
        assert await execution.spent() == Amount("0.15", 0, 90)


async def test_more_than_the_ceiling_fails_the_attempt_for_good() -> None:
    wf = workflow()
    wf.node(greedy, ceiling=CENTS, retry=RetryPolicy(max_attempts=3))
    async with engine(wf) as running:
        execution = await running.start(wf, NOTHING)
        with pytest.raises(ExecutionFailed) as caught:
            await execution.result()
        assert caught.value.error is not None
        assert (caught.value.error.error_class, caught.value.error.type) == ("budget_exceeded", BudgetExceeded.__name__)
        assert await execution.spent() == Amount("0.09")


async def test_without_a_ceiling_nothing_is_spent_under_a_limit() -> None:
    wf = workflow(max_cost_usd="1")
    wf.node(spend)
    async with engine(wf) as running:
        with pytest.raises(ExecutionFailed, match="`spend` has no ceiling for `cost_usd`"):
            await (await running.start(wf, NOTHING)).result()


async def test_a_crash_costs_the_ceiling() -> None:
    wf, store, clock = workflow(max_cost_usd="1"), MemoryStore(), VirtualClock()
    wf.node(hang_once, ceiling=CENTS)
    async with engine(wf, store=store, clock=clock) as running:
        id = (await running.start(wf, NOTHING)).id
        await clock.settle()
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.execution(id, wf)
        await clock.until(execution.result())
        assert await execution.spent() == Amount("0.12", 0, 100)


async def test_what_an_attempt_had_spent_when_its_time_was_up_counts() -> None:
    wf, clock = workflow(max_cost_usd="1"), VirtualClock()
    wf.node(hang_once, ceiling=CENTS, timeout="2s", retry=RetryPolicy(max_attempts=2, jitter=False))
    async with engine(wf, clock=clock) as running:
        execution = await running.start(wf, NOTHING)
        await clock.until(execution.result())
        assert await execution.spent() == Amount("0.04")


# -- children ---------------------------------------------------------------------------------------------------


def family(ceiling: str, **limits: Any) -> tuple[Workflow[Sums], Workflow[Sums]]:
    """A parent with two children side by side, each of which spends 0.05 twice."""
    inner = workflow("inner", **limits)
    first = inner.node(spend, name="first", ceiling=CENTS)
    first.then(inner.node(spend, name="second", ceiling=CENTS))
    outer = workflow("outer", max_cost_usd="0.30")
    both = outer.parallel("both")
    for name in ("one", "two"):
        given = {"items": "state.items", "done": "state.done"}
        both.then(outer.subgraph(name, inner, input=given, ceiling={"cost_usd": ceiling}))
    return outer, inner


async def test_a_child_gives_back_what_it_didn_t_spend() -> None:
    """Both don't fit side by side, and one after the other they do."""
    outer, _ = family("0.20")
    async with engine(outer) as running:
        execution = await running.start(outer, NOTHING)
        await execution.result()
        assert await execution.spent() == Amount("0.2", 0, 120)
        settled = [event.spent async for _, event in execution.events() if isinstance(event, BudgetSettled)]
        assert settled == [Amount("0.1", 0, 60)] * 2


async def test_a_child_ends_at_the_part_that_it_got() -> None:
    outer, _ = family("0.14")
    async with engine(outer) as running:
        execution = await running.start(outer, NOTHING)
        with pytest.raises(ExecutionFailed, match=r"its parent leaves it \$0.14"):
            await execution.result()


async def test_a_child_s_own_limit_counts_if_it_is_less() -> None:
    outer, _ = family("0.20", max_cost_usd="0.12")
    async with engine(outer) as running:
        with pytest.raises(ExecutionFailed, match=r"max_cost_usd is \$0.12"):
            await (await running.start(outer, NOTHING)).result()


# -- a world in which everything goes wrong ---------------------------------------------------------------------


def spender() -> Workflow[Sums]:
    wf = workflow("world", max_cost_usd="0.60", total_tokens=600)
    inner = workflow("inner")
    inner.node(spend, ceiling=CENTS)
    start = wf.parallel("start")
    for name in "ab":
        start.then(wf.node(spend, name=name, ceiling=CENTS, retry=RetryPolicy(max_attempts=3, jitter=False)))
    start.then(wf.each("state.items", name="mapped", ceiling=CENTS)(spend_item))
    given = {"items": "state.items", "done": "state.done"}
    start.then(wf.subgraph("child", inner, input=given, ceiling=CENTS))
    return wf


def test_no_world_passes_a_limit() -> None:
    """Each commit of each history is audited there: `overspent` is one of the laws."""
    report = simulate(spender(), NOTHING, seeds=SEEDS)
    assert report.seeds == SEEDS
    assert report.reached["crash"]


def test_a_world_would_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.core.decide.line.find_passed", _fits_always)
    monkeypatch.setattr("pectin.core.line.find_passed", _fits_always)
    with pytest.raises(AssertionError, match="overspent"):
        simulate(spender(), NOTHING, seeds=SEEDS)


def _fits_always(run: Run, amount: Amount) -> None:
    """What finds no limit that would be passed."""

"""Attempts of `once` nodes without an outcome: their late results, and the asking about them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from pectin import Context, DidNot, Engine, ExecutionFailed, Happened, RetryPolicy, Unknown, Workflow
from pectin.core.command import Done
from pectin.core.event import (
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    NodeCompleted,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.identity import idempotency_key
from pectin.store.sqlite import SqliteStore
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Function, Gate, events_of, eventually, leftovers, tags

Verdict = Happened[Count] | DidNot | Unknown


def once(function: Function, reconcile: Function | None = None, **options: Any) -> Workflow[Count]:
    """A workflow whose one node is never simply tried again."""
    workflow = Workflow("charging", version="1.0.0", state=Count)
    node: Any = cast(Any, workflow).node(function, name="charge", effect="once", timeout="30s", **options)
    if reconcile is not None:
        node.reconcile(reconcile)
    return workflow


async def hang(state: Count) -> Count:
    await asyncio.Event().wait()
    return state


async def in_doubt(engine: Engine, workflow: Workflow[Count], clock: VirtualClock) -> Any:
    """An execution whose attempt has used up its time."""
    execution = await engine.start(workflow, ZERO)
    await clock.advance("31s")
    return execution


async def test_time_that_is_up_is_no_outcome_and_a_person_is_asked() -> None:
    clock = VirtualClock()
    workflow = once(hang)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await in_doubt(engine, workflow, clock)
        assert await execution.until("charge")
        (raised,) = [event for event in await events_of(execution) if isinstance(event, DoubtRaised)]
        assert (raised.attempt, raised.asks, raised.abandoned) == (1, False, False)
        assert await execution.resolve("charge", happened={"n": 5}, by="me") == Done()
        assert await execution.result() == {"n": 5}


async def test_an_answer_to_the_cancel_resolves_the_doubt() -> None:
    clock = VirtualClock()

    async def answer(state: Count) -> Count:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return {"n": 7}
        raise AssertionError

    workflow = once(answer)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await in_doubt(engine, workflow, clock)
        assert await execution.result() == {"n": 7}
        assert {"DoubtRaised", "NodeCompleted"} <= set(tags(await events_of(execution)))


async def test_a_late_result_resolves_the_doubt() -> None:
    clock, entered, go_on = VirtualClock(), threading.Event(), threading.Event()

    def charge(state: Count) -> Count:
        entered.set()
        go_on.wait()
        return {"n": 7}

    workflow = once(charge)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("31s")
        assert await execution.until("charge")
        go_on.set()
        assert await execution.result() == {"n": 7}


VERDICTS: list[tuple[Callable[[], Verdict], list[str], int]] = [
    (lambda: Happened(Count(n=9)), ["DoubtResolved", "NodeCompleted"], 9),
    (DidNot, ["DoubtResolved", "AttemptBegun"], 2),
]


@pytest.mark.parametrize(("verdict", "following", "n"), VERDICTS)
@pytest.mark.parametrize("is_async", [True, False])
async def test_a_reconcile_says_what_has_happened(
    verdict: Callable[[], Verdict], following: list[str], n: int, is_async: bool
) -> None:
    clock = VirtualClock()
    asked: list[tuple[Count, str, int]] = []

    async def charge(state: Count, ctx: Context) -> Count:
        return await hang(state) if ctx.attempt == 1 else {"n": ctx.attempt}

    def ask(state: Count, ctx: Context) -> Verdict:
        asked.append((state, ctx.key, ctx.attempt))
        return verdict()

    async def ask_later(state: Count, ctx: Context) -> Verdict:
        return ask(state, ctx)

    workflow = once(charge, ask_later if is_async else ask)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await in_doubt(engine, workflow, clock)
        assert await execution.result() == {"n": n}
        assert asked == [(ZERO, idempotency_key(execution.id, "charge"), 1)]
        happened = tags(await events_of(execution))
        begun = happened.index("ReconcileBegun")
        assert happened[begun + 1 : begun + 3] == following


async def unknown(state: Count) -> Verdict:
    return Unknown()


async def fail(state: Count) -> Verdict:
    raise ConnectionError("the bank is away")


async def say_something_else(state: Count) -> Verdict:
    return True  # type: ignore[return-value] # what is no verdict


async def say_what_cannot_be(state: Count) -> Verdict:
    return Happened({"n": "many"})  # type: ignore[typeddict-item] # what is no state


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (unknown, None),
        (fail, "io_error"),
        (hang, "timeout"),
        (say_something_else, "bad_result"),
        (say_what_cannot_be, "bad_result"),
    ],
)
async def test_what_a_reconcile_does_not_know_is_asked_of_a_person(ask: Function, error: str | None) -> None:
    clock = VirtualClock()

    async def reconcile(state: Count) -> Verdict:
        return await ask(state)

    workflow = once(hang, reconcile)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await in_doubt(engine, workflow, clock)
        await clock.advance("31s")
        assert await execution.until("charge")
        (left,) = [event for event in await events_of(execution) if isinstance(event, DoubtLeft)]
        assert (left.error and left.error.error_class) == error
        await execution.resolve(happened={"n": 3}, by="me")
        assert await execution.result() == {"n": 3}


async def test_the_asking_and_the_attempt_that_it_is_about_may_run_side_by_side() -> None:
    clock, gate = VirtualClock(), Gate()
    entered, go_on = threading.Event(), threading.Event()

    def charge(state: Count) -> Count:
        entered.set()
        go_on.wait()
        return {"n": 7}

    async def ask(state: Count) -> Verdict:
        await gate.pass_through()
        return DidNot()

    workflow = once(charge, ask)
    async with Engine("memory:", workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await asyncio.to_thread(entered.wait)
        await clock.advance("30s")
        await gate.entered.wait()
        go_on.set()
        assert await execution.result() == {"n": 7}
        await engine.idle()
        await eventually(lambda: leftovers(engine) == {})
        assert gate.inside == 0, "nobody wants to know any more"
        happened = await events_of(execution)
        assert not any(isinstance(event, DoubtResolved) for event in happened)
        assert [event.attempt for event in happened if isinstance(event, NodeCompleted)] == [1]


async def test_a_cancel_ends_the_asking() -> None:
    clock, gate = VirtualClock(), Gate()

    async def ask(state: Count) -> Verdict:
        await gate.pass_through()
        return DidNot()

    workflow = once(hang, ask)
    async with Engine("memory:", workflows=[workflow], clock=clock, slots=1) as engine:
        execution = await in_doubt(engine, workflow, clock)
        await gate.entered.wait()
        await execution.cancel(by="me")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        await eventually(lambda: leftovers(engine) == {})
        assert gate.inside == 0


async def test_an_asking_that_is_cut_off_is_made_again_by_the_next_engine(tmp_path: Any) -> None:
    clock, gate = VirtualClock(), Gate()

    async def ask(state: Count) -> Verdict:
        await gate.pass_through()
        return Happened(Count(n=4))

    workflow = once(hang, ask)
    async with Engine(tmp_path / "store.db", workflows=[workflow], clock=clock) as engine:
        execution = await in_doubt(engine, workflow, clock)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
    gate.open()
    async with Engine(tmp_path / "store.db", workflows=[workflow], clock=clock) as engine:
        again = await engine.execution(execution.id, workflow)
        assert await again.result() == {"n": 4}
        happened = await events_of(again)
        assert sum(isinstance(event, ReconcileBegun) for event in happened) == 2
        assert sum(isinstance(event, ReconcileInterrupted) for event in happened) == 1
        assert sum(isinstance(event, DoubtRaised) for event in happened) == 1


async def test_an_attempt_that_is_cut_off_is_in_doubt(tmp_path: Any) -> None:
    gate = Gate()
    calls: list[int] = []

    async def charge(state: Count) -> Count:
        calls.append(1)
        await gate.pass_through()
        return {"n": 1}

    workflow = once(charge, retry=RetryPolicy(max_attempts=3, retryable_on=("io_error",)))
    store = SqliteStore(str(tmp_path / "store.db"))
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await engine.stop(patience_seconds=0)
    async with Engine(store, workflows=[workflow]) as engine:
        again = await engine.execution(execution.id, workflow)
        assert await again.until("charge")
        assert calls == [1]
        await again.resolve("charge", did_not=True, by="me")
        gate.open()
        assert await again.result() == {"n": 1}
        assert calls == [1, 1]
    await store.close()

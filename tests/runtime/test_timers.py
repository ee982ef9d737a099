"""All deadlines in one heap."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from pectin.runtime.timers import SWEEP_AT, Timers
from pectin.testing import VirtualClock


async def test_timers_ring_in_due_order_and_never_early() -> None:
    clock, rung = VirtualClock(), list[tuple[str, int]]()
    timers, began = Timers(clock), clock.now()

    def set_one(name: str, after: int) -> None:
        timers.set(began + after, lambda: rung.append((name, clock.now() - began)))

    set_one("late", 3_000)
    set_one("early", 1_000)
    set_one("middle", 2_000)
    set_one("also early", 1_000)
    await clock.advance("999ms")
    assert rung == []
    await clock.advance("5s")
    assert rung == [("early", 1_000), ("also early", 1_000), ("middle", 2_000), ("late", 3_000)]
    timers.close()


async def test_what_rings_sees_the_context_of_no_caller() -> None:
    whose: ContextVar[int] = ContextVar("whose", default=-1)
    clock, seen = VirtualClock(), list[int]()
    timers = Timers(clock)
    whose.set(7)
    timers.set(clock.now() + 1_000, lambda: seen.append(whose.get()))
    await clock.advance("1s")
    assert seen == [-1]
    timers.close()


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.integers(0, 20)), max_size=30))
def test_whatever_is_set_and_cancelled_meanwhile_the_rest_rings_once_at_its_time(
    plans: list[tuple[int, bool, int]],
) -> None:
    """Each plan: when it is due, whether it is cancelled, and how much later it sets another when it rings."""

    async def play() -> None:
        clock, rung, expected = VirtualClock(), list[int](), list[int]()
        timers, began = Timers(clock), clock.now()

        def ring(at: int, then: int) -> None:
            rung.append(at)
            timers.set(began + at + then, partial(rung.append, at + then))

        for at, cancelled, then in plans:
            timer = timers.set(began + at, partial(ring, at, then))
            if cancelled:
                timer.cancel()
            else:
                expected += [at, at + then]
        await clock.advance("1s")
        assert sorted(rung) == sorted(expected)
        assert rung == sorted(rung)
        assert len(timers) == 0
        timers.close()

    asyncio.run(play())


async def test_cancelled_timers_do_not_pile_up() -> None:
    clock, rung = VirtualClock(), list[int]()
    timers = Timers(clock)
    kept = timers.set(clock.now() + 10_000, lambda: rung.append(1))
    for _ in range(10 * SWEEP_AT):
        timers.set(clock.now() + 300_000, lambda: rung.append(2)).cancel()
    assert len(timers) <= SWEEP_AT + 1
    await clock.advance("301s")
    assert rung == [1]
    kept.cancel()
    timers.close()


async def test_only_one_task_sleeps() -> None:
    clock = VirtualClock()
    timers, now = Timers(clock), clock.now()
    before = len(asyncio.all_tasks())
    for after in range(100, 0, -1):
        timers.set(now + after, lambda: timers.set(clock.now() + 1, lambda: None) and None)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before + 1
    await clock.advance("1s")
    assert len(asyncio.all_tasks()) == before
    timers.close()

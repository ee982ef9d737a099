"""The virtual clock: never early, in due order, and no real time goes by."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pectin import Context, Workflow, testing
from pectin.core.error import BadValue
from pectin.testing.clock import START

HOUR_MS = 3_600_000


def make_clock() -> tuple[testing.VirtualClock, int]:
    clock = testing.VirtualClock()
    return clock, clock.now()


async def note(clock: testing.VirtualClock, at: int, woken: list[tuple[int, int]]) -> None:
    await clock.sleep_until(at)
    woken.append((at, clock.now()))


def test_it_starts_at_the_given_time_and_stands_still() -> None:
    assert testing.VirtualClock().now() == int(START.timestamp() * 1000)
    clock = testing.VirtualClock(datetime(1970, 1, 2, tzinfo=UTC))
    assert clock.now() == clock.now() == 86_400_000


@pytest.mark.parametrize("duration", ["72h", "3d", 259_200, timedelta(days=3)])
async def test_it_advances_by_any_form_of_a_duration(duration: str | int | timedelta) -> None:
    clock, start = make_clock()
    await clock.advance(duration)
    assert clock.now() == start + 72 * HOUR_MS


async def test_it_refuses_what_is_no_duration() -> None:
    with pytest.raises(BadValue, match="duration"):
        await testing.VirtualClock().advance("three days")


async def test_a_time_that_has_come_is_not_waited_for() -> None:
    clock, start = make_clock()
    await asyncio.wait_for(clock.sleep_until(start), 1)


@given(delays=st.lists(st.integers(0, 50), max_size=12), steps=st.lists(st.integers(0, 30), max_size=6))
def test_sleepers_wake_at_their_time_in_due_order(delays: list[int], steps: list[int]) -> None:
    async def check() -> None:
        clock, start = make_clock()
        woken: list[tuple[int, int]] = []
        sleepers = [asyncio.create_task(note(clock, start + delay, woken)) for delay in delays]
        for step in steps:
            await clock.advance(timedelta(milliseconds=step))
            due = [start + delay for delay in delays if start + delay <= clock.now()]
            assert woken == [(at, at) for at in sorted(due)]
        assert clock.now() == start + sum(steps)
        await clock.advance("1m")
        await asyncio.gather(*sleepers)
        assert woken == [(at, at) for at in sorted(start + delay for delay in delays)]

    asyncio.run(check())


async def test_what_a_sleeper_begins_is_due_in_the_same_advance() -> None:
    clock, start = make_clock()
    times: list[int] = []

    async def tick() -> None:
        for _ in range(3):
            await clock.sleep_until(clock.now() + HOUR_MS)
            times.append(clock.now())

    ticking = asyncio.create_task(tick())
    await clock.advance("10h")
    assert times == [start + HOUR_MS, start + 2 * HOUR_MS, start + 3 * HOUR_MS]
    assert clock.now() == start + 10 * HOUR_MS
    await ticking


async def test_a_cancelled_sleeper_holds_nothing_up() -> None:
    clock, start = make_clock()
    woken: list[tuple[int, int]] = []
    gone = asyncio.create_task(note(clock, start + 1, woken))
    stays = asyncio.create_task(note(clock, start + 2, woken))
    await clock.settle()
    gone.cancel()
    await clock.advance("1s")
    await stays
    assert woken == [(start + 2, start + 2)]


async def test_until_lets_pass_what_it_takes_and_no_more() -> None:
    clock, start = make_clock()

    async def two_days() -> str:
        await clock.sleep_until(clock.now() + 24 * HOUR_MS)
        await clock.sleep_until(clock.now() + 24 * HOUR_MS)
        return "done"

    later = asyncio.create_task(clock.sleep_until(start + 100 * HOUR_MS))
    assert await clock.until(two_days()) == "done"
    assert clock.now() == start + 48 * HOUR_MS
    assert not later.done()
    later.cancel()


async def test_until_passes_an_error_on() -> None:
    async def fail() -> None:
        raise LookupError("not here")

    with pytest.raises(LookupError, match="not here"):
        await testing.VirtualClock().until(fail())


async def test_until_says_that_time_does_not_help() -> None:
    with pytest.raises(testing.NothingDue, match="person"):
        await testing.VirtualClock().until(asyncio.get_running_loop().create_future())


# -- with an engine ----------------------------------------------------------------------------------------


class Trip(BaseModel):
    stops: list[str] = []


def make_trip() -> Workflow[Trip]:
    trip = Workflow("trip", version="1.0.0", state=Trip)
    rest = trip.wait("rest", duration="3d")

    @trip.node
    def arrive(state: Trip) -> Trip:  # a sync function: it runs in a thread
        state.stops.append("arrived")
        return state

    review = trip.approval("review", "Well?", deadline="72h")
    rest.then(arrive)
    arrive.then(review)
    review.on(approved="end", rejected="end", timeout="end")
    return trip


async def test_six_days_pass_in_no_time_and_nothing_comes_early() -> None:
    clock, start = make_clock()
    trip = make_trip()
    began = time.perf_counter()
    async with testing.engine(trip, clock=clock) as engine:
        execution = await engine.start(trip)
        await clock.advance(timedelta(days=3, milliseconds=-1))
        assert await testing.until_waiting(execution) == ("rest",)
        await clock.advance(timedelta(milliseconds=1))
        assert await testing.until_waiting(execution) == ("review",)
        await clock.advance(timedelta(days=3, milliseconds=-1))
        assert await testing.until_waiting(execution) == ("review",)
        done = await clock.until(execution.result())
        assert done.stops == ["arrived"]
        assert clock.now() == start + 6 * 24 * HOUR_MS
        settled = [r.event.at - start async for r in execution.events() if type(r.event).__name__ == "NodeCompleted"]
    assert settled == [72 * HOUR_MS, 72 * HOUR_MS, 144 * HOUR_MS]
    assert time.perf_counter() - began < 5, "virtual days must not take real time"


async def test_retries_wait_for_the_clock_alone() -> None:
    clock, start = make_clock()
    flaky = Workflow("flaky", version="1.0.0", state=Trip)
    tried: list[int] = []

    @flaky.node(retry="io_default")
    def connect(state: Trip, ctx: Context) -> Trip:
        tried.append(clock.now() - start)
        if ctx.attempt < 3:
            raise ConnectionResetError("try again")
        return state

    async with testing.engine(flaky, clock=clock) as engine:
        execution = await engine.start(flaky)
        await clock.settle()
        assert tried == [0]
        await clock.until(execution.result())
    assert len(tried) == 3
    assert 0 < tried[1] < tried[2]


async def test_time_passes_over_what_hangs() -> None:
    clock = testing.VirtualClock(patience_seconds=0)
    stuck = Workflow("stuck", version="1.0.0", state=Trip)

    @stuck.node(timeout="30s")
    async def hang(state: Trip) -> Trip:
        await asyncio.get_running_loop().create_future()
        return state

    @stuck.node
    async def tell(state: Trip) -> Trip:
        state.stops.append("gave up")
        return state

    hang.on_error(tell, when="error.error_class == 'timeout'")
    async with testing.engine(stuck, clock=clock) as engine:
        execution = await engine.start(stuck)
        assert not await clock.settle()
        await clock.advance("30s")
        assert (await execution.result()).stops == ["gave up"]


async def test_until_says_that_a_person_is_waited_for() -> None:
    clock = testing.VirtualClock()
    asking = Workflow("asking", version="1.0.0", state=Trip)
    ask = asking.approval("ask", "Well?")
    ask.on(approved="end", rejected="end")
    async with testing.engine(asking, clock=clock) as engine:
        execution = await engine.start(asking)
        with pytest.raises(testing.NothingDue, match="person"):
            await clock.until(execution.result())

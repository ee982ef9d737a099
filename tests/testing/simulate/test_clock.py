"""A simulated process's clock: it drifts, it is set, and it wakes nobody before its own time."""

import asyncio

import pytest

from pectin.testing.simulate.clock import START, SimulatedClock
from tests.testing.simulate.sample import here, live, pause


@pytest.mark.parametrize(("ahead_ms", "rate", "shown"), [(0, 1.0, 10_000), (500, 1.0, 10_500), (-500, 1.25, 12_000)])
def test_it_is_ahead_and_drifts(ahead_ms: int, rate: float, shown: int) -> None:
    async def main() -> int:
        clock = SimulatedClock(here(), ahead_ms, rate)
        await pause(10)
        return clock.now() - START

    assert live(main()) == shown


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.25, 1.1713])
@pytest.mark.parametrize("delay_ms", [1, 999, 3_600_000])
def test_it_wakes_at_its_own_time_and_never_early(rate: float, delay_ms: int) -> None:
    async def main() -> None:
        clock = SimulatedClock(here(), 0, rate)
        await clock.sleep_until(START + delay_ms)
        assert 0 <= clock.now() - START - delay_ms <= 1
        assert here().time() == pytest.approx(delay_ms / 1_000 / rate, abs=0.002)

    live(main())


def test_what_has_come_is_not_waited_for() -> None:
    async def main() -> float:
        await SimulatedClock(here()).sleep_until(START)
        return here().time()

    assert live(main()) == 0


@pytest.mark.parametrize(("step_ms", "woken_at"), [(9_000, 2.0), (3_000, 7.0), (-5_000, 15.0)])
def test_who_sleeps_notices_that_it_was_set(step_ms: int, woken_at: float) -> None:
    async def main() -> float:
        clock = SimulatedClock(here())
        sleeping = asyncio.ensure_future(clock.sleep_until(START + 10_000))
        await pause(2)
        clock.step(step_ms)
        await sleeping
        assert clock.now() >= START + 10_000
        return here().time()

    assert live(main()) == pytest.approx(woken_at, abs=0.001)


def test_who_gives_up_leaves_no_alarm() -> None:
    async def main() -> None:
        clock = SimulatedClock(here())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await clock.sleep_until(START + 10_000)
        clock.step(60_000)
        await pause(20)

    live(main())

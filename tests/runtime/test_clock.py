"""The real clock."""

from __future__ import annotations

import asyncio
import time

import pytest

from pectin.runtime.clock import SystemClock


async def test_it_sleeps_until_a_time_and_never_less() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time() * 1000) < 1_000
    at = clock.now() + 5
    await clock.sleep_until(at)
    assert clock.now() >= at
    await clock.sleep_until(0)


async def test_it_is_not_asleep_for_longer_than_a_minute_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, slept = SystemClock(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await clock.sleep_until(clock.now() + 10**9)
    assert slept == [60, 60, 60]

"""An order that waits for its parcel's scan."""

import pytest

from examples.parcel import Order, main, orders, thank
from pectin import testing


def test_a_delivery_is_noted() -> None:
    assert thank(Order(tracking="P-1")).outcome == "delivered"


async def test_a_scan_counts_before_and_during_the_wait_and_else_it_is_time(capsys: pytest.CaptureFixture[str]) -> None:
    early, late, lost = await main()
    assert (early.outcome, late.outcome, lost.outcome) == ("delivered", "delivered", "searched for")
    assert early.scan == late.scan
    assert lost.scan is None
    assert "P-3  searched for" in capsys.readouterr().out


async def test_a_scan_is_for_the_parcel_that_it_names() -> None:
    clock = testing.VirtualClock()
    async with testing.engine(orders, clock=clock) as engine:
        execution = await engine.start(orders, Order(tracking="P-1"))
        await clock.advance("1h")
        await engine.send("scanned", "P-9", {"place": "depot", "by": "carrier"})
        await clock.settle()
        assert await testing.until_waiting(execution) == ("delivery",)


async def test_five_days_are_five_days() -> None:
    clock = testing.VirtualClock()
    async with testing.engine(orders, clock=clock) as engine:
        execution = await engine.start(orders, Order(tracking="P-1"))
        await clock.advance("120h59m")
        assert await testing.until_waiting(execution) == ("delivery",)
        await clock.advance("1m")
        assert (await execution.result()).outcome == "searched for"

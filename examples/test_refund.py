"""The tests of `refund.py`: its nodes are plain functions, and the whole of it runs on an engine in memory."""

from decimal import Decimal

from examples.refund import Refund, assess, pay, refund, review
from pectin import Context, testing


def test_a_big_refund_is_risky() -> None:
    assert assess(Refund(order="A-1", amount=Decimal(1299))).risk == "high"


def test_a_small_one_is_not() -> None:
    assert assess(Refund(order="A-1", amount=Decimal(20))).risk == "low"


async def test_it_pays_under_its_key() -> None:
    assert (await pay(Refund(order="A-1"), Context(key="k"))).receipt == "paid 0, k"


async def test_it_is_paid_once_somebody_approves() -> None:
    async with testing.engine(refund) as engine:
        execution = await engine.start(refund, Refund(order="A-1"))
        assert await execution.until(review)
        await execution.approve(review, by="finance", comment="ok")
        done = await execution.result()
    assert done.receipt is not None
    assert done.receipt.startswith("paid 1299.00, ")


async def test_it_is_not_paid_if_somebody_rejects() -> None:
    async with testing.engine(refund) as engine:
        execution = await engine.start(refund, Refund(order="A-1"))
        assert await execution.until(review)
        await execution.reject(review, by="finance")
        assert (await execution.result()).receipt is None


async def test_it_is_not_paid_if_nobody_decides_in_time() -> None:
    clock = testing.VirtualClock()
    async with testing.engine(refund, clock=clock) as engine:
        execution = await engine.start(refund, Refund(order="A-1"))
        assert await testing.until_waiting(execution) == ("review",)
        await clock.advance("71h59m")
        assert await testing.until_waiting(execution) == ("review",)
        await clock.advance("1m")
        assert (await execution.result()).receipt is None

"""In which order results are let go."""

from __future__ import annotations

import asyncio

import pytest

from pectin.testing.crashtest.gate import Gate, Shuffle
from tests.testing.crashtest.flows import take


async def order_of(gate: Gate, count: int = 4) -> list[int]:
    """The order in which so many bodies' results leave."""
    left: list[int] = []

    async def body(number: int) -> None:
        with gate.entered():
            await take(3 * number)
        await gate.leave()
        left.append(number)

    await asyncio.gather(*map(body, range(count)))
    assert gate.inside == 0
    return left


async def test_a_gate_lets_them_go_as_they_come() -> None:
    assert await order_of(Gate()) == [0, 1, 2, 3]


async def test_the_first_order_is_the_last_one_first() -> None:
    assert await order_of(Shuffle(0)) == [3, 2, 1, 0]


async def test_others_are_drawn_and_the_same_again() -> None:
    orders = [tuple(await order_of(Shuffle(seed))) for seed in range(1, 6)]
    assert orders == [tuple(await order_of(Shuffle(seed))) for seed in range(1, 6)]
    assert len(set(orders)) > 2


async def test_one_that_is_cancelled_holds_up_nobody() -> None:
    gate = Shuffle(0)
    gone, stays = asyncio.ensure_future(gate.leave()), asyncio.ensure_future(gate.leave())
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_nobody_is_kept_for_ever() -> None:
    gate = Shuffle(0)
    with gate.entered():
        await asyncio.wait_for(gate.leave(), 5)

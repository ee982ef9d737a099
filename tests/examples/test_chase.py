"""Orders that are chased in a loop within a loop."""

import pytest

from examples.chase import Orders, ask, chase, main, take
from pectin import testing


def test_an_order_is_taken_with_no_question_asked() -> None:
    taken = take(Orders(waiting=["A-2", "A-3"], order="A-1", asked=4, is_shipped=True))
    assert (taken.order, taken.waiting, taken.asked, taken.is_shipped) == ("A-2", ["A-3"], 0, False)


def test_the_warehouse_says_yes_in_its_own_time() -> None:
    asked = ask(Orders(waiting=[], order="A-2", asked=2))
    assert not asked.is_shipped
    assert ask(asked).is_shipped


async def test_each_order_is_asked_about_until_it_is_shipped_or_late(capsys: pytest.CaptureFixture[str]) -> None:
    done = await main()
    assert done.shipped == {"A-1": 1, "A-2": 4}
    assert done.late == ["A-3"]
    assert "90 minutes in" in capsys.readouterr().out


async def test_the_inner_loop_counts_anew_for_each_order() -> None:
    clock = testing.VirtualClock()
    async with testing.engine(chase, clock=clock) as engine:
        execution = await engine.start(chase, Orders(waiting=["A-1", "A-2"]))
        assert await testing.until_waiting(execution) == ("rest[2][1]",)
        await clock.advance("10m")
        assert await testing.until_waiting(execution) == ("rest[2][2]",)

"""A saga, and its ways back."""

import pytest

from examples.trip import NoCredit, Trip, cancel_hotel, main, pay, trip
from pectin import Context, testing


def test_what_is_too_dear_is_not_paid() -> None:
    with pytest.raises(NoCredit):
        pay(Trip(city="Ghent", price=2, credit=1), Context(key="k"))


def test_a_hotel_is_given_back() -> None:
    assert cancel_hotel(Trip(city="Ghent", price=2, credit=1, hotel="hotel k")).hotel is None


@pytest.mark.parametrize(
    ("city", "credit", "diary"),
    [
        ("Ghent", 500, ["flight booked", "hotel booked", "paid", "traveller told"]),
        ("Ghent", 100, ["flight booked", "hotel booked", "hotel cancelled", "flight cancelled", "traveller told"]),
        ("Nowhere", 500, ["flight booked", "flight cancelled", "traveller told"]),
    ],
)
async def test_what_was_booked_is_given_back_in_reverse(city: str, credit: int, diary: list[str]) -> None:
    async with testing.engine(trip) as engine:
        done = await (await engine.start(trip, Trip(city=city, price=320, credit=credit))).result()
    assert done.diary == diary
    assert (done.flight is None) is (done.hotel is None) is (done.receipt is None)


async def test_it_tells_each_story(capsys: pytest.CaptureFixture[str]) -> None:
    await main()
    assert "credit 100: flight booked, hotel booked, hotel cancelled, flight cancelled" in capsys.readouterr().out

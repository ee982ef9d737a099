"""Three quotes, of which the first wins."""

import pytest

from examples import quotes
from examples.quotes import Parcel, order
from pectin import testing


def test_the_quote_that_came_is_the_order() -> None:
    ordered = order(Parcel(kilograms=3, quotes={"air": 2100}))
    assert (ordered.carrier, ordered.cents) == ("air", 2100)


async def test_the_others_are_called_off(capsys: pytest.CaptureFixture[str]) -> None:
    done = await quotes.main()
    assert (done.quotes, done.carrier) == ({"road": 360}, "road")
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "air: called off",
        "rail: called off",
        "road: carries 3 kg for 3.60",
    ]


@pytest.mark.parametrize("carrier", ["rail", "air"])
async def test_whoever_is_first_wins(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = dict.fromkeys(quotes.ANSWERS_AFTER_SECONDS, 60.0) | {carrier: 0.0}
    monkeypatch.setattr(quotes, "ANSWERS_AFTER_SECONDS", seconds)
    async with testing.engine(quotes.quotes) as engine:
        done = await (await engine.start(quotes.quotes, Parcel(kilograms=1))).result()
    assert done.carrier == carrier

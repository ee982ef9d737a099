"""A thousand letters."""

import pytest

from examples.letters import NoSuchPlace, main, send
from pectin import Context


async def test_one_letter() -> None:
    assert (await send("Mill Lane 1", Context(key="0123456789"))).stamp == "01234567"
    with pytest.raises(NoSuchPlace):
        await send("Mill Lane 100", Context(key="k"))


async def test_bad_addresses_spoil_themselves_only(capsys: pytest.CaptureFixture[str]) -> None:
    done = await main()
    assert (done.sent, len(done.results)) == (990, 1000)
    assert done.returned == [f"Mill Lane {n}00" for n in range(1, 11)]
    assert len({result["stamp"] for result in done.results if "stamp" in result}) == 990
    assert done.results[99] == {
        "error": {"error_class": "no_such_place", "type": "NoSuchPlace", "message": "Mill Lane 100", "attempt": 1}
    }
    assert "990 sent, 10 returned" in capsys.readouterr().out

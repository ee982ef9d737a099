"""Signals end a command after it has handed its work back."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from pectin.cli.stopping import stoppable


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_work_gets_the_time_to_hand_back(
    number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    handed_back: list[bool] = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            handed_back.append(True)
        return 0

    assert asyncio.run(stoppable(work(), ["pectin run a.py --resume x"])) == code
    assert handed_back == [True]
    assert capsys.readouterr().err.endswith("handed back\n  go on    pectin run a.py --resume x\n")
    assert signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)


def test_without_a_signal_it_is_the_works_own_end() -> None:
    async def work() -> int:
        return 3

    async def give_up() -> int:
        raise asyncio.CancelledError

    assert asyncio.run(stoppable(work())) == 3
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stoppable(give_up()))

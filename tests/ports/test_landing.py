"""A commit on its way: one is told, in that moment, whether it has come back already or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from pectin.ports.landing import Landing, when_known
from pectin.ports.line import Line
from pectin.ports.store import StoreError

FAILED = StoreError("the store can't write")


def test_who_is_told_is_told_in_that_moment() -> None:
    told: list[Exception | None] = []
    landing = Landing()
    landing.then(told.append)
    assert told == []
    landing.settle(FAILED)
    assert told == [FAILED]


def test_what_is_known_is_told_at_once() -> None:
    told: list[Exception | None] = []
    landing = Landing()
    landing.settle(None)
    landing.then(told.append)
    assert told == [None]
    with pytest.raises(AssertionError, match="only one"):
        landing.then(told.append)


def test_only_a_failure_breaks_its_line() -> None:
    line = Line()
    Landing(line).settle(None)
    assert not line.is_broken
    Landing(line).settle(FAILED)
    assert line.is_broken


def test_an_error_of_who_is_told_is_logged_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    def stumble(problem: Exception | None) -> None:
        raise ValueError("oh")

    landing = Landing()
    landing.then(stumble)
    landing.settle(None)
    assert "an error of the engine itself" in caplog.text


async def test_it_can_be_awaited() -> None:
    landing = Landing()
    asyncio.get_running_loop().call_soon(landing.settle, FAILED)
    with pytest.raises(StoreError, match="can't write"):
        await landing
    known = Landing()
    known.settle(None)
    await known


async def test_who_gives_up_awaiting_is_not_told() -> None:
    landing = Landing()
    waiting = asyncio.ensure_future(landing)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    landing.settle(None)
    assert waiting.cancelled()


async def commit(problem: Exception | None) -> None:
    await asyncio.sleep(0)
    if problem is not None:
        raise problem


@pytest.mark.parametrize("problem", [None, FAILED])
async def test_a_store_that_knows_no_landing_is_followed_too(problem: Exception | None) -> None:
    told: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
    coroutine: Awaitable[None] = commit(problem)
    when_known(coroutine, told.set_result)
    assert not told.done()
    assert await told is problem


async def test_a_commit_that_is_cut_off_is_told_as_one_that_failed() -> None:
    told: list[Exception | None] = []
    cut_off = asyncio.ensure_future(commit(None))
    when_known(cut_off, told.append)
    cut_off.cancel()
    await asyncio.wait([cut_off])
    assert [(type(problem), str(problem)) for problem in told] == [(StoreError, "the commit was cut off")]

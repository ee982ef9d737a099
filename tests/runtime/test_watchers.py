"""Who waits for news."""

from __future__ import annotations

import pytest

from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.runtime.error import EngineStopped
from pectin.runtime.watchers import Watchers

ONE, OTHER = ExecutionId.new(), ExecutionId.new()


async def test_news_wakes_who_waits_for_it_and_nobody_else() -> None:
    watchers = Watchers()
    change, rest = watchers.change(ONE), watchers.change(ONE, rests=True)
    other, anything = watchers.change(OTHER), watchers.change(None)
    watchers.notify(ONE, rests=False)
    assert [future.done() for future in (change, rest, other, anything)] == [True, False, False, True]
    watchers.notify(ONE, rests=True)
    assert rest.done()
    watchers.notify_any()
    assert not other.done()
    watchers.notify_all()
    assert other.done()


async def test_who_is_forgotten_leaves_nothing() -> None:
    watchers = Watchers()
    for rests in (True, False):
        future = watchers.change(ONE, rests=rests)
        watchers.forget(ONE, future, rests=rests)
        watchers.forget(ONE, future, rests=rests)
        with watchers.watching(ONE, rests=rests) as change:
            assert not change.done()
    assert len(watchers) == 0


async def test_the_news_of_an_end_brings_the_run() -> None:
    watchers = Watchers()
    change, rest, ended = watchers.change(ONE), watchers.change(ONE, rests=True), Run()
    watchers.notify(ONE, rests=False)
    watchers.notify(ONE, rests=True, ended=ended)
    assert await change is None
    assert await rest is ended


async def test_after_a_failure_there_is_no_waiting() -> None:
    watchers = Watchers()
    before = watchers.change(ONE)
    watchers.fail(EngineStopped("gone"))
    after = watchers.change(ONE)
    for future in (before, after):
        with pytest.raises(EngineStopped, match="gone"):
            await future
    watchers.forget(ONE, watchers.change(ONE))

"""The tasks of an engine."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from pectin.runtime.tasks import Tasks


async def test_all_are_seen_through_also_those_that_others_begin() -> None:
    rests: list[int] = []
    tasks = Tasks(lambda: rests.append(len(tasks)))
    done: list[str] = []

    async def second() -> None:
        done.append("second")

    async def first() -> None:
        tasks.spawn(second())
        done.append("first")

    tasks.spawn(first())
    assert len(tasks) == 1
    await tasks.finish()
    assert (done, len(tasks), rests) == (["first", "second"], 0, [0])


async def test_what_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks(lambda: None)

    async def fail(what: str) -> None:
        raise ValueError(what)

    tasks.spawn(fail("unseen"))
    await tasks.finish()
    await asyncio.sleep(0)
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["unseen"]


async def test_none_sees_the_context_of_who_began_it_or_of_another() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")
    tasks, seen = Tasks(lambda: None), list[str]()

    async def look_and_leave_a_trace() -> None:
        seen.append(whose.get())
        whose.set("another task's")

    whose.set("the caller's")
    tasks.spawn(look_and_leave_a_trace())
    tasks.spawn(look_and_leave_a_trace())
    await tasks.finish()
    assert seen == ["nobody's", "nobody's"]

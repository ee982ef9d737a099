"""The tasks of an engine: whatever was begun is seen through before it stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

from pectin.core.error import PectinError
from pectin.ports.landing import resolve

T = TypeVar("T")
log = logging.getLogger("pectin.engine")


class Tasks:
    """Tasks that go on beside one another; `at_rest` is called whenever the last of them is done."""

    def __init__(self, at_rest: Callable[[], None]) -> None:
        self._at_rest = at_rest
        self._tasks: set[asyncio.Task[Any]] = set()
        self._context = copy_context()  # that of whoever lets them be done is an application's

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside what is going on; nobody looks at what comes of it."""
        task = asyncio.get_running_loop().create_task(work, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        task.add_done_callback(_log_failure)

    async def see_through(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do it to its end, also if the caller gives up waiting."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.spawn(_pass_on(work, done))
        return await done

    async def finish(self) -> None:
        """Return when all are done, those too that others begin."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self._at_rest()


async def _pass_on(work: Callable[[], Coroutine[Any, Any, T]], done: asyncio.Future[T]) -> None:
    try:
        resolve(done, None, await work())
    except Exception as problem:
        if done.done() and not isinstance(problem, PectinError):  # nobody else is told
            raise
        resolve(done, problem)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an error of the engine itself", exc_info=error)

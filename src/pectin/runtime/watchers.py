"""Who waits for news of an execution. Futures are made when somebody waits: a parked execution has none."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from pectin.core.identity import ExecutionId
from pectin.core.state import Run

Future = asyncio.Future[Run | None]


class News(NamedTuple):
    """What somebody waits for: every change of an execution (of any if None), or only that it waits or has ended."""

    execution: ExecutionId | None
    rests: bool = False


class Watchers:
    """Futures by what is waited for. A notification is a hint: whoever wakes looks at the store.

    The news of an end brings the run, because that changes no more.
    """

    def __init__(self) -> None:
        self._waiting: dict[News, list[Future]] = {}
        self._failure: Exception | None = None

    def change(self, execution: ExecutionId | None, *, rests: bool = False) -> Future:
        """The next change of an execution, of any if None; with `rests` the next that leaves something waiting, or
        ends it. Ask for it before looking, then nothing is missed."""
        future: Future = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            future.set_exception(self._failure)
        else:
            self._waiting.setdefault(News(execution, rests), []).append(future)
        return future

    def forget(self, execution: ExecutionId | None, future: Future, *, rests: bool = False) -> None:
        """Nobody waits for this one any more."""
        if not future.cancel() and not future.cancelled():
            future.exception()  # if it failed, that has been seen
        news = News(execution, rests)
        waiting = self._waiting.get(news)
        if waiting is not None and future in waiting:
            waiting.remove(future)
            if not waiting:
                del self._waiting[news]

    @contextmanager
    def watching(self, execution: ExecutionId | None, *, rests: bool = False) -> Generator[Future]:
        """`change`, and whatever becomes of who waits, `forget`."""
        future = self.change(execution, rests=rests)
        try:
            yield future
        finally:
            self.forget(execution, future, rests=rests)

    def notify(self, execution: ExecutionId, *, rests: bool, ended: Run | None = None) -> None:
        """Something is new of this execution; `ended` is its run if that was the end."""
        if self._waiting:
            self._wake(News(execution), ended)
            self._wake(News(None), ended)
            if rests:
                self._wake(News(execution, rests=True), ended)

    def notify_any(self) -> None:
        """Something is new, of no execution in particular."""
        self._wake(News(None))

    def notify_all(self) -> None:
        """Something may be new of any."""
        for news in list(self._waiting):
            self._wake(news)

    def fail(self, error: Exception) -> None:
        """There will be no more news."""
        self._failure = error
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_exception(error)
        self._waiting.clear()

    def _wake(self, news: News, ended: Run | None = None) -> None:
        for future in self._waiting.pop(news, ()):
            if not future.done():
                future.set_result(ended)

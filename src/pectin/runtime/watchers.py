"""Who waits for news of an execution. Futures are made when somebody waits: a parked execution has none."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from itertools import chain

from pectin.core.identity import ExecutionId
from pectin.core.state import Run

Future = asyncio.Future[Run | None]
Waiting = dict[ExecutionId | None, list[Future]]


class Watchers:
    """Futures by the execution that is waited for (None: any): for every change of it, or only for those by which it
    comes to wait, or to its end. A notification is a hint: whoever wakes looks at the store.

    The news of an end brings the run, because that changes no more.
    """

    def __init__(self) -> None:
        self._changes: Waiting = {}
        self._rests: Waiting = {}
        self._failure: Exception | None = None

    def __len__(self) -> int:
        """How much is waited for."""
        return len(self._changes) + len(self._rests)

    def change(self, execution: ExecutionId | None, *, rests: bool = False) -> Future:
        """The next change of an execution, of any if None; with `rests` the next that leaves something waiting, or
        ends it. Ask for it before looking, then nothing is missed."""
        future: Future = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            future.set_exception(self._failure)
        else:
            (self._rests if rests else self._changes).setdefault(execution, []).append(future)
        return future

    def forget(self, execution: ExecutionId | None, future: Future, *, rests: bool = False) -> None:
        """Nobody waits for this one any more."""
        if not future.cancel() and not future.cancelled():
            future.exception()  # if it failed, that has been seen
        waiting = self._rests if rests else self._changes
        futures = waiting.get(execution)
        if futures is not None and future in futures:
            futures.remove(future)
            if not futures:
                del waiting[execution]

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
        if self._changes:
            _wake(self._changes, execution, ended)
            _wake(self._changes, None, ended)
        if rests and self._rests:
            _wake(self._rests, execution, ended)

    def notify_any(self) -> None:
        """Something is new, of no execution in particular."""
        if self._changes:
            _wake(self._changes, None)

    def notify_all(self) -> None:
        """Something may be new of any."""
        for waiting in (self._changes, self._rests):
            for execution in list(waiting):
                _wake(waiting, execution)

    def fail(self, error: Exception) -> None:
        """There will be no more news."""
        self._failure = error
        for waiting in (self._changes, self._rests):
            for future in chain.from_iterable(waiting.values()):
                if not future.done():
                    future.set_exception(error)
            waiting.clear()


def _wake(waiting: Waiting, execution: ExecutionId | None, ended: Run | None = None) -> None:
    for future in waiting.pop(execution, ()):
        if not future.done():
            future.set_result(ended)

"""Threads for synchronous functions.

A function that doesn't stop when its time is up can't be killed. Its thread is abandoned: it no longer counts, and
another takes its place. A pool of fixed size would run dry; daemon threads also don't keep the process from ending.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from pectin.ports.landing import resolve


class Threads:
    """Runs calls off the loop, each in a thread of its own while it runs. Idle threads are used again."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[Callable[[], None] | None]] = []
        self._lock = threading.Lock()
        self._closed = False

    def call(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        """A future of what the function returns or raises. Cancelling it abandons the call."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()

        def run() -> None:
            try:
                result, error = context.run(function), None
            except BaseException as problem:
                result, error = None, problem
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, result, error)

        self._queue().put(run)
        return future

    def close(self) -> None:
        """Let idle threads end; the others end after their call."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for queue in idle:
            queue.put(None)

    def _queue(self) -> SimpleQueue[Callable[[], None] | None]:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._work, args=(queue,), name="pectin", daemon=True).start()
        return queue

    def _work(self, queue: SimpleQueue[Callable[[], None] | None]) -> None:
        while (call := queue.get()) is not None:
            call()
            del call  # or an idle thread would keep its last result alive
            with self._lock:
                if self._closed:
                    return
                self._idle.append(queue)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if isinstance(error, StopIteration | GeneratorExit | KeyboardInterrupt):  # these mean something to a loop
        error = RuntimeError(f"the function raised {type(error).__name__}")
    resolve(future, error, result)

"""All deadlines of an engine in one heap, watched by one task: a timer per attempt would cost more than the step."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextvars import copy_context
from itertools import count

from pectin.ports.clock import Clock

SWEEP_AT = 1_000
"""Cancelled entries from which on the heap is swept, once they are the greater part of it."""


class Timer:
    """One entry: `call` is None once it has rung or was cancelled."""

    __slots__ = ("_timers", "at", "call")

    def __init__(self, timers: Timers, at: int, call: Callable[[], None]) -> None:
        self._timers = timers
        self.at = at
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Let its time pass without effect."""
        if self.call is not None:
            self.call = None
            self._timers.note_cancelled()


class Timers:
    """Calls functions at their times (milliseconds since the epoch), never early, in due order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, Timer]] = []
        self._numbers = count()
        self._cancelled = 0
        self._sleeper: asyncio.Task[None] | None = None
        self._sleeps_until = 0
        self._context = copy_context()  # that of whoever sets a timer is an application's

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, at: int, call: Callable[[], None]) -> Timer:
        """Call the function at this time."""
        timer = Timer(self, at, call)
        heapq.heappush(self._heap, (at, next(self._numbers), timer))
        if self._sleeper is None or at < self._sleeps_until:
            self._sleep()
        return timer

    def note_cancelled(self) -> None:
        """Sweep out cancelled entries when they are most of the heap: nearly every attempt ends before its timeout."""
        self._cancelled += 1
        if self._cancelled >= max(SWEEP_AT, len(self._heap) // 2):
            self._heap = [entry for entry in self._heap if entry[2].call is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def close(self) -> None:
        """Forget all of them."""
        self._heap.clear()
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None

    def _sleep(self) -> None:
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None
        while self._heap and self._heap[0][2].call is None:
            self._drop()
        if self._heap:
            self._sleeps_until = self._heap[0][0]
            self._sleeper = asyncio.get_running_loop().create_task(
                self._ring(self._sleeps_until), context=self._context.copy()
            )

    async def _ring(self, at: int) -> None:
        await self._clock.sleep_until(at)
        self._sleeps_until = 0  # what is called may set timers; this task looks at them afterwards
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            timer = self._drop()
            if timer.call is not None:
                call, timer.call = timer.call, None
                call()
        self._sleeper = None
        self._sleep()

    def _drop(self) -> Timer:
        timer = heapq.heappop(self._heap)[2]
        if timer.call is None:
            self._cancelled -= 1
        return timer

"""When executions are woken: at their times, and when another process has changed them.

Executions at work have an alarm each, in memory. All others stand in the store's agenda, of which only the next due
time is known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol

from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.work import next_wake
from pectin.ports.clock import Clock
from pectin.ports.host import Host
from pectin.ports.store import OWNED, Store, StoreBroken, StoreError
from pectin.runtime.timers import Timer, Timers

log = logging.getLogger("pectin.engine")

CLAIM_AT_ONCE = 64
TRY_AGAIN_MS = 1_000


class Waker(Protocol):
    """Who wakes executions: the engine."""

    def left_alone(self) -> int:
        """How many executions are in quarantine: they stay in the agenda, and nobody takes them out."""
        ...

    def is_news(self, execution: ExecutionId) -> bool:
        """Whether to wake one that the store says is due."""
        ...

    async def wake(self, execution: ExecutionId) -> bool:
        """Wake it. False if it could not be woken."""
        ...

    def changed_elsewhere(self) -> None:
        """Another process has written."""
        ...

    def make_round(self) -> None:
        """Look whether anybody is stranded: it is time."""
        ...

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside what is going on."""
        ...

    def fail(self, problem: Exception) -> None:
        """The store can't be used any more."""
        ...


class Agenda:
    """Wakes executions of these workflows (ids) under this fence."""

    def __init__(
        self,
        store: Store,
        fence: int,
        workflows: frozenset[str],
        *,
        host: Host,
        clock: Clock,
        timers: Timers,
        waker: Waker,
        look_anyway_ms: int,
    ) -> None:
        self._store = store
        self._host = host
        self._fence = fence
        self._workflows = workflows
        self._clock = clock
        self._timers = timers
        self._waker = waker
        self._look_anyway_ms = look_anyway_ms
        self._looked_at = clock.now()
        self._alarms: dict[ExecutionId, Timer] = {}
        self._due: Timer | None = None
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Wake what is due, and look out for more from now on."""
        self._store.changed()
        await self.claim()
        self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    def note(self, execution: ExecutionId, run: Run, due: int | None, now: int) -> None:
        """Expect an execution at its time: by its own alarm while it is owned, else by the store's agenda."""
        if due is not None and due != OWNED:
            self._expect(due)
        self._set_alarm(execution, next_wake(run, now) if due == OWNED else None)

    def try_again(self, execution: ExecutionId) -> None:
        """Wake an execution once more in a while: the store could not be used."""
        self._set_alarm(execution, self._clock.now() + TRY_AGAIN_MS)

    async def claim(self) -> None:
        """Wake everything that is due, and learn when the next is."""
        try:
            now = self._clock.now()
            while await self._claim_some(now):
                now = self._clock.now()
            due = await self._store.next_due(now, self._workflows)  # also what came due since
        except StoreBroken as broken:
            self._waker.fail(broken)
        except StoreError as problem:
            log.warning("can't look for what is due: %s; trying again", problem)
            self._expect(self._clock.now() + TRY_AGAIN_MS)
        else:
            if due is not None:
                self._expect(due)

    async def _claim_some(self, now: int) -> bool:
        """Wake what is due by `now`. Whether there may be more."""
        limit = CLAIM_AT_ONCE + self._waker.left_alone()
        claimed = await self._store.claim(now, self._fence, self._workflows, limit)
        fresh = [execution for execution in claimed if self._waker.is_news(execution)]
        woken = await asyncio.gather(*map(self._waker.wake, fresh))
        return len(claimed) == limit and any(woken)

    async def _look(self) -> None:
        while True:
            try:
                await self._host.look_out(self._store)
                changed = self._store.changed()
            except StoreBroken as broken:
                self._waker.fail(broken)
                return
            except Exception as problem:
                if not isinstance(problem, StoreError):
                    log.exception("can't look what others wrote")
                await asyncio.sleep(TRY_AGAIN_MS / 1000)
                changed = True  # nobody knows: look
            is_time = self._is_time_to_look()
            if changed or is_time:
                await self._see()
            if is_time:
                self._waker.make_round()

    def _is_time_to_look(self) -> bool:
        """Whether to look though nobody told us: a hint may be lost, and must strand nobody. A clock that was set back
        starts anew."""
        now = self._clock.now()
        if self._looked_at <= now < self._looked_at + self._look_anyway_ms:
            return False
        self._looked_at = now
        return True

    async def _see(self) -> None:
        """See to what another process wrote; a look that is cancelled doesn't cut that off."""
        done = asyncio.Event()
        self._waker.spawn(self._claim_and_tell(done))
        await done.wait()

    async def _claim_and_tell(self, done: asyncio.Event) -> None:
        try:
            await self.claim()
        finally:
            done.set()
        self._waker.changed_elsewhere()

    def _set_alarm(self, execution: ExecutionId, at: int | None) -> None:
        alarm = self._alarms.get(execution)
        if alarm is not None and alarm.at != at:
            alarm.cancel()
            del self._alarms[execution]
            alarm = None
        if at is not None and alarm is None:
            self._alarms[execution] = self._timers.set(at, partial(self._ring, execution))

    def _ring(self, execution: ExecutionId) -> None:
        del self._alarms[execution]
        self._waker.spawn(self._waker.wake(execution))

    def _expect(self, due: int) -> None:
        if self._due is None or due < self._due.at:
            if self._due is not None:
                self._due.cancel()
            self._due = self._timers.set(due, self._come_due)

    def _come_due(self) -> None:
        self._due = None
        self._waker.spawn(self.claim())

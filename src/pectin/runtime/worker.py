"""Runs attempts: so many at once, each until it ends, its time is up, or nobody wants it any more.

An async function that must stop is cancelled; a sync one can only be abandoned, and is told by `ctx.heartbeat()`.
Either way the attempt no longer counts: what it still says is recorded as late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Literal

import msgspec

from pectin.core.command import Complete
from pectin.core.event import AnyEvent, AttemptFailed, DoubtResolved, NodeCancelled, NodeCompleted, NodeFailed
from pectin.core.identity import ExecutionId
from pectin.ports.clock import Clock
from pectin.ports.context import Stop
from pectin.ports.host import Host
from pectin.runtime.attempt import Attempt
from pectin.runtime.report import Report, Reporter, Said
from pectin.runtime.slots import Slots
from pectin.runtime.timers import Timer, Timers

Name = tuple[ExecutionId, str, int]
Unwanted = Literal["cancelled", "timeout", "drain"]

ABANDON_AFTER_MS = 1_000
"""How long a cancelled async function may take to stop before its attempt is given up."""


def _abandon(task: asyncio.Task[None]) -> None:
    """Let the process end although a function goes on: `asyncio.run` waits for every task that it knows."""
    asyncio._unregister_task(task)  # pyright: ignore[reportPrivateUsage]
    task._log_destroy_pending = False  # type: ignore[attr-defined]


class Running(msgspec.Struct, eq=False):
    """An attempt on this worker; it is `called` once its function is. `unwanted` says why its result no longer counts,
    if it doesn't; it is `given_up` once its slot is free although its function goes on. Its time is up at `until`, and
    `timer` is for giving it up."""

    attempt: Attempt
    until: int | None
    called: bool = False
    unwanted: Unwanted | None = None
    given_up: bool = False
    timer: Timer | None = None
    task: asyncio.Task[None] | None = None


class Worker:
    """Runs what has a slot. What comes of each attempt is told to `tell`, and what is late after that once more.

    `freed` is called when a slot is free although nothing was reported. `cut` are the attempts that were cut off
    without an outcome when the worker was drained, by activation.
    """

    def __init__(
        self,
        host: Host,
        slots: Slots,
        clock: Clock,
        timers: Timers,
        reporter: Reporter,
        *,
        tell: Callable[[Report], None],
        freed: Callable[[], None],
    ) -> None:
        self._host = host
        self._slots = slots
        self._clock = clock
        self._timers = timers
        self._reporter = reporter
        self._tell = tell
        self._freed = freed
        self._running: dict[Name, Running] = {}
        self._asking = 0
        self._alarm: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self.cut: dict[ExecutionId, dict[str, int]] = {}
        self._loop = asyncio.get_running_loop()

    def launch(self, attempt: Attempt) -> None:
        """Run an attempt whose begin is committed. Its slot is taken."""
        if self._draining:
            self._cut(attempt)
            self._slots.release()
            return
        until = None if attempt.timeout_ms is None else self._clock.now() + attempt.timeout_ms
        running = Running(attempt, until)
        name = attempt.name
        self._running[name] = running
        self._asking += attempt.asks
        if until is not None:
            self._expect(until)
        running.task = self._loop.create_task(self._run(name, running))
        self._tasks.add(running.task)

    def may_stop(self, kinds: set[type[AnyEvent]]) -> bool:
        """Whether events of these kinds can make an end of something that runs here."""
        return self._asking > 0 or NodeCancelled in kinds

    def runs(self, execution: ExecutionId) -> bool:
        """Whether an attempt of this execution runs here."""
        return any(name[0] == execution for name in self._running)

    def stop_what_is_over(self, execution: ExecutionId, event: AnyEvent) -> bool:
        """Stop the attempt, or the asking about one in doubt, that an event has made an end of. False if such an
        attempt doesn't run here."""
        if isinstance(event, NodeCancelled) and event.attempt:
            return self.stop(execution, event.activation, event.attempt)
        if self._asking:
            if isinstance(event, NodeCompleted | NodeFailed | AttemptFailed):
                self.stop(execution, event.activation, -event.attempt)  # its own outcome: ask nobody
            elif isinstance(event, DoubtResolved) or (isinstance(event, NodeCancelled) and event.in_doubt):
                self.stop_asking(execution, event.activation)
        return True

    def stop(self, execution: ExecutionId, activation: str, number: int) -> bool:
        """Ask an attempt to stop: its activation was cancelled. False if it doesn't run here."""
        name = (execution, activation, number)
        running = self._running.get(name)
        if running is not None and running.unwanted is None:
            self._unwant(running, "cancelled")
            self._abandon_later(name, running)
        return running is not None

    def stop_asking(self, execution: ExecutionId, activation: str) -> None:
        """Ask no more whether an attempt of this activation has happened."""
        for name in [name for name in self._running if name[:2] == (execution, activation) and name[2] < 0]:
            self.stop(*name)

    def beat(self, execution: ExecutionId, activation: str, number: int) -> None:
        """What `ctx.heartbeat()` does in an attempt: raise `Stop` if nobody wants it any more."""
        running = self._running.get((execution, activation, number))
        if running is None or running.unwanted is not None or running.given_up:
            raise Stop

    async def drain(self, patience_seconds: float) -> None:
        """Launch nothing more, let what runs end and report it, and cut off what doesn't end."""
        self._draining = True
        abandoned = {running.task for running in self._running.values() if running.given_up}
        if patience_seconds > 0 and (tasks := self._tasks - abandoned):
            await asyncio.wait(tasks, timeout=patience_seconds)
        for running in self._running.values():
            if running.task is not None:
                running.task.cancel()
            if not running.given_up and running.unwanted != "cancelled":
                running.unwanted = "drain"
                self._cut(running.attempt)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=ABANDON_AFTER_MS / 1000)
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0)
        for task in self._tasks:
            _abandon(task)
        self._host.close()

    def _cut(self, attempt: Attempt) -> None:
        self.cut.setdefault(attempt.execution, {})[attempt.activation] = attempt.number

    # -- one attempt ------------------------------------------------------------------------------------------

    async def _run(self, name: Name, running: Running) -> None:
        attempt = running.attempt
        said: Said | None = None
        late: Said | None = None
        try:
            said = await self._call(running)
            if running.unwanted == "timeout" and not running.given_up:  # it answered the cancel, not the question
                late = said if isinstance(said, Complete) else None
                said = self._reporter.timed_out(attempt, abandoned=False)
        except (asyncio.CancelledError, Stop):
            said = self._cut_off(running)
        finally:
            self._end(name, running)
        if attempt.asks and (running.given_up or running.unwanted == "cancelled"):
            self._freed()  # nobody wants an answer any more
            return
        if said is not None:
            self._tell(self._reporter.report(attempt, said, late))

    def _end(self, name: Name, running: Running) -> None:
        """Forget an attempt whose function is done."""
        assert running.task is not None
        self._tasks.discard(running.task)
        self._asking -= running.attempt.asks
        if running.timer is not None:
            running.timer.cancel()
        if self._running.get(name) is running:
            del self._running[name]
        if not running.given_up:
            self._slots.release()

    async def _call(self, running: Running) -> Said:
        attempt = running.attempt
        if running.unwanted is not None:
            raise asyncio.CancelledError
        running.called = True
        request, attempt.request = attempt.request, None
        assert request is not None, "an attempt is made once"
        try:
            called = self._host.call(attempt.function, request)
            del request
            return self._reporter.concluded(attempt, await called)
        except (asyncio.CancelledError, Stop, KeyboardInterrupt):
            raise
        except BaseException as error:  # whatever a function raises is an outcome, or its execution would hang
            if not self._loop.is_running():  # nobody raised it: the loop is gone, and this coroutine is taken apart
                raise
            return self._reporter.raised(attempt, error)

    # -- attempts that must end -------------------------------------------------------------------------------

    def _expect(self, until: int) -> None:
        """Look at the times of all attempts then. One alarm for all: nearly every attempt ends before its time."""
        if self._alarm is not None:
            if self._alarm.at <= until:
                return
            self._alarm.cancel()
        self._alarm = self._timers.set(until, self._look_at_times)

    def _look_at_times(self) -> None:
        self._alarm = None
        now = self._clock.now()
        times = sorted((running.until, name) for name, running in self._running.items() if running.until is not None)
        for until, name in times:
            if until > now:
                self._expect(until)
                break
            self._time_out(name)

    def _cut_off(self, running: Running) -> Said | None:
        """What is said of an attempt that stopped without a result."""
        attempt = running.attempt
        if self._draining and not attempt.function.is_async:
            return None  # nobody knows: its thread goes on
        if running.given_up or running.unwanted == "cancelled":
            return self._reporter.stopped(attempt)
        if running.unwanted == "timeout":
            return self._reporter.timed_out(attempt, abandoned=False)
        if running.unwanted == "drain":
            return None
        return self._reporter.cancelled_itself(attempt)

    def _time_out(self, name: Name) -> None:
        running = self._running.get(name)
        if running is None or running.unwanted is not None:
            return
        self._unwant(running, "timeout")
        if running.attempt.function.is_async:
            self._abandon_later(name, running)
        else:
            self._give_up(name)

    def _abandon_later(self, name: Name, running: Running) -> None:
        if running.timer is not None:
            running.timer.cancel()
        running.timer = self._timers.set(self._clock.now() + ABANDON_AFTER_MS, partial(self._give_up, name))

    def _unwant(self, running: Running, why: Unwanted) -> None:
        running.unwanted = why
        # A task that is cancelled before it runs never does, and would say nothing of it: `_call` sees to that.
        if running.attempt.function.is_async and running.called and running.task is not None:
            running.task.cancel()

    def _give_up(self, name: Name) -> None:
        """Its slot is free although the function goes on; its result will be late. A timeout is reported now."""
        running = self._running.get(name)
        if running is None or running.given_up:
            return
        running.given_up = True
        self._slots.release()
        if running.unwanted == "timeout":
            said = self._reporter.timed_out(running.attempt, abandoned=True)
            self._tell(self._reporter.report(running.attempt, said))
        else:
            self._freed()

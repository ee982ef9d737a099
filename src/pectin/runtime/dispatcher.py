"""The dispatcher: it obeys what was decided, and carries what comes of it to the next decision.

It stands between the service, which decides and commits, the worker, which runs attempts, and the agenda, which says
what is due. Whatever it is told, it acts only on what is durable.
"""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pectin.core.command import AnyCommand, Complete, Fail, Interrupt, Stopped, Wake
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent, ExecutionEnded, ExecutionPaused, NodeCancelled, NodeWaiting
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.ports.clock import Clock
from pectin.ports.function import Functions
from pectin.ports.store import AlreadySettled, Store, StoreBroken, StoreError
from pectin.runtime.agenda import Agenda
from pectin.runtime.attempt import Attempt, begun_attempts, missing_functions
from pectin.runtime.error import EngineStopped
from pectin.runtime.held import Held
from pectin.runtime.programs import Programs
from pectin.runtime.service import Service
from pectin.runtime.slots import Slots
from pectin.runtime.timers import Timers
from pectin.runtime.watchers import Watchers
from pectin.runtime.worker import Worker

T = TypeVar("T")
log = logging.getLogger("pectin.engine")

RESTING = (NodeWaiting, ExecutionPaused, ExecutionEnded)
"""The events after which an execution may have come to rest."""

REPORT_AGAIN_SECONDS = 0.05
REPORT_AGAIN_SECONDS_MAX = 5.0


class Dispatcher:
    """What one engine has at work: the `Owner` of its service and the `Waker` of its agenda."""

    def __init__(
        self,
        store: Store,
        fence: int,
        programs: Programs,
        functions: Functions,
        *,
        workflows: frozenset[str],
        slots: int,
        clock: Clock,
        limits: Limits,
        watchers: Watchers,
    ) -> None:
        self.store = store
        self.fence = fence
        self.name = f"engine-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.clock = clock
        self.limits = limits
        self.watchers = watchers
        self.service = Service(store, programs, limits, owner=self)
        self.quarantined: dict[ExecutionId, Exception] = {}
        self._functions = functions
        self._unable: dict[str, frozenset[str]] = {}
        self._slots = Slots(slots)
        self._timers = Timers(clock)
        self._worker = Worker(self._slots, clock, self._timers, limits, self._report, self._assign_slots)
        self._agenda = Agenda(store, fence, workflows, clock, self._timers, self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reports = 0
        self._leaving = False
        self._gone = False
        self._failure: Exception | None = None

    async def open(self) -> None:
        """Go on with what is due, and look out for more."""
        await self._agenda.open()

    async def close(self, patience_seconds: float) -> None:
        """Begin nothing more, let attempts end for so long, and hand back those that don't."""
        self._leaving = True
        await self._agenda.close()
        await self._worker.drain(patience_seconds)
        while self._tasks:
            await asyncio.wait(self._tasks)
        try:
            if self._failure is None:
                await self._hand_back()
        finally:
            self._gone = True
            self._timers.close()
            self.watchers.fail(EngineStopped("the engine was stopped"))

    async def _hand_back(self) -> None:
        """Give up the attempts that were cut off. The next engine finds them too, but then as a crash's."""
        for execution, attempts in self._worker.cut.items():
            command = Interrupt(at=self.clock.now(), reason="the engine stopped", attempts=attempts)
            try:
                await self.service.handle(execution, command)
            except PectinError as problem:
                log.warning("%s: can't be handed back: %s", execution, problem)

    # -- what the application asks ----------------------------------------------------------------------------

    def check(self) -> None:
        """Raise if the engine no longer runs."""
        if self._failure is not None:
            raise EngineStopped(f"the engine has stopped: {self._failure}") from self._failure
        if self._leaving:
            raise EngineStopped("the engine was stopped")

    async def see_through(self, command: Coroutine[Any, Any, T]) -> T:
        """Do what a caller asked, also when the caller gives up waiting: what it commits must be obeyed."""
        try:
            return await asyncio.shield(self._begin(command))
        except (StoreBroken, EngineStopped) as broken:
            self.fail(broken)
            raise

    async def idle(self) -> None:
        """Return when nothing is at work any more: every execution has ended, or waits."""
        while True:
            self.check()
            if not self._is_busy():
                await self._agenda.claim()
                if not self._is_busy():
                    return
            with self.watchers.watching(None) as change:
                await change

    def _is_busy(self) -> bool:
        return bool(self.service.held or self._slots or self._tasks or self._reports)

    # -- what the service asks --------------------------------------------------------------------------------

    def free(self, command: AnyCommand) -> int:
        """How many attempts this command may begin."""
        return 0 if self._leaving else self._slots.offer(command)

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function this application doesn't have."""
        unable = self._unable.get(program.hash)
        if unable is None:
            missing = missing_functions(program, self._functions)
            if missing:
                names = ", ".join(f"`{name}`" for name in missing.values())
                log.warning("%s %s: no function %s here", program.definition.id, program.definition.version, names)
            unable = self._unable[program.hash] = frozenset(missing)
        return unable

    def decided(self, execution: ExecutionId, held: Held, events: list[AnyEvent]) -> Callable[[bool], None]:
        """Reserve slots for what these events begin, and obey them once they are durable."""
        begun = begun_attempts(held.program, held.run, execution, events, self._functions, self._worker.beat)
        self._slots.take(len(begun))

        def settle(durable: bool) -> None:
            if durable:
                self._obey(execution, held, events, begun)
            else:
                self._slots.release(len(begun))

        return settle

    def _obey(self, execution: ExecutionId, held: Held, events: list[AnyEvent], begun: list[Attempt]) -> None:
        for event in events:
            if isinstance(event, NodeCancelled) and event.attempt:
                self._worker.stop(execution, event.activation, event.attempt)
        for attempt in begun:
            self._worker.launch(attempt)
        self._note(execution, held)
        ended = any(isinstance(event, ExecutionEnded) for event in events)
        rests = ended or any(isinstance(event, RESTING) for event in events)
        self.watchers.notify(execution, rests=rests, ended=held.run if ended else None)
        self._assign_slots()

    def _note(self, execution: ExecutionId, held: Held) -> None:
        """Remember what this execution still wants: a slot, or to be woken at a time."""
        if held.wants_slot(self.clock.now()):
            self._slots.queue(execution)
        else:
            self._slots.leave(execution)
        self._agenda.note(execution, held.run, held.due)

    def _assign_slots(self) -> None:
        """Give free slots to executions that wait for one."""
        if not self._leaving:
            for execution in self._slots.promise():
                self.spawn(self._give_slot(execution))

    async def _give_slot(self, execution: ExecutionId) -> None:
        try:
            await self.wake(execution)
        finally:
            self._slots.redeem()
        self._assign_slots()

    # -- what the worker reports ------------------------------------------------------------------------------

    async def _report(self, execution: ExecutionId, command: Complete | Fail | Stopped) -> None:
        self._reports += 1
        try:
            await self._record(execution, command)
        finally:
            self._reports -= 1
            self.watchers.notify_any()
        self._assign_slots()

    async def _record(self, execution: ExecutionId, command: Complete | Fail | Stopped) -> None:
        """A report is not given up while the store can't write: it is the only trace of what was done."""
        pause_seconds = REPORT_AGAIN_SECONDS
        while self._failure is None and not self._gone:
            try:
                await self.service.handle(execution, command)
                return
            except Exception as problem:
                if not self._is_passing(execution, problem):
                    return
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, REPORT_AGAIN_SECONDS_MAX)

    # -- what the agenda asks ---------------------------------------------------------------------------------

    async def wake(self, execution: ExecutionId) -> bool:
        """Let pass what is due of an execution, begin what is ready, and stop what nobody wants any more."""
        try:
            held = (await self.service.handle(execution, Wake(at=self.clock.now()))).held
            for activation, attempts in list(held.run.stopping.items()):
                for attempt in list(attempts):
                    if not self._worker.stop(execution, activation, attempt):
                        stopped = Stopped(at=self.clock.now(), activation=activation, attempt=attempt)
                        held = (await self.service.handle(execution, stopped)).held
            self._note(execution, held)
        except Exception as problem:
            if self._is_passing(execution, problem):
                self._agenda.try_again(execution)
            return False
        return True

    def is_news(self, execution: ExecutionId) -> bool:
        """Whether to wake one that the store says is due: then what we hold of it is stale."""
        if execution in self.quarantined:
            return False
        held = self.service.held.get(execution)
        if held is not None and not held.in_flight:  # else what is in flight finds out, and it is loaded anew
            self.service.forget(execution)
        return True

    def left_alone(self) -> int:
        """How many executions stay in the agenda for good."""
        return len(self.quarantined)

    def changed_elsewhere(self) -> None:
        """Another process wrote, and nobody knows what."""
        self.watchers.notify_all()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside what is going on; the engine doesn't stop before it is done."""
        self._begin(work).add_done_callback(_log_failure)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self.watchers.notify_any()

    # -- trouble ----------------------------------------------------------------------------------------------

    def _is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """Whether it may go better next time. If not, the engine stops, or leaves this execution alone."""
        match problem:
            case StoreBroken() | EngineStopped():
                self.fail(problem)
            case StoreError() if not isinstance(problem, AlreadySettled):
                log.warning("%s: the store can't be used: %s; trying again", execution, problem)
                return True
            case _:
                self._quarantine(execution, problem)
        return False

    def _quarantine(self, execution: ExecutionId, problem: Exception) -> None:
        """Leave this one alone; the others go on."""
        if execution not in self.quarantined:
            ours = None if isinstance(problem, PectinError) else problem
            log.error("%s is left alone: %s", execution, problem, exc_info=ours)
            self.quarantined[execution] = problem
        self._slots.leave(execution)
        self.service.forget(execution)
        self.watchers.notify(execution, rests=True)

    def fail(self, problem: Exception) -> None:
        """The store can't be trusted any more, or is another's: stop working on it."""
        if self._failure is None:
            log.error("the engine stops: %s", problem)
            self._failure = problem
            self.watchers.fail(EngineStopped(f"the engine has stopped: {problem}"))


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an error of the engine itself", exc_info=error)

"""The engine: one process that owns a store, begins what is ready, and wakes what is due.

What is at work is in memory; what waits is a row in the store and nothing else. The engine learns of it by three ways:
its own commits, the clock, and a look at whether another process wrote (every 10 ms, a few microseconds each).
"""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections.abc import Coroutine, Sequence
from functools import partial
from itertools import chain, islice
from types import TracebackType
from typing import Any, Self, TypeVar

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.core.command import AnyCommand, Complete, Fail, Stopped, Wake
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent, ExecutionEnded, ExecutionPaused, NodeCancelled, NodeWaiting
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.core.program import Program
from pectin.ports.clock import Clock
from pectin.ports.store import AlreadySettled, Store, StoreBroken, StoreError
from pectin.runtime.agenda import Agenda
from pectin.runtime.attempt import begun_attempts, missing_functions
from pectin.runtime.clock import SystemClock
from pectin.runtime.default_store import default_store
from pectin.runtime.error import EngineStopped, NotFound
from pectin.runtime.execution import Execution
from pectin.runtime.programs import Programs
from pectin.runtime.service import Held, Owner, Service
from pectin.runtime.starting import start_execution
from pectin.runtime.timers import Timers
from pectin.runtime.watchers import Watchers
from pectin.runtime.worker import Worker
from pectin.store import open_store

S = TypeVar("S")
T = TypeVar("T")
log = logging.getLogger("pectin.engine")

RESTING = (NodeWaiting, ExecutionPaused, ExecutionEnded)
FAIR_EVERY = 64
"""Every so many offers, an execution that could go on leaves its slot to one that has waited for one."""


class Engine:
    """Runs the given workflows' executions on a store, as an async context manager.

    `store` is a path, a store URL or a `Store`; None is the default store. `slots` bounds how many attempts run at
    once. Raises `StoreBusy` if another engine has the store, and `DefinitionError` for a broken workflow.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | Store | None = None,
        *,
        workflows: Sequence[Workflow[Any]] = (),
        slots: int = 256,
        clock: Clock | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._given_store = store
        self._workflows = workflows
        self._slots = slots
        self.clock = clock or SystemClock()
        self.limits = limits
        self._hungry: dict[ExecutionId, None] = {}
        self._unable_to: dict[str, frozenset[str]] = {}
        self.quarantined: dict[ExecutionId, Exception] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._feeding = 0
        self._offers = 0
        self._leaving = False
        self._gone = False
        self._failure: Exception | None = None
        self.watchers = Watchers()

    # -- opening and closing ----------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        blueprints = [workflow.build() for workflow in self._workflows]
        self._functions = Registry(blueprints)
        self.blueprints: dict[str, Blueprint[Any]] = {b.definition.id: b for b in blueprints}
        given = default_store() if self._given_store is None else self._given_store
        self._owns_store = isinstance(given, str | os.PathLike)
        self.store: Store = open_store(given) if isinstance(given, str | os.PathLike) else given
        try:
            await self._open()
        except BaseException:
            if self._owns_store:
                await self.store.close()
            raise
        return self

    async def _open(self) -> None:
        fence = await self.store.take()
        programs = Programs(self.store)
        for blueprint in self.blueprints.values():
            await programs.publish(blueprint.program)
        self._timers = Timers(self.clock)
        name = f"engine-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._worker = Worker(self._slots, self.clock, self._timers, self.limits, self._report, self._feed)
        self.service = Service(self.store, programs, self.clock, self.limits)
        self.service.owner = Owner(fence, name, self._free, self._unable, self._decided)
        self._agenda = Agenda(self.store, fence, frozenset(self.blueprints), self.clock, self._timers, self)
        await self._agenda.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(patience_seconds=self.limits.stop_grace_ms / 1000 if kind is None else 0)

    async def stop(self, *, patience_seconds: float) -> None:
        """Begin nothing more, let attempts end for so long, hand back those that don't, and let the store go."""
        if self._leaving:
            return
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
            if self._owns_store:
                await self.store.close()

    async def _hand_back(self) -> None:
        """Give up the attempts that were cut off. The next engine finds them too, but then as a crash's."""
        for execution, attempts in self._worker.cut.items():
            try:
                await self.service.hand_back(execution, attempts, "the engine stopped")
            except PectinError as problem:
                log.warning("%s: can't be handed back: %s", execution, problem)

    # -- what an application asks -----------------------------------------------------------------------------

    async def start(
        self,
        workflow: Workflow[S],
        input: S | dict[str, Any] | None = None,
        *,
        key: str | None = None,
        by: str | None = None,
        restart: bool = False,
    ) -> Execution[S]:
        """Start an execution, durably: when this returns, it will run to its end.

        With a `key`, starting again with the same input returns the same execution, whatever became of it, and another
        input raises `CommandRefused`. `restart` makes a new one once the old has ended. Raises `BadInput`.
        """
        self.check()
        blueprint: Blueprint[S] = self._blueprint(workflow)
        execution = await self.see_through(start_execution(self, blueprint, input, key=key, by=by, restart=restart))
        return Execution(self, blueprint, execution)

    async def execution(self, id: ExecutionId | str, workflow: Workflow[S]) -> Execution[S]:
        """An execution of this workflow that was started before; raises `NotFound`."""
        self.check()
        blueprint: Blueprint[S] = self._blueprint(workflow)
        execution = id if isinstance(id, ExecutionId) else ExecutionId.parse(id)
        of = (await self.service.read(execution)).run.workflow_id
        if of != workflow.id:
            raise NotFound(f"{execution} is not of the workflow `{workflow.id}` but of `{of}`")
        return Execution(self, blueprint, execution)

    async def idle(self) -> None:
        """Return when nothing is at work any more: every execution has ended, or waits."""
        while True:
            self.check()
            if not self._is_busy():
                await self._agenda.claim()
                if not self._is_busy():
                    return
            await self.watchers.any_change()

    def _is_busy(self) -> bool:
        return bool(self.service.held or self._hungry or self._tasks)

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

    def _blueprint(self, workflow: Workflow[S]) -> Blueprint[S]:
        blueprint = self.blueprints.get(workflow.id)
        if blueprint is None:
            raise PectinError(f"this engine does not have the workflow `{workflow.id}`; give it in `workflows=`")
        return blueprint

    # -- work -------------------------------------------------------------------------------------------------

    def _free(self, command: AnyCommand) -> int:
        """How many slots a command may take. Those that `_feed` has promised are for the wakes that it sent."""
        if self._leaving:
            return 0
        if isinstance(command, Wake):
            return max(self._worker.free, 0)
        self._offers += 1
        if self._hungry and self._offers % FAIR_EVERY == 0:
            return 0
        return max(self._worker.free - self._feeding, 0)

    def _unable(self, program: Program) -> frozenset[str]:
        unable = self._unable_to.get(program.hash)
        if unable is None:
            missing = missing_functions(program, self._functions)
            if missing:
                names = ", ".join(f"`{name}`" for name in missing.values())
                log.warning("%s %s: no function %s here", program.definition.id, program.definition.version, names)
            unable = self._unable_to[program.hash] = frozenset(missing)
        return unable

    def _decided(self, execution: ExecutionId, held: Held, events: list[AnyEvent]) -> Any:
        begun = begun_attempts(held.program, held.run, execution, events, self._functions, self._worker.beat)
        self._worker.reserve(len(begun))
        return partial(self._settled, execution, held, events, begun)

    def _settled(
        self, execution: ExecutionId, held: Held, events: list[AnyEvent], begun: list[Any], durable: bool
    ) -> None:
        """Obey what was decided, now that it is durable."""
        if not durable:
            self._worker.reserve(-len(begun))
            return
        for event in events:
            if isinstance(event, NodeCancelled) and event.attempt:
                self._worker.stop(execution, event.activation, event.attempt)
        for attempt in begun:
            self._worker.launch(attempt)
        self._note(execution, held)
        self.watchers.notify(execution, rests=any(isinstance(event, RESTING) for event in events))
        self._feed()

    def _note(self, execution: ExecutionId, held: Held) -> None:
        """Remember what this execution still wants: a slot, or to be woken at a time."""
        run, now = held.run, self.clock.now()
        wanting = chain(run.ready, (name for name, until in run.backoff.items() if until <= now))
        if any(run.activations[name].node not in held.unable for name in wanting):
            self._hungry[execution] = None
        else:
            self._hungry.pop(execution, None)
        self._agenda.note(execution, run, held.due)

    def _feed(self) -> None:
        """Give free slots to executions that wait for one, the longest waiting first."""
        free = self._worker.free - self._feeding
        if self._hungry and free > 0 and not self._leaving:
            for execution in list(islice(self._hungry, free)):
                del self._hungry[execution]
                self._feeding += 1
                self.spawn(self._give_slot(execution))

    async def _give_slot(self, execution: ExecutionId) -> None:
        try:
            await self.wake(execution)
        finally:
            self._feeding -= 1
        self._feed()

    async def _report(self, execution: ExecutionId, command: Complete | Fail | Stopped) -> None:
        """A worker's report is not given up while the store can't write; it is the only trace of what was done."""
        pause = 0.05
        while self._failure is None and not self._gone:
            try:
                await self.service.handle(execution, command)
                break
            except (StoreBroken, EngineStopped) as broken:
                self.fail(broken)
            except AlreadySettled as problem:
                self._quarantine(execution, problem)
                break
            except StoreError as problem:
                log.warning("%s: can't record %s: %s; trying again", execution, command.activation, problem)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            except Exception as problem:
                self._quarantine(execution, problem)
                break
        self._feed()

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
            return True
        except (StoreBroken, EngineStopped) as broken:
            self.fail(broken)
        except AlreadySettled as problem:
            self._quarantine(execution, problem)
        except StoreError as problem:
            log.warning("%s: can't be woken: %s; trying again", execution, problem)
            self._agenda.try_again(execution)
        except Exception as problem:
            self._quarantine(execution, problem)
        return False

    def is_news(self, execution: ExecutionId) -> bool:
        """Whether to wake one that the store says is due: then what we hold of it is stale."""
        if execution in self.quarantined:
            return False
        held = self.service.held.get(execution)
        if held is not None and not held.in_flight:  # else what is in flight finds out, and it is loaded anew
            del self.service.held[execution]
        return True

    def left_alone(self) -> int:
        """How many executions stay in the agenda for good."""
        return len(self.quarantined)

    def changed_elsewhere(self) -> None:
        """Another process wrote, and nobody knows what."""
        self.watchers.notify_all()

    # -- trouble ----------------------------------------------------------------------------------------------

    def _quarantine(self, execution: ExecutionId, problem: Exception) -> None:
        """Leave this one alone; the others go on."""
        if execution not in self.quarantined:
            ours = None if isinstance(problem, PectinError) else problem
            log.error("%s is left alone: %s", execution, problem, exc_info=ours)
            self.quarantined[execution] = problem
        self._hungry.pop(execution, None)
        self.service.held.pop(execution, None)
        self.watchers.notify(execution, rests=True)

    def fail(self, problem: Exception) -> None:
        """The store can't be trusted any more, or is another's: stop working on it."""
        if self._failure is None:
            log.error("the engine stops: %s", problem)
            self._failure = problem
            self.watchers.fail(EngineStopped(f"the engine has stopped: {problem}"))

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


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an error of the engine itself", exc_info=error)

"""The dispatcher: it obeys what was decided, and carries what comes of it to the next decision.

It stands between the service, which decides and commits, the worker, which runs attempts, and the agenda, which says
what is due. Whatever it is told, it acts only on what is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pectin.core.chain import Keyring
from pectin.core.command import AnyCommand, Interrupt, Stopped, Wake
from pectin.core.definition import Json
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent, CallParked, DoubtLeft, DoubtRaised, ExecutionEnded, ExecutionPaused, NodeWaiting
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.ports.clock import Clock
from pectin.ports.function import Functions
from pectin.ports.host import Host
from pectin.ports.store import OWNED, AlreadySettled, Commit, Damaged, Store, StoreBroken, StoreError
from pectin.runtime.agenda import TRY_AGAIN_MS, Agenda
from pectin.runtime.attempt import Ability, Attempt, begun_attempts
from pectin.runtime.call import find_function
from pectin.runtime.error import ChildNotRegistered, EngineStopped
from pectin.runtime.held import Held
from pectin.runtime.post import Post
from pectin.runtime.programs import Programs
from pectin.runtime.recorder import Recorder
from pectin.runtime.report import Reporter
from pectin.runtime.service import Service
from pectin.runtime.slots import Slots
from pectin.runtime.tasks import Tasks
from pectin.runtime.timers import Timers
from pectin.runtime.watchers import Watchers
from pectin.runtime.worker import Worker

if TYPE_CHECKING:
    from pectin.runtime.rounds import Rounds

T = TypeVar("T")
log = logging.getLogger("pectin.engine")

RESTING = frozenset({NodeWaiting, CallParked, DoubtRaised, DoubtLeft, ExecutionPaused, ExecutionEnded})
"""The events after which an execution may have come to rest."""

SETTLE_SECONDS_MIN = 1.0
"""What an engine that stops allows, however little patience it is given, for what is being committed."""


class Dispatcher:
    """What one engine has at work: the `Owner` of its service, the `Waker` of its agenda, the `Principal` of its
    recorder, and whom its post serves."""

    def __init__(
        self,
        store: Store,
        fence: int,
        programs: Programs,
        functions: Functions,
        *,
        workflows: frozenset[str],
        slots: int,
        host: Host,
        clock: Clock,
        limits: Limits,
        watchers: Watchers,
        keys: Keyring,
    ) -> None:
        self.store = store
        self.fence = fence
        self.host = host
        self.name = host.name
        self.clock = clock
        self.limits = limits
        self.watchers = watchers
        self.workflows = workflows
        self._keys = keys
        self.service = Service(store, programs, limits, keys, owner=self)
        self.quarantined: dict[ExecutionId, Exception] = {}
        self._find = partial(find_function, functions)
        self._ability = Ability(functions)
        self._slots = Slots(slots)
        self._timers = Timers(clock)
        self._tasks = Tasks(at_rest=watchers.notify_any)
        reporter = Reporter(host, clock, limits)
        self._recorder = Recorder(self.service, reporter, self)
        self._worker = Worker(
            host,
            self._slots,
            clock,
            self._timers,
            reporter,
            tell=self._recorder.record,
            freed=self._assign_slots,
        )
        self._agenda = Agenda(
            store,
            fence,
            workflows,
            host=host,
            clock=clock,
            timers=self._timers,
            waker=self,
            look_anyway_ms=limits.look_anyway_ms,
        )
        self._rounds: Rounds | None = None
        self._post = Post(store, self.service, clock, limits, self, engine=True)
        self._leaving = False
        self._callers = 0  # who wait for what they asked
        self._failure: Exception | None = None

    async def open(self) -> None:
        """Go on with what is due and with what was sent, and look out for more."""
        await self._agenda.open()
        self._ask_post()

    async def close(self, patience_seconds: float) -> None:
        """Begin nothing more, let attempts end and be recorded for so long, and hand back those that don't."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_seconds
        self._leaving = True
        await self._agenda.close()
        await self._worker.drain(patience_seconds)
        late = loop.call_at(max(until, loop.time() + SETTLE_SECONDS_MIN), self._recorder.give_up)
        with suppress(EngineStopped):  # what is in flight ends by itself, and a report's pause by then
            await self._until(lambda: not self._recorder and not self._callers)
        late.cancel()
        await self._tasks.finish()
        try:
            if self._failure is None:
                await self._hand_back()
        finally:
            self._timers.close()
            self.watchers.fail(EngineStopped("the engine was stopped"))

    async def _hand_back(self) -> None:
        """Give up the attempts that were cut off. The next engine finds them too, but then as a crash's."""
        while self._worker.cut:
            execution, attempts = self._worker.cut.popitem()
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
        """Do what a caller asked; an engine that stops waits until it is done. What it has submitted is obeyed, also
        if the caller gives up waiting."""
        self._callers += 1
        try:
            return await command
        except (StoreBroken, EngineStopped) as broken:
            self.fail(broken)
            raise
        finally:
            self._callers -= 1
            self.watchers.notify_any()

    async def send(self, name: str, correlation: str, payload: Json, dedup: str | None) -> bool:
        """Take an external event in, also if the caller gives up waiting. False if the same one came before."""
        return await self._tasks.see_through(lambda: self.see_through(self._send(name, correlation, payload, dedup)))

    async def _send(self, name: str, correlation: str, payload: Json, dedup: str | None) -> bool:
        is_new = await self._post.send(name, correlation, payload, dedup)
        self._ask_post()
        return is_new

    async def idle(self) -> None:
        """Return when nothing is at work any more: every execution has ended, or waits."""
        while True:
            self.check()
            await self._until(lambda: not self._is_busy())
            await self._agenda.claim()
            if not self._is_busy():
                return

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; looked at whenever something is new."""
        while not is_so():
            with self.watchers.watching(None) as change:
                await change

    def _is_busy(self) -> bool:
        return bool(self.service.runs.held or self._slots.waiting or self._tasks or self._recorder or self._callers)

    # -- what the service asks --------------------------------------------------------------------------------

    def free(self, execution: ExecutionId, command: AnyCommand) -> int:
        """How many attempts this command may begin."""
        return 0 if self._leaving else self._slots.offer(execution, command)

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function this application doesn't have."""
        return self._ability.lacks(program)

    def decided(
        self, execution: ExecutionId, held: Held, events: list[AnyEvent], commit: Commit | None
    ) -> Callable[[bool], None]:
        """Reserve slots for what these events begin, and obey them once they are durable."""
        begun = begun_attempts(
            held.program,
            held.run,
            execution,
            events,
            self._find,
            beat=self._worker.beat,
            clock=self.clock,
            limits=self.limits,
        )
        self._slots.take(execution, len(begun))
        self._assign_slots()  # what it left, before others of this tick take it

        def settle(durable: bool) -> None:
            if durable:
                self._obey(execution, held, events, begun)
                if commit is not None:
                    self._pass_on(commit)
            else:
                self._slots.release(len(begun))
                self.watchers.notify(execution, rests=True)  # its end may have been expected of this

        return settle

    def _obey(self, execution: ExecutionId, held: Held, events: list[AnyEvent], begun: list[Attempt]) -> None:
        kinds = set(map(type, events))
        if self._worker.may_stop(kinds):
            for event in events:
                if not self._worker.stop_what_is_over(execution, event):
                    self._tasks.spawn(self.wake(execution))  # it was begun by the same commit, and never ran
        for attempt in begun:
            self._worker.launch(attempt)
        self._note(execution, held)
        ended = held.run if ExecutionEnded in kinds else None
        rests = held.is_over or not kinds.isdisjoint(RESTING)
        self.watchers.notify(execution, rests=rests, ended=ended)
        self._assign_slots()

    def _note(self, execution: ExecutionId, held: Held) -> None:
        """Remember what this execution still wants: a slot, or to be woken at a time."""
        now = self.clock.now()
        if held.wants_slot(now):
            self._slots.queue(execution)
        else:
            self._slots.leave(execution)
        lives_here = held.unwritten and not held.run.status.is_terminal
        self._agenda.note(execution, held.run, OWNED if lives_here else held.due, now)

    def _pass_on(self, commit: Commit) -> None:
        """See to what a commit wants of other executions."""
        for child in commit.children:
            if child.start.workflow_id in self.workflows and not self._leaving:
                self._tasks.spawn(self.wake(child.execution))
        if commit.sends or commit.listens:
            self._ask_post()

    def _ask_post(self) -> None:
        """Let the post go round; what it doesn't carry now, the next engine finds."""
        if not self._leaving and self._failure is None and self._post.ask():
            self._tasks.spawn(self._carry())

    async def _carry(self) -> None:
        try:
            done = await self._post.go()
        except StoreBroken as broken:
            self.fail(broken)
            return
        except StoreError as problem:
            log.warning("can't look for messages: %s; trying again", problem)
            done = False
        if not done:
            self._timers.set(self.clock.now() + TRY_AGAIN_MS, self._ask_post)

    def _assign_slots(self) -> None:
        """Give free slots to executions that wait for one."""
        if self._slots.waiting and not self._leaving:
            for execution in self._slots.promise():
                self._tasks.spawn(self._give_slot(execution))

    async def _give_slot(self, execution: ExecutionId) -> None:
        try:
            await self.wake(execution)
        finally:
            self._slots.redeem(execution)
        self._assign_slots()

    # -- what the recorder asks -------------------------------------------------------------------------------

    @property
    def has_failed(self) -> bool:
        """Whether the store can't be used any more."""
        return self._failure is not None

    def recorded(self) -> None:
        """What an attempt had to report is recorded, or given up."""
        self.watchers.notify_any()
        self._assign_slots()

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
            if self.is_passing(execution, problem):
                self._agenda.try_again(execution)
            return False
        return True

    def is_news(self, execution: ExecutionId) -> bool:
        """Whether to wake one that the store says is due: then what we hold of it is stale."""
        if execution in self.quarantined:
            return False
        held = self.service.runs.held.get(execution)
        if held is not None and not held.in_flight:  # else what is in flight finds out, and it is loaded anew
            self.service.runs.forget(execution)
        return True

    def left_alone(self) -> int:
        """How many executions stay in the agenda for good."""
        return len(self.quarantined)

    def changed_elsewhere(self) -> None:
        """Another process wrote, and nobody knows what."""
        self._ask_post()
        self.watchers.notify_all()

    def make_round(self) -> None:
        """Look whether anybody is stranded."""
        if not self._leaving:
            if self._rounds is None:
                from pectin.runtime.rounds import Rounds  # a minute later: it takes time to import

                self._rounds = Rounds(self.store, self.service, self.clock, self.limits, self, self._keys)
            self._tasks.spawn(self._rounds.go())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside what is going on; the engine doesn't stop before it is done."""
        self._tasks.spawn(work)

    def is_at(self, execution: ExecutionId) -> bool:
        """Whether somebody is at work on an execution here, or is about to be."""
        if execution in self.service.runs.held or self._recorder.is_at(execution):
            return True
        return self.service.runs.unwritten.get(execution) is not None or self._worker.runs(execution)

    # -- trouble ----------------------------------------------------------------------------------------------

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """Whether it may go better next time. If not, the engine stops, or leaves this execution alone."""
        match problem:
            case StoreBroken() | EngineStopped():
                self.fail(problem)
            case StoreError() if not isinstance(problem, AlreadySettled | ChildNotRegistered | Damaged):
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
        self.service.runs.forget(execution)
        self.watchers.notify(execution, rests=True)

    def fail(self, problem: Exception) -> None:
        """The store can't be trusted any more, or is another's: stop working on it."""
        if self._failure is None:
            log.error("the engine stops: %s", problem)
            self._failure = problem
            self.watchers.fail(EngineStopped(f"the engine has stopped: {problem}"))

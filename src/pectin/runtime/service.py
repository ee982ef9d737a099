"""`handle(execution, command)`: load → decide → commit → on conflict, again.

The engine and the CLI beside it both work through this. What differs is the owner: an engine owns what it touches,
begins work and keeps runs in memory while they are at work; without one, histories change under the fence that was
read, and the work is left to the engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from typing import Protocol

import msgspec

from pectin.core.command import Answer, AnyCommand, Begin, Interrupt, Refused, Start
from pectin.core.decide import decide
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.work import is_at_work, listens, next_wake
from pectin.ports.landing import resolve, when_known
from pectin.ports.store import (
    OWNED,
    Commit,
    LeaseLost,
    LogRecord,
    StartRow,
    Statement,
    Store,
    StoreError,
    VersionConflict,
)
from pectin.runtime.commit import NOTHING, Enclosed, make_commit
from pectin.runtime.error import EngineStopped, NotFound
from pectin.runtime.held import Held
from pectin.runtime.loading import Loaded, load
from pectin.runtime.programs import Programs
from pectin.runtime.unwritten import Unwritten

log = logging.getLogger("pectin.engine")


class Handled(msgspec.Struct, frozen=True, gc=False):
    """What came of a command. It counts once its events are durable; it `acted` if any of them are its own."""

    answer: Answer
    events: list[AnyEvent]
    held: Held
    acted: bool


Tell = Callable[[Handled | Exception | None], None]
"""Is told what came of a command: an error is to be raised; None means that nothing was written, and to try again."""


class Owner(Protocol):
    """Who begins work: an engine."""

    @property
    def fence(self) -> int:
        """The fence of its executions."""
        ...

    @property
    def name(self) -> str:
        """Its name as a worker."""
        ...

    def free(self, execution: ExecutionId, command: AnyCommand) -> int:
        """How many attempts this command may begin."""
        ...

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function it doesn't have."""
        ...

    def decided(
        self, execution: ExecutionId, held: Held, events: list[AnyEvent], commit: Commit | None
    ) -> Callable[[bool], None]:
        """Told of events as they are decided; what it returns is told whether they became durable. There is no commit
        for what is not written."""
        ...


class Service:
    """Handles commands against one store, for an owner if there is one."""

    def __init__(self, store: Store, programs: Programs, limits: Limits, owner: Owner | None = None) -> None:
        self._store = store
        self._programs = programs
        self._limits = limits
        self._owner = owner
        self._held: dict[ExecutionId, Held] = {}
        self._unwritten = Unwritten(store)
        self._loading: dict[ExecutionId, asyncio.Future[Held]] = {}

    @property
    def held(self) -> Mapping[ExecutionId, Held]:
        """The runs in memory that are at work."""
        return self._held

    async def handle(
        self,
        execution: ExecutionId,
        command: AnyCommand,
        *,
        takes: int | None = None,
        takes_anyway: bool = False,
        statements: Sequence[Statement] = (),
        logs: Sequence[LogRecord] = (),
    ) -> Handled:
        """Decide a command and make its events durable, and with them what it comes with.

        That is the message that it `takes` from the inbox, the SQL of the attempt that it completes, and what that
        attempt logged. Of a command that changes nothing (late, or repeated) the message stays, unless it is to be
        taken anyway, and the logs are dropped; the SQL is only for an attempt that completes.

        Raises `NotFound`, `Quarantined`, `MessageTaken`, `StatementFailed` or a `StoreError`, and `EngineStopped` if
        the execution is another engine's by now.
        """
        comes_alone = takes is None and not statements and not logs
        enclosed = NOTHING if comes_alone else Enclosed(takes, takes_anyway, statements, logs)
        for _ in range(self._limits.commit_conflicts_max):
            held = self._held.get(execution) or await self._load(execution)
            if held.broken:
                continue
            if self._owner is None and held.run.session_type is SessionType.STATELESS:
                return Handled(_elsewhere(held.run), [], held, acted=False)
            handled = await self._try(execution, held, command, enclosed)
            if handled is not None:
                return handled
        raise StoreError(f"{execution}: other writers came first {self._limits.commit_conflicts_max} times; try again")

    def handle_now(
        self,
        execution: ExecutionId,
        command: AnyCommand,
        tell: Tell,
        statements: Sequence[Statement],
        logs: Sequence[LogRecord],
    ) -> bool:
        """Like `handle`, but done now, for a run that is in memory, and once: `tell` gets None if another writer came
        first. False if it isn't in memory: then nothing was done."""
        held = self._held.get(execution)
        if held is None or held.broken:
            return False
        enclosed = Enclosed(statements=statements, logs=logs) if statements or logs else NOTHING
        self._submit(execution, held, command, enclosed, tell)
        return True

    async def start(self, program: Program, execution: ExecutionId, command: Start, start: StartRow) -> Handled:
        """Create an execution; raises `StartKeyTaken`."""
        held = Held(program, Run(), 0, None, births=await self._programs.births(program))
        if self._owner is not None:
            held.unable = self._owner.unable(program)
            held.unwritten = program.definition.session_type is SessionType.STATELESS
            self._held[execution] = held
        handled = await self._try(execution, held, command, NOTHING, start)
        if handled is None:
            raise StoreError(f"{execution} exists")
        return handled

    async def read(self, execution: ExecutionId) -> Loaded:
        """The execution as it is stored, folded; raises `NotFound`."""
        stored = await self._store.load(execution)
        if stored is None:
            raise NotFound(f"there is no execution {execution}")
        return await load(stored, self._store, self._programs)

    async def run(self, execution: ExecutionId) -> Run:
        """Its run as it is durable, or as it is here if it is not written; not to be changed. Raises `NotFound`."""
        held = self._held.get(execution) or self._unwritten.get(execution)
        while held is not None and held.unwritten and held.in_flight and not held.broken:  # its start, or its end
            await held.becomes_durable(held.run.version)
        if held is not None and not held.in_flight and not held.broken:
            return held.run
        return (await self.read(execution)).run

    def is_going_on(self, execution: ExecutionId) -> bool:
        """Whether it is at work here, and its end is still to come: not decided yet, or not durable."""
        held = self._held.get(execution)
        return held is not None and not held.broken and not held.is_over

    def unwritten(self, execution: ExecutionId) -> Held | None:
        """One that lives in memory only. After its end it stays as long as somebody has this."""
        return self._unwritten.get(execution)

    def forget(self, execution: ExecutionId) -> None:
        """Let go of a run in memory: the next command loads it anew."""
        self._held.pop(execution, None)

    # -- one round --------------------------------------------------------------------------------------------

    async def _try(
        self, execution: ExecutionId, held: Held, command: AnyCommand, enclosed: Enclosed, start: StartRow | None = None
    ) -> Handled | None:
        """Decide and commit once. None if another writer came first."""
        future: asyncio.Future[Handled | None] = asyncio.get_running_loop().create_future()
        self._submit(execution, held, command, enclosed, partial(_resolve, future), start)
        return await future

    def _submit(
        self,
        execution: ExecutionId,
        held: Held,
        command: AnyCommand,
        enclosed: Enclosed,
        tell: Tell,
        start: StartRow | None = None,
    ) -> None:
        """Decide, and commit once; and `tell` what comes of it, now or when it is known."""
        expected = held.run.version
        try:
            handled = self._decide(execution, held, command)
            commit = self._commit_of(execution, handled, expected, command, start=start, enclosed=enclosed)
        except BaseException:
            held.broken = True  # the run is halfway between two versions
            self._park(execution, held)
            raise
        events = handled.events
        if commit is None and not (held.unwritten and events):
            self._answer(execution, held, handled, tell)
            return
        settle = self._owner.decided(execution, held, events, commit) if self._owner is not None else None
        held.in_flight += 1
        version = held.run.version
        landed = _in_this_context(
            partial(self._landed, execution, handled, tell, before=expected, version=version, settle=settle)
        )
        if commit is not None:
            when_known(self._store.commit(commit), landed)
        else:
            when_known(self._unwritten.follow(execution, held, expected, events), landed)

    def _landed(
        self,
        execution: ExecutionId,
        handled: Handled,
        tell: Tell,
        problem: Exception | None,
        *,
        before: int,
        version: int,
        settle: Callable[[bool], None] | None,
    ) -> None:
        """A commit is through, or (with a problem) not."""
        held = handled.held
        durable = problem is None
        outcome = handled if durable else None if isinstance(problem, VersionConflict | LeaseLost) else problem
        held.land(version if durable else None)
        self._park(execution, held)
        try:
            if settle is not None:
                settle(durable)
        except Exception as error:  # the engine's own, and whoever asked must not wait for ever
            outcome = error
        if before < self._limits.history_events_warn <= version and durable:
            self._warn_of_length(execution, version)
        tell(outcome)

    def _answer(self, execution: ExecutionId, held: Held, handled: Handled, tell: Tell) -> None:
        """Answer what changes nothing, once that on which the answer rests is durable."""

        def answer(problem: Exception | None) -> None:
            self._park(execution, held)
            tell(handled if problem is None else None)

        held.landing(held.run.version).then(_in_this_context(answer))

    def _warn_of_length(self, execution: ExecutionId, version: int) -> None:
        many = self._limits.history_events_max
        log.warning("%s has %d events, and fails beyond %d: let children do a part of it", execution, version, many)

    def _decide(self, execution: ExecutionId, held: Held, command: AnyCommand) -> Handled:
        """What comes of a command if it becomes durable."""
        owner = self._owner
        events: list[AnyEvent] = []
        if owner is not None:
            begin = Begin(owner.name, owner.free(execution, command), held.unable)
            command = msgspec.structs.replace(command, begin=begin)
            if held.foreign:
                held.foreign = False
                if held.run.status is not WorkflowStatus.PENDING:
                    cut = Interrupt(at=command.at, reason="the engine that ran it is gone")
                    events = decide(held.program, held.run, cut, self._limits).events
        decision = decide(held.program, held.run, command, self._limits)
        acted = bool(decision.events)
        return Handled(decision.answer, [*events, *decision.events] if events else decision.events, held, acted)

    def _commit_of(
        self,
        execution: ExecutionId,
        handled: Handled,
        expected: int,
        command: AnyCommand,
        *,
        start: StartRow | None,
        enclosed: Enclosed,
    ) -> Commit | None:
        """The commit of what was decided; None if there is nothing to write."""
        held = handled.held
        fence = self._owner.fence if self._owner is not None else held.fence
        due = self._due(held.run, command.at) if handled.events or self._owner is not None else held.due
        if held.unwritten and start is None:
            held.due = due
            return None
        moves = due != held.due or (due == OWNED and fence != held.fence)
        if not handled.events and not moves and not enclosed.takes_anyway:
            return None
        if not handled.acted:
            enclosed = Enclosed(enclosed.takes) if enclosed.takes_anyway else NOTHING
        return make_commit(
            execution,
            held,
            expected,
            command,
            handled.events,
            fence=fence,
            due=OWNED if held.unwritten else due,
            start=start,
            enclosed=enclosed,
        )

    def _due(self, run: Run, at: int) -> int | None:
        if is_at_work(run, at):
            return at if self._owner is None else OWNED
        return None if run.status.is_terminal else next_wake(run)

    # -- runs in memory ---------------------------------------------------------------------------------------

    def _park(self, execution: ExecutionId, held: Held) -> None:
        """Keep a run among those at work only while it is sound, and at work."""
        is_idle = held.in_flight == 0 and not held.is_at_work
        if (held.broken or is_idle) and self._held.get(execution) is held:
            del self._held[execution]
        if held.unwritten:
            self._unwritten.keep(execution, held)

    async def _load(self, execution: ExecutionId) -> Held:
        """Load once, however many ask."""
        if (unwritten := self._unwritten.get(execution)) is not None:
            return self._held.setdefault(execution, unwritten)
        if self._owner is None:
            return await self._hold(execution)
        loading = self._loading.get(execution)
        if loading is None:
            loading = self._loading[execution] = asyncio.ensure_future(self._hold(execution))
            loading.add_done_callback(lambda _: self._loading.pop(execution, None))
        held = await asyncio.shield(loading)
        return held if held.broken else self._held.setdefault(execution, held)

    async def _hold(self, execution: ExecutionId) -> Held:
        loaded = await self.read(execution)
        held = Held(
            loaded.program,
            loaded.run,
            loaded.fence,
            loaded.due,
            durable=loaded.run.version,
            unsnapshotted=loaded.bytes_after,
            snapshot_bytes=loaded.snapshot_bytes,
            listens=listens(loaded.run),
            births=await self._programs.births(loaded.program),
        )
        if self._owner is not None:
            if loaded.fence > self._owner.fence:
                raise EngineStopped("another engine has taken over the store; this one stops")
            held.foreign = loaded.fence != self._owner.fence
            held.unable = self._owner.unable(loaded.program)
        return held


def _elsewhere(run: Run) -> Refused:
    """The answer to whoever would change what lives in an engine's memory."""
    if run.status.is_terminal:
        return Refused("ended", f"the execution has ended: {run.status}")
    return Refused("stateless", "a stateless execution lives in the engine that runs it, and only that can change it")


def _in_this_context(tell: Callable[[Exception | None], None]) -> Callable[[Exception | None], None]:
    """What begins when a commit is through sees the context of whoever asked for it."""
    return partial(copy_context().run, tell)


def _resolve(future: asyncio.Future[Handled | None], outcome: Handled | Exception | None) -> None:
    if isinstance(outcome, Exception):
        resolve(future, outcome)
    else:
        resolve(future, None, outcome)

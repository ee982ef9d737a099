"""`handle(execution, command)`: load → decide → commit → on conflict, again.

The engine and the CLI beside it both work through this. What differs is the owner: an engine owns what it touches,
begins work and keeps runs in memory while they are at work; without one, histories change under the fence that was
read, and the work is left to the engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial

import msgspec

from pectin.core.chain import NO_KEYS, Keyring
from pectin.core.command import Answer, AnyCommand, Begin, Interrupt, Refused, Start
from pectin.core.decide import decide
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.work import is_at_work, next_wake
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
from pectin.runtime.held import Held
from pectin.runtime.owner import Owner
from pectin.runtime.programs import Programs
from pectin.runtime.runs import Runs

log = logging.getLogger("pectin.engine")


class Handled(msgspec.Struct, frozen=True, gc=False):
    """What came of a command. It counts once its events are durable; it `acted` if any of them are its own."""

    answer: Answer
    events: list[AnyEvent]
    held: Held
    acted: bool


Tell = Callable[[Handled | Exception | None], None]
"""Is told what came of a command: an error is to be raised; None means that nothing was written, and to try again."""


class Service:
    """Handles commands against one store, for an owner if there is one."""

    def __init__(
        self, store: Store, programs: Programs, limits: Limits, keys: Keyring = NO_KEYS, owner: Owner | None = None
    ) -> None:
        self.runs = Runs(store, programs, keys, owner)
        self._store = store
        self._limits = limits
        self._owner = owner

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
            held = self.runs.held.get(execution) or await self.runs.load(execution)
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
        held = self.runs.held.get(execution)
        if held is None or held.broken:
            return False
        enclosed = Enclosed(statements=statements, logs=logs) if statements or logs else NOTHING
        self._submit(execution, held, command, enclosed, tell)
        return True

    async def start(self, program: Program, execution: ExecutionId, command: Start, start: StartRow) -> Handled:
        """Create an execution; raises `StartKeyTaken`."""
        held = await self.runs.create(program, execution)
        handled = await self._try(execution, held, command, NOTHING, start)
        if handled is None:
            raise StoreError(f"{execution} exists")
        return handled

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
            self.runs.park(execution, held)
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
            when_known(self.runs.unwritten.follow(execution, held, expected, events), landed)

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
        self.runs.park(execution, held)
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
            self.runs.park(execution, held)
            tell(handled if problem is None else None)

        held.landing(held.run.version).then(answer)

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

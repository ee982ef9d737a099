"""`handle(execution, command)`: load → decide → commit → on conflict, again.

The engine and the CLI beside it both work through this. What differs is the owner: an engine owns what it touches,
begins work and keeps runs in memory while they are at work; without one, histories change under the fence that was
read, and the work is left to the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from pectin.core.command import Answer, AnyCommand, Begin, Interrupt, Start
from pectin.core.decide import Decision, decide
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.work import is_at_work, next_wake
from pectin.ports.store import OWNED, Commit, LeaseLost, StartRow, Store, StoreError, VersionConflict
from pectin.runtime.error import EngineStopped, NotFound
from pectin.runtime.held import Held
from pectin.runtime.loading import Loaded, load
from pectin.runtime.programs import Programs


class Handled(msgspec.Struct, frozen=True, gc=False):
    """What came of a command, once it is durable."""

    answer: Answer
    events: list[AnyEvent]
    held: Held


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

    def free(self, command: AnyCommand) -> int:
        """How many attempts this command may begin."""
        ...

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function it doesn't have."""
        ...

    def decided(self, execution: ExecutionId, held: Held, events: list[AnyEvent]) -> Callable[[bool], None]:
        """Told of events as they are decided; what it returns is told whether they became durable."""
        ...


class Service:
    """Handles commands against one store, for an owner if there is one."""

    def __init__(self, store: Store, programs: Programs, limits: Limits, owner: Owner | None = None) -> None:
        self._store = store
        self._programs = programs
        self._limits = limits
        self._owner = owner
        self._held: dict[ExecutionId, Held] = {}
        self._loading: dict[ExecutionId, asyncio.Future[Held]] = {}

    @property
    def held(self) -> Mapping[ExecutionId, Held]:
        """The runs in memory."""
        return self._held

    async def handle(self, execution: ExecutionId, command: AnyCommand) -> Handled:
        """Decide a command and make its events durable. Raises `NotFound`, `Quarantined` or a `StoreError`, and
        `EngineStopped` if the execution is another engine's by now."""
        for _ in range(self._limits.commit_conflicts_max):
            held = self._held.get(execution) or await self._load(execution)
            if held.broken:
                continue
            handled = await self._try(execution, held, command)
            if handled is not None:
                return handled
        raise StoreError(f"{execution}: other writers came first {self._limits.commit_conflicts_max} times; try again")

    async def start(self, program: Program, execution: ExecutionId, command: Start, start: StartRow) -> Handled:
        """Create an execution; raises `StartKeyTaken`."""
        held = Held(program, Run(), 0, None)
        if self._owner is not None:
            held.unable = self._owner.unable(program)
            self._held[execution] = held
        handled = await self._try(execution, held, command, start)
        if handled is None:
            raise StoreError(f"{execution} exists")
        return handled

    async def read(self, execution: ExecutionId) -> Loaded:
        """The execution as it is stored, folded; raises `NotFound`."""
        stored = await self._store.load(execution)
        if stored is None:
            raise NotFound(f"there is no execution {execution}")
        return await load(stored, self._store, self._programs)

    def forget(self, execution: ExecutionId) -> None:
        """Let go of a run in memory: the next command loads it anew."""
        self._held.pop(execution, None)

    # -- one round --------------------------------------------------------------------------------------------

    async def _try(
        self, execution: ExecutionId, held: Held, command: AnyCommand, start: StartRow | None = None
    ) -> Handled | None:
        """Decide and commit once. None if another writer came first."""
        expected = held.run.version
        try:
            decision = self._decide(held, command)
        except BaseException:
            held.broken = True  # the run is halfway between two versions
            self._park(execution, held)
            raise
        commit = self._commit_of(execution, held, expected, command.at, decision.events, start)
        if commit is None:  # but the answer rests on what is still being committed
            durable = await held.becomes_durable(held.run.version)
            self._park(execution, held)
            return Handled(decision.answer, decision.events, held) if durable else None
        settle = self._owner.decided(execution, held, decision.events) if self._owner is not None else None
        durable = False
        held.in_flight += 1
        try:
            await self._store.commit(commit)
            durable = True
        except (VersionConflict, LeaseLost):
            return None
        finally:
            held.land(commit.version if durable else None)
            self._park(execution, held)
            if settle is not None:
                settle(durable)
        return Handled(decision.answer, decision.events, held)

    def _decide(self, held: Held, command: AnyCommand) -> Decision:
        owner = self._owner
        events: list[AnyEvent] = []
        if owner is not None:
            begin = Begin(owner.name, owner.free(command), held.unable)
            command = msgspec.structs.replace(command, begin=begin)
            if held.foreign:
                cut = Interrupt(at=command.at, reason="the engine that ran it is gone")
                events = decide(held.program, held.run, cut, self._limits).events
                held.foreign = False
        decision = decide(held.program, held.run, command, self._limits)
        return Decision([*events, *decision.events], decision.answer) if events else decision

    def _commit_of(
        self,
        execution: ExecutionId,
        held: Held,
        expected: int,
        at: int,
        events: list[AnyEvent],
        start: StartRow | None,
    ) -> Commit | None:
        """The commit of these events; None if there is nothing to write."""
        run = held.run
        fence = self._owner.fence if self._owner is not None else held.fence
        due = self._due(run, at)
        moves = due != held.due or (due == OWNED and fence != held.fence)
        if not events and (self._owner is None or not moves):
            return None
        commit = Commit(
            execution=execution,
            expected=expected,
            version=run.version,
            fence=held.fence,
            new_fence=fence,
            rows=held.rows(expected, events),
            status=run.status,
            updated_at=run.updated_at,
            due=due,
            start=start,
            snapshot=held.snapshot(),
        )
        held.fence = fence
        held.due = due
        return commit

    def _due(self, run: Run, at: int) -> int | None:
        if is_at_work(run, at):
            return at if self._owner is None else OWNED
        return None if run.status.is_terminal else next_wake(run)

    # -- runs in memory ---------------------------------------------------------------------------------------

    def _park(self, execution: ExecutionId, held: Held) -> None:
        """Keep a run in memory only while it is sound, and at work."""
        is_idle = held.in_flight == 0 and not held.is_at_work
        if (held.broken or is_idle) and self._held.get(execution) is held:
            del self._held[execution]

    async def _load(self, execution: ExecutionId) -> Held:
        """Load once, however many ask."""
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
        )
        if self._owner is not None:
            if loaded.fence > self._owner.fence:
                raise EngineStopped("another engine has taken over the store; this one stops")
            held.foreign = loaded.fence != self._owner.fence
            held.unable = self._owner.unable(loaded.program)
        return held

"""`handle(execution, command)`: load → decide → commit → on conflict, again.

The engine and the CLI beside it both work through this. What differs is the fence: an engine owns what it touches,
begins work and keeps runs in memory while they are at work; a visitor changes histories under the fence it read, and
leaves the work to the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from pectin.core.command import Answer, AnyCommand, Begin, Interrupt, Start
from pectin.core.decide import Decision, decide
from pectin.core.event import AnyEvent, encode_events
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.state import Run, encode_snapshot
from pectin.core.work import is_at_work, next_wake, split_events
from pectin.ports.clock import Clock
from pectin.ports.store import (
    OWNED,
    Commit,
    LeaseLost,
    Row,
    StartRow,
    Store,
    StoreError,
    VersionConflict,
)
from pectin.runtime.error import EngineStopped, NotFound
from pectin.runtime.loading import Loaded, load
from pectin.runtime.programs import Programs

SNAPSHOT_BYTES_MIN = 32 * 1024
"""A history shorter than this is folded faster than a snapshot is worth."""


@dataclass(slots=True)
class Held:
    """A run in memory, ahead of the store by the commits in flight; `durable` is the version that is stored.

    It is `foreign` while the attempts that it says are running are another engine's, and `broken` once a commit failed:
    then it is not what the store has, and nobody may use it any more.
    """

    program: Program
    run: Run
    fence: int
    due: int | None
    durable: int = 0
    unsnapshotted: int = 0
    snapshot_bytes: int = 0
    foreign: bool = False
    unable: frozenset[str] = frozenset()
    in_flight: int = 0
    broken: bool = False
    waiters: list[asyncio.Future[None]] = field(default_factory=list["asyncio.Future[None]"])

    @property
    def is_at_work(self) -> bool:
        """Whether something of it runs here or could begin here. What has ended, waits, or lacks a function doesn't."""
        if self.due != OWNED:
            return False
        run = self.run
        if not self.unable or run.in_grace or run.busy > len(run.ready) + len(run.backoff):
            return True
        return any(run.activations[name].node not in self.unable for name in run.ready)


class Handled(msgspec.Struct, frozen=True, gc=False):
    """What came of a command, once it is durable."""

    answer: Answer
    events: list[AnyEvent]
    held: Held


class Owner(msgspec.Struct, frozen=True, gc=False):
    """Who begins work: the engine's fence, its name as a worker, and how many slots are free now."""

    fence: int
    worker: str
    free: Callable[[AnyCommand], int]
    unable: Callable[[Program], frozenset[str]]
    decided: Callable[[ExecutionId, Held, list[AnyEvent]], Callable[[bool], None]]
    """Told of events as they are decided; what it returns is told whether they became durable."""


class Service:
    """Handles commands against one store."""

    def __init__(self, store: Store, programs: Programs, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._programs = programs
        self._clock = clock
        self._limits = limits
        self._held: dict[ExecutionId, Held] = {}
        self._loading: dict[ExecutionId, asyncio.Future[Held]] = {}
        self.owner: Owner | None = None

    @property
    def held(self) -> dict[ExecutionId, Held]:
        """The runs in memory."""
        return self._held

    async def handle(self, execution: ExecutionId, command: AnyCommand) -> Handled:
        """Decide a command and make its events durable. Raises `NotFound`, `Quarantined` or a `StoreError`."""
        for _ in range(self._limits.commit_conflicts_max):
            held = self._held.get(execution) or await self._load(execution)
            if held.broken:
                continue
            handled = await self._attempt(execution, held, command)
            if handled is not None:
                return handled
        raise StoreError(f"{execution}: other writers came first {self._limits.commit_conflicts_max} times; try again")

    async def start(self, program: Program, execution: ExecutionId, command: Start, start: StartRow) -> Handled:
        """Create an execution; raises `StartKeyTaken`."""
        held = Held(program, Run(), 0, None)
        if self.owner is not None:
            held.unable = self.owner.unable(program)
            self._held[execution] = held
        handled = await self._attempt(execution, held, command, start)
        if handled is None:
            raise StoreError(f"{execution} exists")
        return handled

    async def read(self, execution: ExecutionId) -> Loaded:
        """The execution as it is stored, folded; raises `NotFound`."""
        stored = await self._store.load(execution)
        if stored is None:
            raise NotFound(f"there is no execution {execution}")
        return await load(stored, self._store, self._programs)

    async def hand_back(self, execution: ExecutionId, attempts: dict[str, int], reason: str) -> None:
        """Give up attempts that were cut off, for whoever comes next."""
        command = Interrupt(at=self._clock.now(), reason=reason, attempts=attempts)
        await self.handle(execution, command)

    # -- one try ----------------------------------------------------------------------------------------------

    async def _attempt(
        self, execution: ExecutionId, held: Held, command: AnyCommand, start: StartRow | None = None
    ) -> Handled | None:
        """None if another writer came first."""
        expected = held.run.version
        try:
            decision = self._decide(held, command)
        except BaseException:  # the run is halfway between two versions
            self._drop(execution, held)
            raise
        commit = self._commit_of(execution, held, expected, command.at, decision.events, start)
        if commit is None:
            return await self._unchanged(execution, held, decision)
        settle = self.owner.decided(execution, held, decision.events) if self.owner is not None else None
        durable = False
        held.in_flight += 1
        try:
            await self._store.commit(commit)
            durable = True
        except (VersionConflict, LeaseLost) as lost:
            self._drop(execution, held)
            if isinstance(lost, LeaseLost):
                await self._check_charge(execution, lost)
            return None
        finally:
            self._land(execution, held, commit.version if durable else None)
            if settle is not None:
                settle(durable)
        return Handled(decision.answer, decision.events, held)

    async def _check_charge(self, execution: ExecutionId, lost: LeaseLost) -> None:
        """Raise `EngineStopped` if the execution is a newer engine's; else its fence was an older one of ours."""
        if self.owner is not None:
            stored = await self._store.load(execution)
            if stored is not None and stored.fence > self.owner.fence:
                raise EngineStopped("another engine has taken over the store; this one stops") from lost

    def _decide(self, held: Held, command: AnyCommand) -> Decision:
        owner = self.owner
        events: list[AnyEvent] = []
        if owner is not None:
            begin = Begin(owner.worker, owner.free(command), held.unable)
            command = msgspec.structs.replace(command, begin=begin)
            if held.foreign:
                cut = Interrupt(at=command.at, reason="the engine that ran it is gone")
                events = decide(held.program, held.run, cut, self._limits).events
                held.foreign = False
        decision = decide(held.program, held.run, command, self._limits)
        return Decision([*events, *decision.events], decision.answer) if events else decision

    async def _unchanged(self, execution: ExecutionId, held: Held, decision: Decision) -> Handled | None:
        """Nothing to commit; but the answer rests on what is still being committed."""
        version = held.run.version
        while held.durable < version and not held.broken:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            held.waiters.append(waiter)
            await waiter
        self._park(execution, held)
        return Handled(decision.answer, decision.events, held) if held.durable >= version else None

    def _commit_of(
        self,
        execution: ExecutionId,
        held: Held,
        expected: int,
        at: int,
        events: list[AnyEvent],
        start: StartRow | None,
    ) -> Commit | None:
        run = held.run
        fence = self.owner.fence if self.owner is not None else held.fence
        due = self._due(run, at)
        moves = due != held.due or (due == OWNED and fence != held.fence)
        if not events and (self.owner is None or not moves):
            return None
        rows: list[Row] = []
        for batch in split_events(expected + 1, events) if events else ():
            body = encode_events(batch.events)
            held.unsnapshotted += len(body)
            rows.append(Row(batch.seq, len(batch.events), body, batch.settles))
        commit = Commit(
            execution=execution,
            expected=expected,
            version=run.version,
            fence=held.fence,
            new_fence=fence,
            rows=rows,
            status=run.status,
            updated_at=run.updated_at,
            due=due,
            start=start,
            snapshot=self._snapshot(held),
        )
        held.fence = fence
        held.due = due
        return commit

    def _snapshot(self, held: Held) -> bytes | None:
        if held.unsnapshotted < max(SNAPSHOT_BYTES_MIN, 2 * held.snapshot_bytes):
            return None
        snapshot = encode_snapshot(held.run)
        held.unsnapshotted = 0
        held.snapshot_bytes = len(snapshot)
        return snapshot

    def _due(self, run: Run, at: int) -> int | None:
        if is_at_work(run, at):
            return at if self.owner is None else OWNED
        return None if run.status.is_terminal else next_wake(run)

    # -- runs in memory ---------------------------------------------------------------------------------------

    def _land(self, execution: ExecutionId, held: Held, version: int | None) -> None:
        """A commit is through, or (None) not: then the run is ahead of the store, and nobody may use it."""
        held.in_flight -= 1
        if version is None:
            held.broken = True
        else:
            held.durable = max(held.durable, version)
        for waiter in held.waiters:
            if not waiter.done():
                waiter.set_result(None)
        held.waiters.clear()
        self._park(execution, held)

    def _park(self, execution: ExecutionId, held: Held) -> None:
        """Keep a run in memory only while it is at work."""
        if held.broken or (held.in_flight == 0 and not held.is_at_work):
            self._drop(execution, held, broken=held.broken)

    def _drop(self, execution: ExecutionId, held: Held, *, broken: bool = True) -> None:
        held.broken = broken
        if self._held.get(execution) is held:
            del self._held[execution]

    async def _load(self, execution: ExecutionId) -> Held:
        """Load once, however many ask."""
        if self.owner is None:
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
        if self.owner is not None:
            held.foreign = loaded.fence != self.owner.fence
            held.unable = self.owner.unable(loaded.program)
        return held

"""A run in memory, ahead of the store by the commits in flight."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.event import AnyEvent, encode_events
from pectin.core.line import fitting
from pectin.core.program import Program
from pectin.core.state import Run, encode_snapshot
from pectin.core.status import WorkflowStatus
from pectin.core.work import is_running, keep_until, split_events
from pectin.ports.landing import Landing
from pectin.ports.line import Line
from pectin.ports.seal import Seal
from pectin.ports.store import OWNED, Row, VersionConflict
from pectin.runtime.chain import Chain
from pectin.runtime.programs import Births

SNAPSHOT_BYTES_MIN = 32 * 1024
"""A history shorter than this is folded faster than a snapshot is worth."""


class Held(msgspec.Struct, eq=False, weakref=True):
    """A run, and what is known of its rows in the store; `durable` is the version that is stored.

    It is `foreign` while the attempts that it says are running are another engine's, and `broken` once a commit failed:
    then it is not what the store has, and nobody may use it any more. `unable` are the nodes without a function here.
    `listens` are the waits for messages that the store has, by activation, and `births` the definitions that children
    would begin with. An `unwritten` one is in memory only, but for its start (`stateless`). A governed one has a
    `chain`.
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
    listens: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict[str, tuple[str, str]])
    births: Births = msgspec.field(default_factory=dict[tuple[str, str], str])
    unwritten: bool = False
    line: Line = msgspec.field(default_factory=Line)
    chain: Chain | None = None
    in_flight: int = 0
    broken: bool = False
    waiting: list[tuple[int, Landing]] = msgspec.field(default_factory=list[tuple[int, Landing]])

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and all that is known of it is stored."""
        return self.run.status.is_terminal and self.durable >= self.run.version

    @property
    def is_at_work(self) -> bool:
        """Whether something of it runs here or could begin here. What has ended, waits, or lacks a function doesn't."""
        if self.due != OWNED:
            return False
        run = self.run
        if not self.unable or run.in_grace or is_running(run) or run.status is WorkflowStatus.PENDING:
            return True
        return any(run.activations[name].node not in self.unable for name in (*run.ready, *fitting(run)))

    def wants_slot(self, at: int) -> bool:
        """Whether an attempt of it could begin here now, if only a slot were free. A child that was told something
        before anybody began it has to be woken as if it could."""
        run = self.run
        if run.hold is not None:
            return False
        if run.status is WorkflowStatus.PENDING:
            return True
        if not run.ready and not run.backoff and not run.line:  # most of the time
            return False
        due = (name for name, until in run.backoff.items() if until <= at)
        lines = (run.ready, due, fitting(run))
        return any(run.activations[name].node not in self.unable for names in lines for name in names)

    def rows(self, expected: int, events: Sequence[AnyEvent]) -> list[Row]:
        """The rows of these events, which follow the version `expected`."""
        rows: list[Row] = []
        for batch in split_events(expected + 1, events):
            body = encode_events(batch.events)
            self.unsnapshotted += len(body)
            row = Row(batch.seq, len(batch.events), body, batch.settles)
            rows.append(row if self.chain is None else self.chain.extend(row))
        return rows

    def snapshot(self) -> bytes | None:
        """A snapshot, once the events since the last outweigh it."""
        if self.unsnapshotted < max(SNAPSHOT_BYTES_MIN, 2 * self.snapshot_bytes):
            return None
        snapshot = encode_snapshot(self.run)
        self.unsnapshotted = 0
        self.snapshot_bytes = len(snapshot)
        return snapshot

    def seal(self, snapshot: bytes | None) -> Seal | None:
        """The seal of the head, for a governed one."""
        if self.chain is None:
            return None
        return self.chain.seal(self.run.version, snapshot, keep_until(self.run, self.program.definition))

    def land(self, version: int | None) -> None:
        """A commit is through, or (None) not: then the run is ahead of the store for good."""
        self.in_flight -= 1
        if version is None:
            self.broken = True
        else:
            self.durable = max(self.durable, version)
        waiting, self.waiting = self.waiting, []
        for wanted, landing in waiting:
            self._settle(wanted, landing)

    def landing(self, version: int) -> Landing:
        """When this version is stored; fails with `VersionConflict` if it won't be."""
        landing = Landing()
        self._settle(version, landing)
        return landing

    async def becomes_durable(self, version: int) -> bool:
        """Whether this version is stored, once that is decided."""
        try:
            await self.landing(version)
        except VersionConflict:
            return False
        return True

    def _settle(self, version: int, landing: Landing) -> None:
        if self.durable >= version:
            landing.settle(None)
        elif self.broken:
            landing.settle(VersionConflict(f"version {version} was never stored"))
        else:
            self.waiting.append((version, landing))

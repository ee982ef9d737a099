"""Whether governed executions are what was written: from the first event on, row by row, with the audit key.

It goes through a store beside an engine or without one, and reads what lies there. It says what it found first of each
execution; what comes after that can't be trusted either.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

import msgspec

from pectin.core.chain import Keyring, beginning, is_same
from pectin.core.event import AnyEvent, ChildSpawned, ExecutionCreated, UnknownEvent, decode_events
from pectin.core.identity import ExecutionId, show_id
from pectin.core.status import SessionType
from pectin.ports.seal import Seal
from pectin.ports.store import Find, Row, Store, Stored, Summary
from pectin.runtime.anchor import Head
from pectin.runtime.chain import belongs, check_seal, follows, is_sealed
from pectin.runtime.error import AuditKeyMissing, ChainBroken, Quarantined
from pectin.runtime.programs import Programs

PAGE = 100


class Broken(msgspec.Struct, frozen=True):
    """What is wrong with an execution, and from which event on it can't be trusted (0: nothing of it is there)."""

    execution: ExecutionId
    code: str
    seq: int
    message: str


class Verified(msgspec.Struct, frozen=True):
    """A governed execution as it was found: its head if it is sound, or what is wrong."""

    summary: Summary
    events: int
    head: Head | None = None
    broken: Broken | None = None


class _Found(Exception):
    def __init__(self, code: str, seq: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.seq = seq


class _Walk:
    """Where one goes along a history: the last link, the number of the next event, and what the rows have said."""

    def __init__(self, execution: ExecutionId) -> None:
        self.link = beginning(execution.bytes)
        self.seq = 1
        self.definition = ""
        self.children: list[tuple[int, str]] = []
        self.anchored: bytes | None = None


class Verifier:
    """Verifies the executions of one store with these keys, and against these heads, which were anchored before."""

    def __init__(self, store: Store, keys: Keyring, anchored: Mapping[ExecutionId, Head] | None = None) -> None:
        self._store = store
        self._keys = keys
        self._anchored = anchored or {}
        self._programs = Programs(store)

    async def everything(self, now: int) -> AsyncGenerator[Verified | Broken]:
        """All governed executions, the newest first, and what was anchored and is not there."""
        missing = dict(self._anchored)
        before: ExecutionId | None = None
        while page := await self._store.find(Find(limit=PAGE, before=before)):
            for summary in page:
                missing.pop(summary.execution, None)
                if (verified := await self.verify(summary)) is not None:
                    yield verified
            before = page[-1].execution
        for execution, head in missing.items():
            if head.keep_until is None or head.keep_until > now:
                yield Broken(execution, "missing", 0, f"it was anchored at event {head.version}, and is not there")

    async def verify(self, summary: Summary) -> Verified | None:
        """One execution; None if it is not governed."""
        execution = summary.execution
        stored = await self._store.evidence(execution, 0, 1)
        if stored is None or not await self._is_governed(stored):
            return None
        walk = _Walk(execution)
        try:
            if stored.seal is None:
                raise _Found("unsealed", 1, "its seal is gone")
            stored = await self._go_along(execution, walk)
            seal = self._check_head(stored, walk)
            await self._check_rest(stored, walk)
        except (_Found, ChainBroken) as problem:
            code = problem.code if isinstance(problem, _Found) else "resealed"
            told = str(problem) if isinstance(problem, _Found) else problem.what
            return Verified(summary, walk.seq - 1, broken=Broken(execution, code, problem.seq, told))
        except AuditKeyMissing as problem:
            return Verified(
                summary,
                walk.seq - 1,
                broken=Broken(execution, "unknown_key", min(walk.seq, stored.version), str(problem)),
            )
        head = Head(execution, seal.version, seal.link, seal.keep_until)
        return Verified(summary, walk.seq - 1, head=head)

    async def _is_governed(self, stored: Stored) -> bool:
        """Whether it is, or was meant to be: something of it says so."""
        if stored.seal is not None or stored.execution in self._anchored or any(row.link for row in stored.rows):
            return True
        created = _created(stored.rows[0]) if stored.rows else None
        if created is not None and created.session_type is SessionType.PERSISTENT_GOVERNED:
            return True
        try:
            definition = (await self._programs.get(stored.definition)).definition
        except Quarantined:
            return False
        is_child = created is not None and created.parent is not None
        return definition.session_type is SessionType.PERSISTENT_GOVERNED and not is_child

    # -- the rows -------------------------------------------------------------------------------------------------

    async def _go_along(self, execution: ExecutionId, walk: _Walk) -> Stored:
        """Check row after row, up to the head as it was when this began."""
        first = await self._read(execution, 0)
        page = first
        while page.rows:
            for row in page.rows:
                if row.seq > first.version:
                    return await self._check_growth(first, row)
                await self._check_row(execution, row, walk)
            page = await self._read(execution, page.rows[-1].seq)
        return first

    async def _read(self, execution: ExecutionId, after: int) -> Stored:
        stored = await self._store.evidence(execution, after, PAGE)
        if stored is None:
            raise _Found("missing", 0, "it was deleted meanwhile")
        return stored

    async def _check_growth(self, first: Stored, row: Row) -> Stored:
        """Events beyond the head are an engine's, which went on, or nobody's."""
        if (await self._read(first.execution, row.seq)).version < row.seq:
            raise _Found("edited", row.seq, f"it is at version {first.version}, and its history goes on")
        return first

    async def _check_row(self, execution: ExecutionId, row: Row, walk: _Walk) -> None:
        if row.seq != walk.seq or not follows(row, walk.link, execution, self._keys):
            raise await self._judge(execution, row, walk)
        assert row.link is not None, "it follows by its link"
        walk.link = row.link.mark
        walk.seq += row.count
        if (head := self._anchored.get(execution)) is not None and head.version == walk.seq - 1:
            walk.anchored = walk.link
        _note(row, walk)

    async def _judge(self, execution: ExecutionId, row: Row, walk: _Walk) -> _Found:
        """What was done to the row that should begin at `walk.seq`, where this one is found."""
        seq = walk.seq
        created = _created(row) if row.seq == 1 else None
        if created is not None and created.execution_id != execution.to_json():
            return _Found("exchanged", seq, f"the history is that of {show_id(created.execution_id)}")
        rows = [each async for each in self._rows(execution)]
        marks = {each.link.mark for each in rows if each.link is not None}
        for other in rows:
            if other.seq != seq and belongs(other, walk.link, seq, self._keys, marks):
                return _Found("reordered", seq, f"the event that belongs there stands at {other.seq}")
        if row.seq != seq:
            return _Found("gap", seq, f"after event {seq - 1} comes {row.seq}")
        if row.link is None:
            return _Found("unsealed", seq, "its link is gone")
        return _Found("edited", seq, "it is not what was written")

    async def _rows(self, execution: ExecutionId) -> AsyncGenerator[Row]:
        after = 0
        while (page := await self._read(execution, after)).rows:
            for row in page.rows:
                yield row
            after = page.rows[-1].seq

    # -- what stands beside them ----------------------------------------------------------------------------------

    def _check_head(self, stored: Stored, walk: _Walk) -> Seal:
        """The head against the rows, and the seal, which says that it was the last."""
        seal, end = stored.seal, walk.seq - 1
        if seal is None:
            raise _Found("unsealed", 1, "its seal is gone")
        if end < max(seal.version, stored.version):
            version = max(seal.version, stored.version)
            raise _Found("truncated", end + 1, f"it was at version {version}, and its history ends at {end}")
        check_seal(stored.execution, seal, self._keys)
        if seal.version != end or not is_same(seal.link, walk.link):
            raise _Found("resealed", end, f"its seal is of version {seal.version}")
        return seal

    async def _check_rest(self, stored: Stored, walk: _Walk) -> None:
        """The snapshot, the definition, the children, and what was anchored."""
        if stored.snapshot is not None and not is_sealed(stored):
            at, sealed = stored.snapshot_version, stored.seal.snapshot_version if stored.seal else 0
            which = f"an older one, of version {at} for {sealed}" if at < sealed else "not what was written"
            raise _Found("snapshot", at, f"its snapshot is {which}")
        if stored.definition != walk.definition:
            raise _Found("edited", 1, "it is to run another definition than the one that it was started with")
        for seq, child in walk.children:
            await self._check_child(seq, child)
        head, end = self._anchored.get(stored.execution), walk.seq - 1
        if head is None:
            return
        if head.version > end:
            raise _Found("rolled_back", end + 1, f"it was anchored at event {head.version}, and ends at {end}")
        if walk.anchored is None or not is_same(walk.anchored, head.link):
            raise _Found("rolled_back", head.version, f"it was anchored at event {head.version} with another history")

    async def _check_child(self, seq: int, child: str) -> None:
        """A child is there, and governed; whether it is sound it says itself."""
        stored = await self._store.evidence(ExecutionId.parse(child), 0, 1)
        if stored is None:
            raise _Found("missing", seq, f"its child {show_id(child)} is not there")
        if stored.seal is None:
            raise _Found("unsealed", seq, f"the seal of its child {show_id(child)} is gone")


def _note(row: Row, walk: _Walk) -> None:
    """What a sound row says of what stands beside the history."""
    if row.seq == 1 and (created := _created(row)) is not None:
        walk.definition = created.definition
    if b'"child_spawned"' in row.body:
        for index, event in enumerate(_events(row)):
            if isinstance(event, ChildSpawned):
                walk.children.append((row.seq + index, event.child))


def _created(row: Row) -> ExecutionCreated | None:
    events = _events(row)
    return events[0] if events and isinstance(events[0], ExecutionCreated) else None


def _events(row: Row) -> list[AnyEvent]:
    """The events of a row; none of one that can't be read."""
    try:
        return decode_events(row.body)
    except UnknownEvent:
        return []

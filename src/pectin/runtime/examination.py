"""The examination of one execution: its history, its row, its snapshot, its waits and its family, as they are stored.

An engine may be at work meanwhile. A history only grows, so what is found in it stands; what is found beside it counts
only if the execution has not moved.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from uuid import UUID

import msgspec

from pectin.core.audit import Audit, Finding, Projected, audit_row, found
from pectin.core.chain import NO_KEYS, Keyring
from pectin.core.error import BadValue
from pectin.core.event import AnyEvent, UnknownEvent, decode_events
from pectin.core.identity import ExecutionId, show_id
from pectin.core.program import Program
from pectin.core.state import Run, decode_snapshot
from pectin.core.work import CHILD_ENDED, PARENT_SAYS, split_events
from pectin.ports.store import OWNED, Damaged, Find, Listen, Row, Store, Stored, Summary
from pectin.runtime.error import Quarantined
from pectin.runtime.loading import load
from pectin.runtime.programs import Programs

ROWS_AT_ONCE = 200
LOOKS_MAX = 5
OVERDUE_MS = 60_000
"""Nobody waits for an engine that long, if there is one."""

MATCHES_MAX = 10_000
"""Messages that are looked through; where more wait, one of the rest may be taken for missing, and is told again."""


class Examined(msgspec.Struct, frozen=True):
    """An execution as it was found. Without a `run` its history can't be folded, or is not all there."""

    summary: Summary
    waits: list[Listen]
    run: Run | None
    events: int
    findings: list[Finding]


class Examiner:
    """Examines the executions of one store."""

    def __init__(self, store: Store, keys: Keyring = NO_KEYS) -> None:
        self._store = store
        self._programs = Programs(store)
        self._keys = keys

    async def summary(self, execution: ExecutionId) -> Summary | None:
        """The row of one execution. No verb asks for one: `find` lists those before an id, the newest first."""
        after = ExecutionId(UUID(int=execution.uuid.int + 1)) if execution.uuid.int < (1 << 128) - 1 else None
        for summary in await self._store.find(Find(before=after, limit=1)):
            return summary if summary.execution == execution else None
        return None

    async def examine(self, execution: ExecutionId, *, at: int, served: bool) -> Examined | None:
        """All that is wrong with an execution at the time `at`; None for one that is gone, or never keeps still."""
        for _ in range(LOOKS_MAX):
            stored = await self._store.load(execution)
            summary = await self.summary(execution)
            if stored is None or summary is None:
                return None
            examined = await self._look(stored, summary, at, served)
            if not examined.findings or await self.summary(execution) == summary:
                return examined
        return None  # it goes on all the time, so nothing of it is stuck

    async def _look(self, stored: Stored, summary: Summary, at: int, served: bool) -> Examined:
        findings: list[Finding] = []
        program = await self._program(summary.definition, findings)
        waits = await self._store.waits(summary.execution)
        audit = Audit(program)
        snapshot = None if stored.snapshot is None else _read_snapshot(stored.snapshot)
        agrees = stored.snapshot is None
        known = len(findings)
        async for events in self._rows(summary, findings):
            for event in events:
                audit.take(audit.seq + 1, event)
            agrees = agrees or (audit.seq == stored.snapshot_version and audit.run == snapshot)
        if not audit.seq and len(findings) == known:
            findings.append(found("beginning", "the history", "there is no event"))
        is_whole = audit.folds and len(findings) == known
        findings += audit.findings
        run = audit.run if is_whole and audit.seq == summary.version else None
        if is_whole and not agrees:
            version = stored.snapshot_version
            findings.append(found("snapshot_differs", "the snapshot", f"the snapshot at version {version} is another"))
        if is_whole:
            findings += audit_row(audit.run, projected(summary, waits), program)
        if run is not None:
            findings += [finding async for finding in self.family(summary.execution, run)]
            findings += _unattended(summary, run, at, served)
        return Examined(summary, waits, run, audit.seq, findings)

    async def _rows(self, summary: Summary, findings: list[Finding]) -> AsyncIterator[list[AnyEvent]]:
        """The events of each row up to the version of the summary, as far as the rows can be read one after another."""
        after = 0
        while page := await self._store.history(summary.execution, after, ROWS_AT_ONCE):
            for row in page:
                if row.seq > summary.version:
                    message = f"the row says {summary.version}, and the history goes on with event {row.seq}"
                    findings.append(found("version_differs", "version", message))
                    return
                events = _read_row(row, after + 1, findings)
                if events is None:
                    return
                yield events
                after = row.seq + row.count - 1

    async def _program(self, hash: str, findings: list[Finding]) -> Program | None:
        try:
            return await self._programs.get(hash)
        except Quarantined as problem:
            findings.append(found("definition_unreadable", "the definition", str(problem)))
            return None

    # -- parents and children -----------------------------------------------------------------------------------

    async def family(self, execution: ExecutionId, run: Run) -> AsyncIterator[Finding]:
        """Whether its parent and its children are there, and have been told what they have to know."""
        for activation, child in run.children.items():
            summary = await self._relative(child)
            where, shown = f"`{activation}`", show_id(child)
            if summary is None:
                yield found("child_missing", where, f"it waits for {shown}, which is not in the store")
            elif summary.status.is_terminal and not await self._is_told(execution, CHILD_ENDED, child):
                yield found("child_unheard", where, f"it waits for {shown}, which has ended, and nobody tells it")
        if run.parent is None or run.status.is_terminal:
            return
        parent, shown = await self._relative(run.parent.execution), show_id(run.parent.execution)
        if parent is None:
            yield found("parent_missing", "the parent", f"its parent is {shown}, which is not in the store")
            return
        waits = {(wait.name, wait.correlation) for wait in await self._store.waits(parent.execution)}
        is_wanted = run.closing is not None or (CHILD_ENDED, run.execution_id) in waits
        if is_wanted or await self._is_told(execution, PARENT_SAYS, run.execution_id):
            return
        if not await self._has_child(parent.execution, run.execution_id):
            yield found("child_unwanted", "the parent", f"its parent {shown} does not wait for it any more")

    async def _has_child(self, parent: ExecutionId, child: str) -> bool:
        """Whether the history of a parent says that it waits for the child, or can't say it: the list of waits may be
        wrong, and a child is not given up for that."""
        try:
            stored = await self._store.load(parent)
            return (
                stored is None
                or child in (await load(stored, self._store, self._programs, self._keys)).run.children.values()
            )
        except (Quarantined, Damaged):
            return True

    async def _relative(self, id: str) -> Summary | None:
        try:
            return await self.summary(ExecutionId.parse(id))
        except BadValue:
            return None

    async def _is_told(self, execution: ExecutionId, name: str, correlation: str) -> bool:
        """Whether a message is on its way to it."""
        told = (execution, name, correlation)
        matches = await self._store.matches(None, MATCHES_MAX)
        return any((match.execution, match.message.name, match.message.correlation) == told for match in matches)


def projected(summary: Summary, waits: Iterable[Listen]) -> Projected:
    """What the store keeps of an execution beside its history, as the audit sees it."""
    return Projected(
        execution=summary.execution.to_json(),
        workflow_id=summary.workflow_id,
        workflow_version=summary.workflow_version,
        definition=summary.definition,
        status=summary.status,
        version=summary.version,
        created_at=summary.created_at,
        updated_at=summary.updated_at,
        due=summary.due,
        key=summary.key,
        listens={wait.activation: (wait.name, wait.correlation) for wait in waits},
    )


def _read_row(row: Row, seq: int, findings: list[Finding]) -> list[AnyEvent] | None:
    """The events of the row that should begin at `seq`; None if they can't be had, and nothing after them be judged."""
    where = f"event {row.seq}"
    if row.seq != seq:
        findings.append(found("gap", where, f"event {row.seq} follows event {seq - 1}"))
        return None
    try:
        events = decode_events(row.body)
    except UnknownEvent as problem:
        findings.append(found("unreadable", where, str(problem)))
        return None
    if row.count != len(events):
        findings.append(found("row_differs", where, f"the row is of {row.count} events, and has {len(events)}"))
        return None
    settled = [batch.settles for batch in split_events(row.seq, events) if batch.settles is not None]
    if settled != ([] if row.settles is None else [row.settles]):
        said = "nothing" if row.settles is None else f"`{row.settles}`"
        listed = ", ".join(f"`{name}`" for name in settled) or "nothing"
        message = f"the row says that it settles {said}, and its events settle {listed}"
        findings.append(found("row_differs", where, message))
    return events


def _read_snapshot(body: bytes) -> Run | None:
    try:
        return decode_snapshot(body)
    except msgspec.DecodeError:
        return None


def _unattended(summary: Summary, run: Run, at: int, served: bool) -> Iterator[Finding]:
    """What waits for somebody to look at it."""
    for name in run.quarantined:
        count = run.activations[name].interruptions
        times = "once" if count == 1 else f"{count} times in a row"
        yield found("quarantine", f"`{name}`", f"`{name}` was cut off {times}")
    due = summary.due
    if served and due is not None and due != OWNED and due < at - OVERDUE_MS:
        yield found("overdue", "due", f"it has been due for {(at - due) // 1000} s, and no engine has taken it up")

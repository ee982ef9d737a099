"""A store in dictionaries, true to the letter of the contract: for tests, simulations and whoever writes a store.

A `Memory` is the place and a `MemoryStore` one party at it, as a file and the processes that open it. Nothing
here awaits, so every verb is atomic, and nothing survives the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.landing import Landing
from pectin.ports.seal import Seal
from pectin.ports.store import (
    OWNED,
    Commit,
    Find,
    Listen,
    LogRecord,
    Match,
    Message,
    PublishedDefinition,
    Row,
    StartRow,
    StoreBusy,
    Stored,
    Summary,
)
from pectin.store import refusal
from pectin.store.memory.inbox import Inbox

if TYPE_CHECKING:
    from pectin.core.audit import Finding

LOOK_SECONDS = 0.02
"""How often it is time to look what others wrote."""


@dataclass(slots=True)
class _Execution:
    """One execution: what a list shows of it, its history, its snapshot and its log."""

    summary: Summary
    rows: list[Row] = field(default_factory=list[Row])
    settled: set[str] = field(default_factory=set[str])
    snapshot: bytes | None = None
    snapshot_version: int = 0
    seal: Seal | None = None
    logs: list[tuple[int, LogRecord]] = field(default_factory=list[tuple[int, LogRecord]])


class Memory:
    """What the stores that share it hold."""

    def __init__(self) -> None:
        self.executions: dict[ExecutionId, _Execution] = {}
        self.definitions: dict[str, PublishedDefinition] = {}
        self.registered: dict[tuple[str, str], str] = {}
        self.keys: dict[tuple[str, str], ExecutionId] = {}
        self.inbox = Inbox()
        self.logged = 0
        self.term = 0
        self.in_charge: MemoryStore | None = None
        self.writes = 0


class MemoryStore:
    """A `Store` that keeps everything in a `Memory`, its own unless one is given."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._seen = self._memory.writes
        self._closed = False

    @property
    def speaks_sql(self) -> bool:
        return False

    async def take(self) -> int:
        memory = self._open()
        if memory.in_charge not in (None, self):
            raise StoreBusy("Another store of this memory is in charge; close it first.")
        memory.in_charge = self
        memory.term += 1
        self._wrote()
        return memory.term

    async def in_charge(self) -> bool:
        return self._open().in_charge is not None

    async def publish(self, definition: PublishedDefinition) -> None:
        memory = self._open()
        pair = (definition.workflow_id, definition.version)
        named = memory.registered.get(pair, definition.hash)
        if named != definition.hash and not definition.is_draft:
            raise refusal.definition_taken(definition)
        memory.definitions.setdefault(definition.hash, definition)
        memory.registered[pair] = definition.hash
        self._wrote()

    async def definition(self, hash: str) -> PublishedDefinition | None:
        return self._open().definitions.get(hash)

    async def registered(self, workflow_id: str, version: str) -> PublishedDefinition | None:
        memory = self._open()
        return memory.definitions.get(memory.registered.get((workflow_id, version), ""))

    def commit(self, commit: Commit) -> Awaitable[None]:
        landing = Landing(commit.line)
        try:
            self._apply(self._open(), commit)
        except Exception as refused:
            landing.settle(refused)
        else:
            landing.settle(None)
        return landing

    def _apply(self, memory: Memory, commit: Commit) -> None:
        if commit.line is not None and commit.line.is_broken:
            raise refusal.rests_on_nothing(commit)
        if commit.statements:
            raise refusal.speaks_no_sql()
        execution = self._expect(commit) if commit.start is None else self._begin(commit.execution, commit.start)
        settles = [row.settles for row in commit.rows if row.settles is not None]
        if len(set(settles)) < len(settles) or not execution.settled.isdisjoint(settles):
            raise refusal.already_settled(commit)
        children = [self._begin(child.execution, child.start) for child in commit.children]
        _refuse_twins(commit)
        memory.inbox.check(commit)
        # Nothing is refused from here on, or part of a commit could stay.
        if commit.start is not None:
            self._enter(execution, commit.start)
        execution.rows += commit.rows
        execution.settled.update(settles)
        if commit.snapshot is not None:
            execution.snapshot, execution.snapshot_version = commit.snapshot, commit.version
        execution.seal = commit.seal or execution.seal
        execution.summary = replace(
            execution.summary,
            status=commit.status,
            version=commit.version,
            fence=commit.new_fence,
            updated_at=commit.updated_at,
            due=commit.due,
        )
        for child, born in zip(commit.children, children, strict=True):
            born.summary = replace(born.summary, version=1, due=child.due)
            born.rows.append(child.row)
            born.seal = child.seal
            self._enter(born, child.start)
        memory.inbox.apply(commit)
        for record in commit.logs:
            memory.logged += 1
            execution.logs.append((memory.logged, record))
        self._wrote()

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        memory = self._open()
        found = memory.executions.get(execution)
        if found is None:
            return
        if found.seal is not None:
            refusal.check_retention(execution, found.seal.keep_until, now)
        del memory.executions[execution]
        if found.summary.key is not None:
            del memory.keys[found.summary.workflow_id, found.summary.key]
        memory.inbox.forget(execution)
        self._wrote()

    async def load(self, execution: ExecutionId) -> Stored | None:
        found = self._open().executions.get(execution)
        if found is None:
            return None
        return Stored(
            execution=execution,
            version=found.summary.version,
            fence=found.summary.fence,
            due=found.summary.due,
            definition=found.summary.definition,
            snapshot=found.snapshot,
            snapshot_version=found.snapshot_version,
            rows=[row for row in found.rows if row.seq > found.snapshot_version],
            seal=found.seal,
        )

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        found = self._open().executions.get(execution)
        rows = found.rows if found else []
        return list(islice((row for row in rows if row.seq + row.count - 1 > after), limit))

    async def evidence(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> Stored | None:
        stored = await self.load(execution)
        if stored is None:
            return None
        rows = (row for row in self._open().executions[execution].rows if row.seq > after)
        return replace(stored, rows=list(islice(rows, limit)))

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        wanting = [
            (due, summary.execution)
            for due, summary in self._agenda(workflows)
            if (summary.fence < fence if due == OWNED else due <= now)
        ]
        return [execution for _, execution in sorted(wanting)[:limit]]

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        return min((due for due, _ in self._agenda(workflows) if due != OWNED and due > after), default=None)

    async def send(self, message: Message) -> bool:
        accepted = self._open().inbox.send(message)
        self._wrote()
        return accepted

    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        memory = self._open()

        def serves(execution: ExecutionId) -> bool:
            return workflows is None or memory.executions[execution].summary.workflow_id in workflows

        return list(islice(memory.inbox.matches(serves), limit))

    async def expire(self, now: int) -> int:
        messages = self._open().inbox.expire(now)
        self._wrote()
        return messages

    async def waits(self, execution: ExecutionId) -> list[Listen]:
        return list(self._open().inbox.open.get(execution, {}).values())

    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        found = self._open().executions.get(execution)
        logs = found.logs if found else []
        return list(islice((entry for entry in logs if entry[0] > after), limit))

    async def find(self, find: Find) -> list[Summary]:
        summaries = (execution.summary for execution in self._open().executions.values())
        found = [summary for summary in summaries if _matches(summary, find)]
        found.sort(key=lambda summary: summary.execution, reverse=True)
        return found[: find.limit]

    async def check(self, *, mend: bool = False) -> list[Finding]:
        from pectin.store.memory import soundness  # only a check needs it, and it takes time to import

        memory = self._open()
        findings = list(soundness.check(memory))
        if mend and findings:
            soundness.mend(memory)
            self._wrote()
        return findings

    async def news(self) -> None:
        self._open()
        await asyncio.sleep(LOOK_SECONDS)

    def changed(self) -> bool:
        writes = self._open().writes
        seen, self._seen = self._seen, writes
        return writes > seen

    async def close(self) -> None:
        self._closed = True
        if self._memory.in_charge is self:
            self._memory.in_charge = None

    def _open(self) -> Memory:
        if self._closed:
            raise refusal.closed()
        return self._memory

    def _wrote(self) -> None:
        """Count a write that everybody but this store sees as a change."""
        self._memory.writes += 1
        self._seen += 1

    def _begin(self, execution: ExecutionId, start: StartRow) -> _Execution:
        """The execution that a commit would begin; it isn't there yet."""
        memory = self._memory
        if execution in memory.executions:
            raise refusal.exists(execution)
        definition = memory.definitions.get(start.definition)
        pair = (start.workflow_id, start.workflow_version)
        if definition is None or (definition.workflow_id, definition.version) != pair:
            raise refusal.not_published(start)
        holder = self._holder(start)
        if holder is not None and not _gives_up(holder.summary, start):
            raise refusal.key_taken(start)
        return _Execution(
            Summary(
                execution=execution,
                workflow_id=start.workflow_id,
                workflow_version=start.workflow_version,
                definition=start.definition,
                status=WorkflowStatus.PENDING,
                version=0,
                fence=0,
                created_at=start.created_at,
                updated_at=start.created_at,
                due=None,
                key=start.key,
                input_hash=start.input_hash,
            )
        )

    def _expect(self, commit: Commit) -> _Execution:
        """The execution as this commit expects it."""
        found = self._memory.executions.get(commit.execution)
        if found is None:
            raise refusal.unknown(commit)
        if found.summary.fence != commit.fence:
            raise refusal.lease_lost(commit, found.summary.fence)
        if found.summary.version != commit.expected:
            raise refusal.version_conflict(commit, found.summary.version)
        return found

    def _holder(self, start: StartRow) -> _Execution | None:
        """The execution that has the start key."""
        execution = self._memory.keys.get((start.workflow_id, start.key or ""))
        return None if execution is None else self._memory.executions[execution]

    def _enter(self, execution: _Execution, start: StartRow) -> None:
        """Add the execution, with its start key, which the one that had it gives up."""
        memory = self._memory
        holder = self._holder(start)
        if holder is not None:
            holder.summary = replace(holder.summary, key=None)
        if start.key is not None:
            memory.keys[start.workflow_id, start.key] = execution.summary.execution
        memory.executions[execution.summary.execution] = execution

    def _agenda(self, workflows: frozenset[str]) -> list[tuple[int, Summary]]:
        """All of these workflows that want attention at some time."""
        summaries = (execution.summary for execution in self._open().executions.values())
        return [
            (summary.due, summary)
            for summary in summaries
            if summary.due is not None and summary.workflow_id in workflows
        ]


def _gives_up(holder: Summary, start: StartRow) -> bool:
    return holder.execution == start.replaces and holder.status.is_terminal


def _refuse_twins(commit: Commit) -> None:
    """Refuse a commit that begins one execution twice, or two with one key."""
    starts = [(child.execution, child.start) for child in commit.children]
    if commit.start is not None:
        starts.insert(0, (commit.execution, commit.start))
    executions: set[ExecutionId] = set()
    keys: set[tuple[str, str]] = set()
    for execution, start in starts:
        if execution in executions:
            raise refusal.exists(execution)
        executions.add(execution)
        if start.key is not None:
            if (start.workflow_id, start.key) in keys:
                raise refusal.key_taken(start)
            keys.add((start.workflow_id, start.key))


def _matches(summary: Summary, find: Find) -> bool:
    return (
        (find.id_suffix is None or summary.execution.uuid.hex.endswith(find.id_suffix))
        and (find.key is None or summary.key == find.key)
        and (find.workflow_id is None or summary.workflow_id == find.workflow_id)
        and (find.statuses is None or summary.status in find.statuses)
        and (find.before is None or summary.execution < find.before)
    )

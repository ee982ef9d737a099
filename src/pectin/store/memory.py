"""A store in dictionaries, true to the letter of the contract: for tests, simulations and whoever writes a store.

A `Memory` is the place and a `MemoryStore` one party at it, as a file and the processes that open it. Nothing
here awaits, so every verb is atomic, and nothing survives the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import (
    OWNED,
    Commit,
    Find,
    PublishedDefinition,
    Row,
    StartRow,
    StoreBusy,
    Stored,
    Summary,
)
from pectin.store import refusal


@dataclass(slots=True)
class _Execution:
    """One execution: what a list shows of it, its history and its snapshot."""

    summary: Summary
    rows: list[Row] = field(default_factory=list[Row])
    settled: set[str] = field(default_factory=set[str])
    snapshot: bytes | None = None
    snapshot_version: int = 0


class Memory:
    """What the stores that share it hold."""

    def __init__(self) -> None:
        self.executions: dict[ExecutionId, _Execution] = {}
        self.definitions: dict[str, PublishedDefinition] = {}
        self.registered: dict[tuple[str, str], str] = {}
        self.keys: dict[tuple[str, str], ExecutionId] = {}
        self.term = 0
        self.in_charge: MemoryStore | None = None
        self.writes = 0


class MemoryStore:
    """A `Store` that keeps everything in a `Memory`, its own unless one is given."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._seen = self._memory.writes
        self._closed = False

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

    async def commit(self, commit: Commit) -> None:
        self._open()
        execution = self._expect(commit) if commit.start is None else self._begin(commit, commit.start)
        settles = [row.settles for row in commit.rows if row.settles is not None]
        if len(set(settles)) < len(settles) or not execution.settled.isdisjoint(settles):
            raise refusal.already_settled(commit)
        # Nothing is refused from here on, or part of a commit could stay.
        if commit.start is not None:
            self._enter(execution, commit.start)
        execution.rows += commit.rows
        execution.settled.update(settles)
        if commit.snapshot is not None:
            execution.snapshot, execution.snapshot_version = commit.snapshot, commit.version
        execution.summary = replace(
            execution.summary,
            status=commit.status,
            version=commit.version,
            fence=commit.new_fence,
            updated_at=commit.updated_at,
            due=commit.due,
        )
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
        )

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        found = self._open().executions.get(execution)
        rows = found.rows if found else []
        return list(islice((row for row in rows if row.seq + row.count - 1 > after), limit))

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        wanting = [
            (due, summary.execution)
            for due, summary in self._agenda(workflows)
            if (summary.fence < fence if due == OWNED else due <= now)
        ]
        return [execution for _, execution in sorted(wanting)[:limit]]

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        return min((due for due, _ in self._agenda(workflows) if due != OWNED and due > after), default=None)

    async def find(self, find: Find) -> list[Summary]:
        summaries = (execution.summary for execution in self._open().executions.values())
        found = [summary for summary in summaries if _matches(summary, find)]
        found.sort(key=lambda summary: summary.execution, reverse=True)
        return found[: find.limit]

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

    def _begin(self, commit: Commit, start: StartRow) -> _Execution:
        """The execution that this commit would begin; it isn't there yet."""
        memory = self._memory
        if commit.execution in memory.executions:
            raise refusal.exists(commit)
        definition = memory.definitions.get(start.definition)
        pair = (start.workflow_id, start.workflow_version)
        if definition is None or (definition.workflow_id, definition.version) != pair:
            raise refusal.not_published(start)
        holder = self._holder(start)
        if holder is not None and not _gives_up(holder.summary, start):
            raise refusal.key_taken(start)
        return _Execution(
            Summary(
                execution=commit.execution,
                workflow_id=start.workflow_id,
                workflow_version=start.workflow_version,
                definition=start.definition,
                status=commit.status,
                version=0,
                fence=commit.new_fence,
                created_at=start.created_at,
                updated_at=commit.updated_at,
                due=commit.due,
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


def _matches(summary: Summary, find: Find) -> bool:
    return (
        (find.id_suffix is None or summary.execution.uuid.hex.endswith(find.id_suffix))
        and (find.key is None or summary.key == find.key)
        and (find.workflow_id is None or summary.workflow_id == find.workflow_id)
        and (find.statuses is None or summary.status in find.statuses)
        and (find.before is None or summary.execution < find.before)
    )

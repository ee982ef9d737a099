"""The store: where histories live. The memory store is the letter of this contract.

A store knows no rule of the model. It keeps rows, checks what a commit `expected`, and refuses what its
unique indexes forbid: a second row at an `(execution, seq)`, and a second one that settles an
`(execution, activation)`.
All times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from pectin.core.error import PectinError
from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.line import Line
from pectin.ports.seal import Link, Seal

if TYPE_CHECKING:
    from pectin.core.audit import Finding

OWNED = 0
"""The `due` of an execution that the engine in charge is at work on."""


class StoreError(PectinError):
    """The store can't be used as asked; the message says what and what to do. Nothing was written."""


class StoreBroken(StoreError):
    """The store failed in a way that leaves its promise of durability unknown; it must be opened anew."""


class Damaged(StoreError):
    """What is stored can't be what was written: something else has changed it. No retry will mend that."""


class StoreBusy(StoreError):
    """Another engine has the store."""


class VersionConflict(PectinError):
    """The history isn't at `expected`, or there is none: load, decide and commit again."""


class LeaseLost(PectinError):
    """Somebody with another fence has the execution, whatever its version: a worker stops working on it."""


class StartKeyTaken(PectinError):
    """An execution of this workflow has the start key."""


class MessageTaken(PectinError):
    """The message that a commit takes from the inbox is not there any more."""


class DedupTaken(StoreError):
    """Another message with this name came under the same dedup key."""


class StatementFailed(PectinError):
    """One of the commit's SQL statements was refused by the database; the message says which and why."""


class AlreadySettled(StoreError):
    """The activation has its outcome. A second one can't be stored, and no retry will change that."""


class DefinitionTaken(StoreError):
    """Another graph is registered under this workflow id and version."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of history: `count` events from `seq` on, as a JSON array, settling one activation at most. That of a
    governed execution has a `link`."""

    seq: int
    count: int
    body: bytes
    settles: str | None = None
    link: Link | None = None


class StartRow(msgspec.Struct, frozen=True, gc=False):
    """What the first commit of an execution says beside its history; `key` is unique per workflow.

    `definition` is the hash of a published definition with this workflow id and version.
    """

    workflow_id: str
    workflow_version: str
    definition: str
    created_at: int
    key: str | None = None
    input_hash: str | None = None
    replaces: ExecutionId | None = None
    """The execution that gives up its key in this commit (a restart). One that hasn't ended keeps it."""


class Listen(msgspec.Struct, frozen=True, gc=False):
    """An activation that waits for messages of this name and correlation from now on. One execution's `(activation,
    name)` stands once."""

    activation: str
    name: str
    correlation: str


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A message to whoever waits for `(name, correlation)`, or will. `payload` is JSON.

    It is kept until it is taken or `expires_at` has come (None: never); with `keep` false it is dropped at once if
    nobody waits, and with the last wait for it. With the same `dedup`, a message of this name is accepted once within
    that time.
    """

    name: str
    correlation: str
    payload: bytes
    sent_at: int
    expires_at: int | None = None
    dedup: str | None = None
    keep: bool = True


class Match(msgspec.Struct, frozen=True, gc=False):
    """A message, and who is to have it: of those that wait for it, the one that has waited longest. `id` orders
    messages by their arrival."""

    id: int
    message: Message
    execution: ExecutionId
    activation: str


class ChildRow(msgspec.Struct, frozen=True, gc=False):
    """An execution that begins in its parent's commit: its first event, at `seq` 1, and nothing else; pending."""

    execution: ExecutionId
    start: StartRow
    row: Row
    due: int
    listens: Sequence[Listen]
    seal: Seal | None = None


class Statement(msgspec.Struct, frozen=True, gc=False):
    """An SQL statement of a `transactional` node, with its parameters."""

    sql: str
    parameters: tuple[str | int | float | bytes | None, ...] = ()


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """A line that an attempt logged. `level` is the standard logger's number."""

    activation: str
    attempt: int
    at: int
    level: int
    message: str


class Commit(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything that one command changes, in one transaction or not at all.

    `expected` is the version that was read, 0 for a new execution, and `fence` the fence; `new_fence` is
    written. `due` is when the execution wants attention next: `OWNED`, a time, or None when only a message
    can wake it. `snapshot` is the state at `version`. A commit whose rows don't lead from `expected` to
    `version` can't be made.

    `listens` are waits for messages that begin, `unlistens` those that are over, `takes` the id of the message that
    this commit consumes, `sends` what it tells others, `children` the executions that it begins. `statements` run after
    all else, and if one fails nothing was written. `logs` go to the side log, which is no part of the history.
    `line` is that of the commits that it rests on, where those may still be on their way. `seal` is that of the head
    from now on.
    """

    execution: ExecutionId
    expected: int
    version: int
    fence: int
    new_fence: int
    rows: Sequence[Row]
    status: WorkflowStatus
    updated_at: int
    due: int | None
    start: StartRow | None = None
    snapshot: bytes | None = None
    listens: Sequence[Listen] = ()
    unlistens: Sequence[Listen] = ()
    takes: int | None = None
    sends: Sequence[Message] = ()
    children: Sequence[ChildRow] = ()
    statements: Sequence[Statement] = ()
    logs: Sequence[LogRecord] = ()
    line: Line | None = None
    seal: Seal | None = None

    def __post_init__(self) -> None:
        if (self.start is None) != (self.expected > 0):
            raise ValueError("a commit has a start if and only if it expects version 0")
        version = self.expected
        for row in self.rows:
            if row.seq != version + 1 or row.count < 1:
                raise ValueError(f"a row of {row.count} events at {row.seq} can't follow version {version}")
            version += row.count
        if version != self.version or version < 1:
            raise ValueError(f"the rows lead to version {version}, not {self.version}")


class Stored(msgspec.Struct, frozen=True, gc=False):
    """An execution as it is stored: the newest snapshot if there is one, and the rows after it.

    `snapshot_version` is the version that the snapshot folds to, 0 without one.
    """

    execution: ExecutionId
    version: int
    fence: int
    due: int | None
    definition: str
    snapshot: bytes | None
    snapshot_version: int
    rows: list[Row]
    seal: Seal | None = None


class Summary(msgspec.Struct, frozen=True, gc=False):
    """One line of a list of executions."""

    execution: ExecutionId
    workflow_id: str
    workflow_version: str
    definition: str
    status: WorkflowStatus
    version: int
    fence: int
    created_at: int
    updated_at: int
    due: int | None
    key: str | None
    input_hash: str | None


class PublishedDefinition(msgspec.Struct, frozen=True):
    """A registered definition: `body` is its canonical JSON, `hash` its `definition_hash`."""

    hash: str
    workflow_id: str
    version: str
    body: bytes

    @property
    def is_draft(self) -> bool:
        """Whether the version may be registered anew: it is `0.0.0-dev` or ends in `-dev`."""
        return self.version.endswith("-dev")


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """Which executions to list, the newest (the greatest id) first; what is None doesn't matter.

    `id_suffix` is lower-case hex without dashes. `before` lists only what is older than this one.
    """

    id_suffix: str | None = None
    key: str | None = None
    workflow_id: str | None = None
    statuses: frozenset[WorkflowStatus] | None = None
    limit: int = 100
    before: ExecutionId | None = None


class Store(Protocol):
    """Some twenty verbs on two subjects: executions and the messages between them. Only `commit` writes history.

    A store is used from one event loop. Concurrent `commit`s may share a transaction; each is applied whole
    or refused by itself, and those of one execution are applied in the order of their calls. One whose call
    is cancelled may have been applied. Every verb raises `StoreError` when the store can't be read or written.
    """

    @property
    def speaks_sql(self) -> bool:
        """Whether commits may have `statements`."""
        ...

    async def take(self) -> int:
        """Become the one engine in charge and get its fence, higher than all before; raises `StoreBusy` when
        another store is in charge. That ends with `close` or with the process, however the process ends.
        Taken again by the same store, the fence is higher still: who works with the old one is out."""
        ...

    async def in_charge(self) -> bool:
        """Whether a store is in charge, this one or another: an engine has it."""
        ...

    async def publish(self, definition: PublishedDefinition) -> None:
        """Register a definition. Nothing happens for one that is there; raises `DefinitionTaken` for another
        hash under the pair, unless the version is a draft, which now names this one."""
        ...

    async def definition(self, hash: str) -> PublishedDefinition | None:
        """The definition with this hash."""
        ...

    async def registered(self, workflow_id: str, version: str) -> PublishedDefinition | None:
        """The definition that the pair names now."""
        ...

    def commit(self, commit: Commit) -> Awaitable[None]:
        """Apply it, behind those of earlier calls. Await what this returns, and it is durable; return a `Landing`, and
        an engine is told at once.

        Raises `LeaseLost`, `VersionConflict`, `StartKeyTaken`, `AlreadySettled`, `MessageTaken`, `StatementFailed`, or
        a `StoreError`: the definition isn't published, or the store failed. Nothing was written then, except that after
        `StoreBroken` nobody knows."""
        ...

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        """Delete an execution and all that is kept of it; nothing happens for one that isn't there. Only for those
        that keep no history (`stateless`). Raises `Retained` for one that its seal keeps longer than until `now`."""
        ...

    async def load(self, execution: ExecutionId) -> Stored | None:
        """What is needed to fold the execution's current state."""
        ...

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        """Rows with events after this seq, at most `limit` rows, in order; none for an unknown execution."""
        ...

    async def evidence(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> Stored | None:
        """What lies there, unchecked, for whoever verifies it: at most `limit` rows from the event after this seq on,
        in the order of their numbers, and the snapshot whatever it is. Nobody may go on from it."""
        ...

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        """Executions of these workflows (ids) that want attention: due by `now`, or `OWNED` under an older fence.
        The longest due come first. Claiming writes nothing: the fence goes in with the next commit."""
        ...

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        """When the next execution of these workflows wants attention later than `after`; `OWNED` ones left out."""
        ...

    async def send(self, message: Message) -> bool:
        """Put a message into the inbox. False if the same one was accepted before; raises `DedupTaken` for another one
        under its dedup key."""
        ...

    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        """The messages that somebody waits for, in the order of their arrival, with who is to have them: only waits of
        executions of these workflows (ids; None: all). One match for each wait and each message, at most."""
        ...

    async def expire(self, now: int) -> int:
        """Delete the messages and dedup keys whose time is up; how many messages."""
        ...

    async def waits(self, execution: ExecutionId) -> list[Listen]:
        """The waits for messages that this execution has, in the order in which they began."""
        ...

    async def logs(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[tuple[int, LogRecord]]:
        """What the attempts logged, in the order of their commits, numbered by the store, after this number."""
        ...

    async def find(self, find: Find) -> list[Summary]:
        """Executions by what is known of them."""
        ...

    async def check(self, *, mend: bool = False) -> list[Finding]:
        """What is not sound in the place itself, whatever its histories say: rows that don't follow one another or
        belong to nothing, a second outcome, a damaged file. It may take as long as the store is big.

        With `mend`, what can be deleted or written anew without a loss has been; the findings are those before."""
        ...

    async def news(self) -> None:
        """Return when somebody else may have written: as soon as they say so, where they can, and every now and then.
        For the store in charge; what there is to see, `changed` tells."""
        ...

    def changed(self) -> bool:
        """Whether another process, or another store in this one, wrote since the last call. Costs
        microseconds."""
        ...

    async def close(self) -> None:
        """Finish what is queued and let the store go. Every verb raises `StoreError` from then on; closing
        again does nothing."""
        ...

"""`Run`: what an execution's history folds to, and nothing else.

It is plain data, so that a snapshot is its JSON. Only `evolve` changes it, in place: copying a wide state on every
event would cost more than the rest of a step. Who holds a `Run` drops it when a commit fails, and folds anew.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution
from pectin.core.retry import RetryPolicy
from pectin.core.status import NodeStatus, SessionType, WorkflowStatus

Seen = frozenset[int]
"""Ids of the writes that somebody has seen, of those that not everybody has (see `core.causal`)."""

NOTHING: Seen = frozenset()


class Waiting(msgspec.Struct, gc=False, omit_defaults=True):
    """What an activation waits for, since `since` and until `until`: a person if there are decisions, else time."""

    since: int
    until: int | None = None
    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    digest: str | None = None


class Mapping(msgspec.Struct, omit_defaults=True):
    """A node that runs an item node for each of its items: the first `scheduled` have been, `outputs` have settled."""

    item_node: str
    items: list[Json]
    scheduled: int = 0
    outputs: dict[int, Json] = {}


class Activation(msgspec.Struct, omit_defaults=True):
    """An activation that is not settled.

    `attempt` is the last one's number, `outcomes` how many ended with one, `interruptions` how many in a row did not.
    A scheduled one waits for a worker, not before `not_before`.
    """

    name: str
    node: str
    status: NodeStatus
    since: int
    attempt: int = 0
    outcomes: int = 0
    interruptions: int = 0
    timeout_ms: int | None = 300_000
    retry: RetryPolicy | None = None
    begun_by: str | None = None
    not_before: int | None = None
    error: ErrorData | None = None
    loop: str | None = None
    map: str | None = None
    item: int | None = None
    seen: Seen = NOTHING
    waiting: Waiting | None = None
    mapping: Mapping | None = None


class Arrivals(msgspec.Struct, omit_defaults=True):
    """Edges resolved so far to an activation that has not been entered. `collected` is by source, for joins."""

    resolved: int = 0
    taken: int = 0
    seen: set[int] = set()
    collected: dict[str, Json] = {}


class LoopState(msgspec.Struct, omit_defaults=True):
    """A loop in its present iteration: how many members settled, and what is held until it ends.

    `entry` is what arrived at the header from outside; it stands for every iteration. `collected` is what arrives at
    joins by the exits: by the join's node, by source.
    """

    header: str
    entry: Arrivals
    iteration: int = 1
    settled: int = 0
    repeats: bool = False
    exits: list[str] = []
    error_exits: list[str] = []
    dead_exits: list[str] = []
    collected: dict[str, dict[str, Json]] = {}
    seen: set[int] = set()


class Write(msgspec.Struct, gc=False, omit_defaults=True):
    """One change of one key: its value, or `UNSET` for a removal. One that stands for several of different values is
    `mixed`, and has the latest value."""

    id: int
    activation: str
    value: Json | msgspec.UnsetType = msgspec.UNSET
    mixed: bool = False


class KeyWrites(msgspec.Struct, omit_defaults=True):
    """The writes of one key that not everybody has seen, in commit order, and the value before them.

    `uniform` while all of them wrote the same. With more than `room` of them it is time to merge some.
    """

    base: Json | msgspec.UnsetType = msgspec.UNSET
    writes: list[Write] = []
    uniform: bool = True
    room: int = 0


class Closing(msgspec.Struct, omit_defaults=True):
    """The end that was decided, and what came of the finalizers so far."""

    to: WorkflowStatus
    cause: str
    grace_until: int
    error: ErrorData | None = None
    activation: str | None = None
    by: str | None = None
    cut: bool = False
    finalized: list[str] = []


class Decided(msgspec.Struct, gc=False):
    """Who decided an approval, and how."""

    decision: str
    by: str | None


class Run(msgspec.Struct, omit_defaults=True):
    """An execution's present. `version` is the seq of its last event, `data` the state.

    `ready` is what a worker may begin, in order, `backoff` what it may begin from a time on, `due` when waits end by
    themselves. `stopping` are the attempts that no longer count and may still be running. `busy` counts the activations
    that are a worker's affair, `waits` those that wait; `scheduled` says whether a node ever was.
    """

    execution_id: str = ""
    workflow_id: str = ""
    workflow_version: str = ""
    definition: str = ""
    version: int = 0
    status: WorkflowStatus = WorkflowStatus.PENDING
    session_type: SessionType | None = None
    key: str | None = None
    by: str | None = None
    input: Json = None
    data: dict[str, Any] = {}
    created_at: int = 0
    started_at: int | None = None
    updated_at: int = 0
    completed_at: int | None = None
    activations: dict[str, Activation] = {}
    ready: dict[str, None] = {}
    backoff: dict[str, int] = {}
    due: dict[str, int] = {}
    arrivals: dict[str, Arrivals] = {}
    loops: dict[str, LoopState] = {}
    writes: dict[str, KeyWrites] = {}
    last_write: int = 0
    decided: dict[str, Decided] = {}
    stopping: dict[str, list[int]] = {}
    busy: int = 0
    waits: int = 0
    scheduled: bool = False
    closing: Closing | None = None
    error: ErrorData | None = None

    @property
    def in_grace(self) -> bool:
        """Whether its end is decided and only waits for attempts to stop."""
        closing = self.closing
        if closing is None or self.status.is_terminal or not self.stopping:
            return False
        return not self.activations and not closing.finalized

    def waiting(self) -> dict[str, Waiting]:
        """What the activations that wait wait for, in the order in which they began to."""
        return {name: a.waiting for name, a in self.activations.items() if a.waiting is not None}

    def approvals(self) -> dict[str, Waiting]:
        """Those of them that wait for a person's decision."""
        return {name: waiting for name, waiting in self.waiting().items() if waiting.decisions}

    def deadlines(self) -> list[tuple[int, str]]:
        """When something of this execution is due without anybody's doing, in due order, with the activation."""
        return sorted((until, name) for name, until in self.due.items())

    def execution(self) -> WorkflowExecution:
        """The record that every API returns. It stays as it is when the run goes on."""
        return WorkflowExecution(
            execution_id=ExecutionId.parse(self.execution_id),
            workflow_id=self.workflow_id,
            workflow_version=self.workflow_version,
            status=self.status,
            initial_input=self.input,
            current_state=dict(self.data),
            started_at=to_datetime(self.created_at if self.started_at is None else self.started_at),
            updated_at=to_datetime(self.updated_at),
            completed_at=None if self.completed_at is None else to_datetime(self.completed_at),
            session_type=self.session_type,
        )


def to_datetime(at: int) -> datetime:
    """Milliseconds since the epoch as a time in UTC."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Run)


def encode_snapshot(run: Run) -> bytes:
    """A snapshot: a cache of the fold, never more."""
    return _encoder.encode(run)


def decode_snapshot(body: bytes) -> Run:
    """The run of a snapshot; raises `msgspec.ValidationError` for one of another shape (fold from the start then)."""
    return _decoder.decode(body)

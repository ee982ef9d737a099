"""`Run`: what an execution's history folds to, and nothing else.

It is plain data, so that a snapshot is its JSON. Only `evolve` changes it, in place: copying a wide state on every
event would cost more than the rest of a step. Who holds a `Run` drops it when a commit fails, and folds anew.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pectin.core.budget import NOTHING as UNSPENT
from pectin.core.budget import Amount, Budget
from pectin.core.definition import Json, Reducer
from pectin.core.error import ErrorData
from pectin.core.event import TIMEOUT_MS, Call, Parent
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution
from pectin.core.retry import RetryPolicy
from pectin.core.status import NodeStatus, SessionType, WorkflowStatus

Seen = frozenset[int]
"""Ids of the writes that somebody has seen, of those that not everybody has (see `core.causal`)."""

NOTHING: Seen = frozenset()


class Waiting(msgspec.Struct, gc=False, omit_defaults=True):
    """What an activation waits for, since `since` and until `until`: a person if there are decisions, else a signal, an
    event or time. As in `NodeWaiting`. With a `call` people are to approve that, as in `CallParked`, and `approved_by`
    are those who have."""

    since: int
    until: int | None = None
    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    digest: str | None = None
    editable: dict[str, Json] = {}
    signal: str | None = None
    event: str | None = None
    correlation: str = ""
    fails_late: bool = False
    call: Call | None = None
    approved_by: tuple[str, ...] = ()


class Doubt(msgspec.Struct, gc=False, omit_defaults=True):
    """An attempt of which nobody knows whether it happened. While `asks`, its `reconcile` is to answer, and
    `interruptions` counts how often in a row the asking was cut off; else a person is. `charged` is what it may have
    spent."""

    attempt: int
    since: int
    reason: str
    asks: bool = False
    begun_by: str | None = None
    interruptions: int = 0
    error: ErrorData | None = None
    charged: Amount | None = None


class ChildWish(msgspec.Struct, gc=False, omit_defaults=True):
    """The child that an activation in line for the budget is to run."""

    workflow_id: str
    workflow_version: str
    input: dict[str, Json]


class MapState(msgspec.Struct, omit_defaults=True):
    """A node that runs an item node for each of its items: the first `scheduled` have been, `outputs` have settled."""

    item_node: str
    items: list[Json]
    scheduled: int = 0
    outputs: dict[int, Json] = {}
    errors: dict[int, ErrorData] = {}

    @property
    def settled(self) -> int:
        """How many items have."""
        return len(self.outputs) + len(self.errors)


class Activation(msgspec.Struct, gc=False, omit_defaults=True):
    """An activation that is not settled.

    `attempt` is the last one's number, `outcomes` how many ended with one, `interruptions` how many in a row did not.
    A scheduled one waits for a worker, not before `not_before`. One that is `approved` may act, where that needs an
    approval: every edge that was taken to it led with one. `approved_call` is the digest of the call that people have
    approved. With a `ceiling` it waits in line for the budget first, and with a `wish` it is to run that child.
    """

    name: str
    node: str
    status: NodeStatus
    since: int
    attempt: int = 0
    outcomes: int = 0
    interruptions: int = 0
    timeout_ms: int | None = TIMEOUT_MS
    retry: RetryPolicy | None = None
    begun_by: str | None = None
    not_before: int | None = None
    error: ErrorData | None = None
    loop: str | None = None
    map: str | None = None
    item: int | None = None
    seen: Seen = NOTHING
    waiting: Waiting | None = None
    mapping: MapState | None = None
    child: str | None = None
    doubt: Doubt | None = None
    approved: bool = False
    approved_call: str | None = None
    ceiling: Amount | None = None
    wish: ChildWish | None = None

    @property
    def is_at_worker(self) -> bool:
        """Whether a worker is at its attempt, or asks about one in doubt."""
        return self.begun_by is not None or (self.doubt is not None and self.doubt.begun_by is not None)


class Arrivals(msgspec.Struct, gc=False, omit_defaults=True):
    """Edges resolved so far to an activation that has not been entered. `collected` is by source, for joins.

    `approved`: all that were taken so far led with an approval.
    """

    resolved: int = 0
    taken: int = 0
    seen: set[int] = set()
    collected: dict[str, Json] = {}
    approved: bool = False


class LoopState(msgspec.Struct, omit_defaults=True):
    """A loop in its present iteration: how many members settled, and what is held until it ends.

    `entry` is what arrived at the header from outside; it stands for every iteration. `collected` is what arrives at
    joins by the exits: by the join's node, by source. `approved` are those of the exits, and the header if it
    `repeats`, to which all that was taken so far led with an approval.
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
    approved: list[str] = []


class Write(msgspec.Struct, gc=False, omit_defaults=True):
    """One change of one key: its value, or `UNSET` for a removal; with a `reducer`, what it adds. One that stands for
    several of different values is `mixed`, and has the latest value."""

    id: int
    activation: str
    value: Json | msgspec.UnsetType = msgspec.UNSET
    mixed: bool = False
    reducer: Reducer | None = None


class KeyWrites(msgspec.Struct, omit_defaults=True):
    """The writes of one key that not everybody has seen, in commit order, and the value before them.

    `uniform` while all of them wrote the same, or all of them only added. With more than `room` of them it is time to
    merge some.
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


class Hold(msgspec.Struct, gc=False, omit_defaults=True):
    """An operator's hold: who, since when and why. An `inherited` one is the parent's."""

    since: int
    by: str | None = None
    reason: str | None = None
    inherited: bool = False


class Message(msgspec.Struct, gc=False, omit_defaults=True):
    """A signal or an external event that no wait has taken; `seq` is of the event that brought it."""

    seq: int
    name: str
    payload: Json = None
    correlation: str | None = None
    by: str | None = None


class Decided(msgspec.Struct, gc=False, omit_defaults=True):
    """Who decided an approval, or resolved a doubt, and how. `edits` has the digest of what a decision gave to each key
    that has no reducer."""

    decision: str
    by: str | None
    edits: dict[str, str] = {}


class Run(msgspec.Struct, omit_defaults=True):
    """An execution's present. `version` is the seq of its last event, `first_entry` that of the one that enters the
    start, `data` the state.

    `ready` is what a worker may begin, in order (attempts, and reconciles of those in doubt; an `OrderedDict` finds the
    first at once, however many were before it), `backoff` what it may begin from a time on, `quarantined` what nobody
    may begin, `due` when waits end by themselves, `wall` when the execution's time is used up. `stopping` are the
    attempts that no longer count and may still be running. `busy` counts the activations that are a worker's affair,
    `waits` those that wait, for a person's word on a doubt too;
    `children` are the live child executions, by activation; `scheduled` says whether a node ever was.
    `fired` counts, for each join that fired early, the edges to it that are still to be resolved. `unhandled` are the
    failures that no edge took, in commit order. `inbox` are the signals that nobody has taken, `dedups` what is known
    of their keys. `listens` are the waits for external events, by activation: the event's name and its correlation.
    `limit` is the limit that was passed once and lifted.
    `spent` is what was spent so far, `reserved` what attempts that run and live children may spend, by activation, and
    `reserve` the sum of that. `budget` are the execution's own limits on it, `part` what the parent leaves it, and
    `line` are those who stand in line for it, in order: with a ceiling, and to be begun.
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
    first_entry: int = 3
    updated_at: int = 0
    completed_at: int | None = None
    activations: dict[str, Activation] = {}
    ready: dict[str, None] = msgspec.field(default_factory=OrderedDict[str, None])
    backoff: dict[str, int] = {}
    due: dict[str, int] = {}
    arrivals: dict[str, Arrivals] = {}
    loops: dict[str, LoopState] = {}
    writes: dict[str, KeyWrites] = {}
    last_write: int = 0
    decided: dict[str, Decided] = {}
    resolved: dict[str, Decided] = {}
    stopping: dict[str, list[int]] = {}
    quarantined: dict[str, int] = {}
    fired: dict[str, int] = {}
    unhandled: dict[str, ErrorData] = {}
    inbox: list[Message] = []
    dedups: dict[str, str] = {}
    listens: dict[str, tuple[str, str]] = {}
    children: dict[str, str] = {}
    parent: Parent | None = None
    wall: int | None = None
    limit: ErrorData | None = None
    budget: Budget | None = None
    part: Budget | None = None
    spent: Amount = UNSPENT
    reserve: Amount = UNSPENT
    reserved: dict[str, Amount] = {}
    line: dict[str, None] = msgspec.field(default_factory=OrderedDict[str, None])
    hold: Hold | None = None
    busy: int = 0
    waits: int = 0
    scheduled: bool = False
    closing: Closing | None = None
    error: ErrorData | None = None

    @property
    def depth(self) -> int:
        """How many executions deep it is: 1 for one that has no parent."""
        return 1 if self.parent is None else self.parent.depth

    @property
    def requester(self) -> str | None:
        """Who started it, or for a child who started the outermost one around it; None where nobody says so."""
        return (self.by or "").strip() or None

    @property
    def in_grace(self) -> bool:
        """Whether its end is decided and only waits for attempts to stop."""
        closing = self.closing
        if closing is None or self.status.is_terminal or not self.stopping:
            return False
        return not self.activations and (closing.cut or not closing.finalized)

    def waiting(self) -> dict[str, Waiting]:
        """What the activations that wait wait for, in the order in which they began to."""
        return {name: a.waiting for name, a in self.activations.items() if a.waiting is not None}

    def approvals(self) -> dict[str, Waiting]:
        """Those of them that wait for a person's decision."""
        return {name: waiting for name, waiting in self.waiting().items() if waiting.decisions}

    def doubts(self) -> dict[str, Doubt]:
        """The attempts in doubt that wait for a person's word, by activation."""
        return {name: a.doubt for name, a in self.activations.items() if a.doubt is not None and not a.doubt.asks}

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
    run = _decoder.decode(body)
    run.ready, run.line = OrderedDict(run.ready), OrderedDict(run.line)
    return run

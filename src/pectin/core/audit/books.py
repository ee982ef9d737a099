"""The books of an audit: the little that is to be known of a history so far, to judge the next event by.

They are kept from the events alone and by the simplest means, beside the fold, so that both can be held against each
other. Nothing here raises, whatever a damaged history says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pectin.core.audit.approval import Approvals
from pectin.core.audit.purse import Purse
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    CallApproved,
    CallParked,
    CancelRequested,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    HoldReleased,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeQuarantined,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    QuarantineReleased,
)
from pectin.core.retry import RetryPolicy
from pectin.core.status import SessionType, WorkflowStatus

Entering = NodeScheduled | NodeWaiting | NodeMapped | ChildScheduled | ChildSpawned
Settled = NodeCompleted | NodeFailed | NodeSkipped | NodeCancelled


@dataclass(slots=True)
class Standing:
    """An activation that has not settled. `may_have_happened` says whether an attempt's body was entered and
    nobody knows yet what came of it, `is_once` whether it was ever in doubt, which is for `once` nodes only. An item is
    of a `map`, which has so many `items` that have not settled. While its call is `parked`, `approved_by` counts. One
    that `wants_child` waits for the child's budget."""

    node: str
    is_late: bool = False
    retry: RetryPolicy | None = None
    attempt: int = 0
    is_running: bool = False
    outcomes: int = 0
    not_before: int = 0
    in_quarantine: bool = False
    may_have_happened: bool = False
    in_doubt: bool = False
    asks_person: bool = False
    is_once: bool = False
    waiting: NodeWaiting | None = None
    child: str | None = None
    wants_child: bool = False
    is_map: bool = False
    map: str | None = None
    items: int = 0
    parked: CallParked | None = None
    approved_by: tuple[str, ...] = ()
    is_approved: bool = False

    @property
    def waits(self) -> bool:
        """Whether it waits for somebody, or for time."""
        return self.waiting is not None or self.parked is not None or self.asks_person

    @property
    def is_busy(self) -> bool:
        """Whether it is a worker's affair."""
        return not self.waits and not self.is_map and self.child is None


@dataclass(slots=True)
class Books:
    """`standing` are the activations that have not settled, in the order in which they were entered; `inbox` the
    messages that nobody has taken, by seq; `approvals` are kept of an `approval_gated` execution."""

    standing: dict[str, Standing] = field(default_factory=dict[str, Standing])
    settled: set[str] = field(default_factory=set[str])
    unhandled: set[str] = field(default_factory=set[str])
    purse: Purse = field(default_factory=Purse)
    inbox: dict[int, MessageReceived] = field(default_factory=dict[int, MessageReceived])
    taken: set[int] = field(default_factory=set[int])
    dedups: set[str] = field(default_factory=set[str])
    closing: ClosingBegan | None = None
    is_cut: bool = False
    has_failed_late: bool = False
    is_held: bool = False
    is_governed: bool = False
    has_ended: bool = False
    requester: str | None = None
    approvals: Approvals | None = None

    @property
    def end(self) -> WorkflowStatus | None:
        """The end that was decided, after what finalizers have made of it."""
        if self.closing is None:
            return None
        if self.has_failed_late and self.closing.to is WorkflowStatus.COMPLETED:
            return WorkflowStatus.FAILED
        return self.closing.to

    def note(self, seq: int, event: AnyEvent) -> None:
        """Write an event down."""
        if self.approvals is not None:
            self.approvals.note(event)
        self.purse.note(event)
        match event:
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                self._settle(event)
            case ChildSpawned() if event.activation in self.standing:
                self.standing[event.activation].child = event.child
            case NodeScheduled() | NodeWaiting() | NodeMapped() | ChildScheduled() | ChildSpawned():
                self._enter(event)
            case MessageReceived():
                self.inbox[seq] = event
                if event.dedup is not None:
                    self.dedups.add(event.dedup)
            case ClosingBegan():
                self.closing, self.is_held = event, False
                self.inbox.clear()
            case CancelRequested():
                self.is_cut = True
            case ExecutionHeld():
                self.is_held = True
            case HoldReleased():
                self.is_held = False
            case ExecutionEnded():
                self.has_ended = True
            case ExecutionCreated():
                self.requester = (event.by or "").strip() or None
                self.is_governed = event.session_type is SessionType.PERSISTENT_GOVERNED
                if event.session_type is SessionType.APPROVAL_GATED:
                    self.approvals = Approvals()
            case _:
                standing = self.standing.get(getattr(event, "activation", ""))
                if standing is not None:
                    _go_on(standing, event)

    def _enter(self, event: Entering) -> None:
        standing = Standing(event.node, is_late=self.closing is not None)
        match event:
            case NodeScheduled():
                standing.retry = event.retry
                if event.begun_by is not None:
                    _begin(standing, 1)
            case NodeWaiting():
                standing.waiting = event
            case NodeMapped():
                standing.is_map = True
            case ChildScheduled():
                standing.wants_child = True
            case ChildSpawned():
                standing.child = event.child
        self.standing[event.activation] = standing
        if isinstance(event, NodeScheduled | ChildScheduled | ChildSpawned):
            standing.map = event.map
            self._count_item(standing, 1)

    def _count_item(self, item: Standing, change: int) -> None:
        if item.map in self.standing:
            self.standing[item.map].items += change

    def _settle(self, event: Settled) -> None:
        settled = self.standing.pop(event.activation, None)
        if settled is not None:
            self._count_item(settled, -1)
        self.settled.add(event.activation)
        if isinstance(event, NodeCompleted | NodeFailed) and event.message is not None:
            self.inbox.pop(event.message, None)
            self.taken.add(event.message)
        if isinstance(event, NodeFailed):
            self.has_failed_late |= self.closing is not None
            if event.unhandled:
                self.unhandled.add(event.activation)


def _begin(standing: Standing, attempt: int) -> None:
    standing.attempt = attempt
    standing.is_running = True
    standing.may_have_happened = True
    standing.not_before = 0


def _go_on(standing: Standing, event: AnyEvent) -> None:
    """What becomes of an activation between its entry and its end."""
    match event:
        case AttemptBegun():
            _begin(standing, event.attempt)
        case AttemptFailed():
            standing.is_running = standing.in_doubt = standing.asks_person = False
            standing.outcomes += 1
            standing.not_before = event.not_before if event.not_before > event.at else 0
            named = standing.retry is not None and event.error.error_class in standing.retry.retryable_on
            standing.may_have_happened = standing.may_have_happened and not named
        case AttemptInterrupted():
            standing.is_running = standing.in_doubt = False
        case CallParked():
            standing.parked, standing.approved_by, standing.is_approved = event, (), False
        case CallApproved():
            standing.approved_by = (*standing.approved_by, event.by)
            if event.decides:
                standing.parked, standing.is_approved = None, True
        case NodeQuarantined():
            standing.in_quarantine = True
        case QuarantineReleased():
            standing.in_quarantine = False
        case DoubtRaised():
            standing.is_running = False
            standing.in_doubt = standing.is_once = True
            standing.asks_person = not event.asks
        case DoubtLeft():
            standing.asks_person = True
        case DoubtResolved(happened=False):
            standing.may_have_happened = standing.in_doubt = standing.asks_person = False
        case _:
            pass

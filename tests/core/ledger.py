"""A second account of a history, kept from its events alone and by the simplest means, to hold the core against.

It knows nothing of `Run`: it counts statuses, attempts, waits, doubts, messages and children anew. What activations
see is in `sight`, and what no history may hold in `laws`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pectin.core.definition import Definition
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    BudgetAwaited,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
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
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    HoldReleased,
    LimitReached,
    LoopEnded,
    LoopRepeated,
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
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.status import NodeStatus, WorkflowStatus
from tests.core.laws import Laws
from tests.core.purse import Purse
from tests.core.sight import SightBook

SETTLED = {
    NodeCompleted: NodeStatus.COMPLETED,
    NodeFailed: NodeStatus.FAILED,
    NodeSkipped: NodeStatus.SKIPPED,
    NodeCancelled: NodeStatus.CANCELLED,
}

Row = tuple[object, object]
Doubtful = DoubtRaised | ReconcileBegun | ReconcileInterrupted | DoubtLeft | DoubtResolved


class Ledger:
    """`moves` counts the rows of both transition tables that were walked.

    `doubts` are by activation, with whether `reconcile` is asked (`asking`: it is being asked); `has_failed_late` says
    whether a finalizer has made a success a failure.
    """

    def __init__(self, definition: Definition) -> None:
        self.moves: Counter[Row] = Counter()
        self.sight = SightBook()
        self.status = WorkflowStatus.PENDING
        self.nodes: dict[str, NodeStatus] = {}
        self.entered: Counter[str] = Counter()
        self.waiting: dict[str, NodeWaiting] = {}
        self.parked: dict[str, CallParked] = {}
        self.maps: dict[str, NodeMapped] = {}
        self.children: dict[str, str] = {}
        self.doubts: dict[str, bool] = {}
        self.asking: set[str] = set()
        self.quarantined: set[str] = set()
        self.backoff: dict[str, int] = {}
        self.running: set[str] = set()
        self.stopping: set[tuple[str, int]] = set()
        self.inbox: dict[int, MessageReceived] = {}
        self.unhandled: list[str] = []
        self.cancelled_children: set[str] = set()
        self.purse = Purse()
        self.wishes: set[str] = set()
        self.outcomes: Counter[str] = Counter()
        self.interruptions: Counter[str] = Counter()
        self.is_held = False
        self.wall: int | None = None
        self.limits = 0
        self.closing: ClosingBegan | None = None
        self.is_cut = False
        self.has_failed_late = False
        self._has_finalized = False
        self._grace_until = 0
        self._seq = 0
        self._attempt: Counter[str] = Counter()
        self._laws = Laws(definition, self)

    def read(self, events: Iterable[AnyEvent]) -> Ledger:
        for event in events:
            self._seq += 1
            self._laws.check(event)
            self.purse.read(event)
            self._read(event)
        return self

    # -- what it says -------------------------------------------------------------------------------------------

    def settled(self) -> dict[str, NodeStatus]:
        return {name: status for name, status in self.nodes.items() if status.is_settled}

    def unsettled(self) -> set[str]:
        return {name for name, status in self.nodes.items() if not status.is_settled}

    def ready(self) -> set[str]:
        scheduled = {name for name, status in self.nodes.items() if status is NodeStatus.SCHEDULED}
        asks = {name for name, asks in self.doubts.items() if asks}
        return (scheduled - self.backoff.keys() - self.quarantined - set(self.purse.line)) | (asks - self.asking)

    def waits(self) -> int:
        return len(self.waiting) + len(self.parked) + sum(not asks for asks in self.doubts.values())

    def busy(self) -> int:
        return len(self.unsettled()) - self.waits() - len(self.maps) - len(self.children)

    def is_paused(self) -> bool:
        """Whether nothing can go on until somebody or the clock says so."""
        return self.is_held or (self.busy() == 0 and self.waits() > 0 and not self.children)

    def is_in_grace(self) -> bool:
        is_over = self.status.is_terminal or (self._has_finalized and not self.is_cut)
        return self.closing is not None and bool(self.stopping) and not is_over and not self.unsettled()

    def next_wake(self) -> int | None:
        waits = (*self.waiting.values(), *self.parked.values())
        times = [waiting.until for waiting in waits if waiting.until is not None]
        times += [] if self.is_held else self.backoff.values()
        times += [] if self.wall is None else [self.wall]
        times += [self._grace_until] if self.is_in_grace() else []
        return min(times, default=None)

    def is_at_work(self, at: int) -> bool:
        if self.running or self.asking or self.is_in_grace():
            return True
        can_begin = self.ready() or self.purse.can_begin()
        return not self.is_held and bool(can_begin or any(until <= at for until in self.backoff.values()))

    def has_a_future(self) -> bool:
        """Somebody is at it, or will be, or can be asked."""
        return bool(
            self.is_at_work(0) or self.backoff or self.waits() or self.children or self.quarantined or self.is_held
        )

    # -- how it is kept -----------------------------------------------------------------------------------------

    def _read(self, event: AnyEvent) -> None:
        match event:
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                self._settle(event)
            case NodeScheduled() | NodeWaiting() | NodeMapped() | ChildScheduled() | ChildSpawned():
                self._enter(event)
            case BudgetAwaited():
                del self.backoff[event.activation]
            case BudgetReserved() | BudgetSettled() | BudgetReturned():
                pass  # the purse's
            case AttemptBegun():
                self._begin(event.activation, event.attempt)
            case AttemptFailed():
                self.outcomes[event.activation] += 1
                self.interruptions[event.activation] = 0
                self._put_back(event.activation)
                if event.not_before > event.at:
                    self.backoff[event.activation] = event.not_before
                if event.abandoned:
                    self.stopping.add((event.activation, event.attempt))
            case CallParked():
                self._move(event.activation, NodeStatus.RUNNING)
                self.backoff.pop(event.activation, None)
                self.parked[event.activation] = event
            case CallApproved():
                if event.decides:
                    del self.parked[event.activation]
                    self._put_back(event.activation)
            case AttemptInterrupted():
                self.interruptions[event.activation] += 1
                self._put_back(event.activation)
            case AttemptStopped():
                self.stopping.remove((event.activation, event.attempt))
            case NodeQuarantined():
                self.quarantined.add(event.activation)
            case QuarantineReleased():
                self.quarantined.remove(event.activation)
                self.interruptions[event.activation] = 0
            case LoopRepeated():
                self.sight.repeat(event)
            case LoopEnded():
                self.sight.end_loop(event)
            case DoubtRaised() | ReconcileBegun() | ReconcileInterrupted() | DoubtLeft() | DoubtResolved():
                self._read_doubt(event)
            case _:
                self._read_execution(event)

    def _read_doubt(self, event: Doubtful) -> None:
        name = event.activation
        match event:
            case DoubtRaised():
                self.running.remove(name)
                self.doubts[name] = event.asks
                if event.abandoned:
                    self.stopping.add((name, event.attempt))
            case ReconcileBegun():
                self.asking.add(name)
            case ReconcileInterrupted():
                self.asking.remove(name)
            case DoubtLeft():
                self.asking.discard(name)
                self.doubts[name] = False
            case DoubtResolved():
                assert name in self.doubts, "only a doubt is resolved"
                if not event.happened:
                    self._put_back(name)

    def _read_execution(self, event: AnyEvent) -> None:
        match event:
            case ExecutionCreated():
                self.sight.begin(event.state)
            case ExecutionStarted():
                self._turn(WorkflowStatus.RUNNING)
                self.wall = event.until
                if event.state is not None:  # a child's
                    self.sight.begin(event.state)
            case ExecutionResumed():
                self._turn(WorkflowStatus.RUNNING)
            case ExecutionPaused():
                self._turn(WorkflowStatus.PAUSED)
            case ExecutionHeld():
                self.is_held = True
            case HoldReleased():
                self.is_held = False
            case MessageReceived():
                self.inbox[self._seq] = event
            case LimitReached():
                self.limits += 1
                self.wall = None
                self.sight.begin(self.sight.state)
            case ClosingBegan():
                self.closing, self.is_held, self.wall = event, False, None
                self._grace_until = event.grace_until
                self.inbox.clear()
                self.sight.forget_ways()
            case CancelRequested():
                self.is_cut, self._grace_until = True, event.grace_until
            case ExecutionEnded():
                self._turn(event.status)
            case _:
                raise AssertionError(f"nobody counts {event}")

    def _turn(self, status: WorkflowStatus) -> None:
        self.moves[self.status, status] += 1
        self.status = status

    def _move(self, name: str, status: NodeStatus) -> None:
        self.moves[self.nodes[name], status] += 1
        self.nodes[name] = status

    def _enter(self, event: NodeScheduled | NodeWaiting | NodeMapped | ChildScheduled | ChildSpawned) -> None:
        name = event.activation
        if isinstance(event, ChildSpawned) and name in self.wishes:
            self.wishes.remove(name)
        else:
            assert name not in self.nodes, f"{name} is entered twice"
            self._appear(name, event.map if isinstance(event, NodeScheduled | ChildScheduled | ChildSpawned) else None)
        match event:
            case ChildScheduled():
                self.wishes.add(name)
                self._move(name, NodeStatus.SCHEDULED)
                return
            case NodeScheduled():
                self._has_finalized |= self.closing is not None
                self._move(name, NodeStatus.SCHEDULED)
                if event.begun_by is not None:
                    self._begin(name, 1)
                return
            case NodeWaiting():
                self.waiting[name] = event
            case NodeMapped():
                self.maps[name] = event
            case ChildSpawned():
                self.children[name] = event.child
        self._move(name, NodeStatus.RUNNING)

    def _appear(self, name: str, parent: str | None = None) -> None:
        self.nodes[name] = NodeStatus.PENDING
        self.entered[name] += 1
        self.sight.enter(name, parent)

    def _begin(self, name: str, attempt: int) -> None:
        assert attempt == self._attempt[name] + 1, "attempts are numbered through"
        self._move(name, NodeStatus.RUNNING)
        self._attempt[name] = attempt
        self.backoff.pop(name, None)
        self.running.add(name)

    def _put_back(self, name: str) -> None:
        self._move(name, NodeStatus.SCHEDULED)
        self.running.discard(name)
        self.doubts.pop(name, None)
        self.asking.discard(name)

    def _settle(self, event: NodeCompleted | NodeFailed | NodeSkipped | NodeCancelled) -> None:
        name = event.activation
        if name not in self.nodes:
            self._appear(name)
        assert not self.nodes[name].is_settled, f"{name} is settled twice"
        self._move(name, SETTLED[type(event)])
        if name in self.running and (isinstance(event, NodeCancelled) or getattr(event, "abandoned", False)):
            self.stopping.add((name, self._attempt[name]))
        if isinstance(event, NodeCancelled) and event.child is not None:
            self.cancelled_children.add(event.child)
        if isinstance(event, NodeCompleted | NodeFailed) and event.message is not None:
            del self.inbox[event.message]
        if isinstance(event, NodeFailed):
            self.has_failed_late |= self.closing is not None
            if event.unhandled:
                self.unhandled.append(name)
        for kept in (self.backoff, self.waiting, self.parked, self.maps, self.children, self.doubts):
            kept.pop(name, None)
        for names in (self.running, self.asking, self.quarantined):
            names.discard(name)
        if event.unresolved:
            self.sight.fire(name, event.unresolved, event.loop)
        if isinstance(event, NodeCompleted):
            self.sight.write(event)
        self.sight.lead(name, event.route, event.loop)

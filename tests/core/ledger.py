"""A second account of a history, kept from its events alone and by the simplest means, to hold the core against.

It knows nothing of `Run`: it counts statuses and attempts anew, and it remembers for every activation all that it had
to wait for since the beginning, where the core keeps only what is not seen by everybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    ClosingBegan,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    LoopEnded,
    LoopRepeated,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    Route,
)
from pectin.core.status import NodeStatus, WorkflowStatus

SETTLED = {
    NodeCompleted: NodeStatus.COMPLETED,
    NodeFailed: NodeStatus.FAILED,
    NodeSkipped: NodeStatus.SKIPPED,
    NodeCancelled: NodeStatus.CANCELLED,
}

Row = tuple[object, object]


class Ledger:
    """`moves` counts the rows of both transition tables that were walked."""

    def __init__(self) -> None:
        self.moves: Counter[Row] = Counter()
        self.status = WorkflowStatus.PENDING
        self.nodes: dict[str, NodeStatus] = {}
        self.waiting: dict[str, int | None] = {}
        self.maps: set[str] = set()
        self.backoff: dict[str, int] = {}
        self.running: set[str] = set()
        self.stopping: set[tuple[str, int]] = set()
        self.closing: ClosingBegan | None = None
        self.finalizing = False
        self.entered: Counter[str] = Counter()
        self._attempt: dict[str, int] = {}
        self._outcomes: Counter[str] = Counter()
        self._outcomes_max: dict[str, int] = {}
        self._first: dict[str, Any] = {}
        self._patches: list[dict[str, Any]] = []
        self._sight: dict[str, frozenset[int]] = {}
        self._arriving: defaultdict[str, set[int]] = defaultdict(set)
        self._held: defaultdict[str, set[int]] = defaultdict(set)

    def read(self, events: Iterable[AnyEvent]) -> Ledger:
        for event in events:
            self._read(event)
        return self

    # -- what it says -------------------------------------------------------------------------------------------

    def settled(self) -> dict[str, NodeStatus]:
        return {name: status for name, status in self.nodes.items() if status.is_settled}

    def unsettled(self) -> set[str]:
        return {name for name, status in self.nodes.items() if not status.is_settled}

    def ready(self) -> set[str]:
        scheduled = {name for name, status in self.nodes.items() if status is NodeStatus.SCHEDULED}
        return scheduled - self.backoff.keys()

    def busy(self) -> int:
        return len(self.unsettled() - self.waiting.keys() - self.maps)

    def is_in_grace(self) -> bool:
        over = self.status.is_terminal or self.finalizing
        return self.closing is not None and bool(self.stopping) and not over and not self.unsettled()

    def next_wake(self) -> int | None:
        times = [*self.backoff.values(), *(until for until in self.waiting.values() if until is not None)]
        if self.closing is not None and self.is_in_grace():
            times.append(self.closing.grace_until)
        return min(times, default=None)

    def is_at_work(self, at: int) -> bool:
        due = any(until <= at for until in self.backoff.values())
        return bool(self.running or self.ready() or due) or self.is_in_grace()

    def view(self, name: str) -> dict[str, Any]:
        """The state before an activation: the input, and the patches of all that it had to wait for."""
        state = dict(self._first)
        for index in sorted(self._sight[name]):
            state.update(self._patches[index])
        return state

    # -- how it is kept -----------------------------------------------------------------------------------------

    def _read(self, event: AnyEvent) -> None:
        match event:
            case ExecutionCreated():
                self._first = event.state
            case ExecutionStarted() | ExecutionResumed():
                self._turn(WorkflowStatus.RUNNING)
            case ExecutionPaused():
                self._turn(WorkflowStatus.PAUSED)
            case ExecutionEnded():
                self._end(event.status)
            case ClosingBegan():
                self.closing = event
            case NodeScheduled():
                self._enter(event.activation, NodeStatus.SCHEDULED, event.map)
                self._outcomes_max[event.activation] = event.retry.max_attempts if event.retry is not None else 1
                self.finalizing |= self.closing is not None
                if event.begun_by is not None:
                    self._run(event.activation, 1)
            case NodeWaiting():
                self._enter(event.activation, NodeStatus.RUNNING)
                self.waiting[event.activation] = event.until
            case NodeMapped():
                self._enter(event.activation, NodeStatus.RUNNING)
                self.maps.add(event.activation)
            case AttemptBegun():
                self.backoff.pop(event.activation, None)
                self._run(event.activation, event.attempt)
            case AttemptFailed() | AttemptInterrupted():
                self._put_back(event)
            case AttemptStopped():
                self.stopping.remove((event.activation, event.attempt))
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                self._settle(event)
            case LoopRepeated():
                self._arriving[f"{event.loop}[{event.iteration}]"] |= self._held[event.loop]
            case LoopEnded():
                self._lead(event.route, event.outer, frozenset(self._held.pop(event.loop)))
            case _:
                pass

    def _end(self, status: WorkflowStatus) -> None:
        self._turn(status)
        assert not self.unsettled(), "an execution ends when everything is settled"
        if self.closing is not None and self.closing.to is WorkflowStatus.COMPLETED:
            assert not self._arriving, f"{set(self._arriving)} were forgotten"
            assert not self._held, f"the loops {set(self._held)} were forgotten"

    def _turn(self, status: WorkflowStatus) -> None:
        self.moves[self.status, status] += 1
        self.status = status

    def _move(self, name: str, status: NodeStatus) -> None:
        self.moves[self.nodes[name], status] += 1
        self.nodes[name] = status

    def _enter(self, name: str, status: NodeStatus, parent: str | None = None) -> None:
        assert name not in self.nodes, f"{name} is entered twice"
        self.nodes[name] = NodeStatus.PENDING
        self.entered[name] += 1
        self._sight[name] = self._sight[parent] if parent is not None else frozenset(self._arriving.pop(name, ()))
        self._move(name, status)

    def _run(self, name: str, attempt: int) -> None:
        self._move(name, NodeStatus.RUNNING)
        self._attempt[name] = attempt
        self.running.add(name)

    def _put_back(self, event: AttemptFailed | AttemptInterrupted) -> None:
        self._move(event.activation, NodeStatus.SCHEDULED)
        self.running.remove(event.activation)
        if isinstance(event, AttemptFailed):
            self._count_outcome(event.activation)
            if event.not_before > event.at:
                self.backoff[event.activation] = event.not_before
            if event.abandoned:
                self.stopping.add((event.activation, event.attempt))

    def _count_outcome(self, name: str) -> None:
        self._outcomes[name] += 1
        assert self._outcomes[name] < self._outcomes_max[name], f"{name} is tried once too often"

    def _settle(self, event: NodeCompleted | NodeFailed | NodeSkipped | NodeCancelled) -> None:
        name = event.activation
        if name not in self.nodes:
            self.nodes[name] = NodeStatus.PENDING
            self.entered[name] += 1
            self._sight[name] = frozenset(self._arriving.pop(name, ()))
        assert not self.nodes[name].is_settled, f"{name} is settled twice"
        given_up = isinstance(event, NodeCancelled) or (isinstance(event, NodeFailed) and event.abandoned)
        if name in self.running and given_up:
            self.stopping.add((name, self._attempt[name]))
        self._move(name, SETTLED[type(event)])
        self.running.discard(name)
        self.backoff.pop(name, None)
        self.waiting.pop(name, None)
        sight = self._sight[name]
        if isinstance(event, NodeCompleted) and event.patch:
            self._check_conflicts(name, event.patch, sight)
            self._patches.append(event.patch)
            sight |= {len(self._patches) - 1}
        self._lead(event.route, event.loop, sight)

    def _check_conflicts(self, name: str, patch: dict[str, Any], sight: frozenset[int]) -> None:
        for index, other in enumerate(self._patches):
            if index not in sight:
                differing = [key for key in patch.keys() & other.keys() if patch[key] != other[key]]
                assert not differing, f"{name} overwrites {differing}, which it has not seen"

    def _lead(self, route: Route, loop: str | None, sight: frozenset[int]) -> None:
        if loop is not None:
            self._held[loop] |= sight
        for target in (*route.taken, *route.dead):
            self._arriving[target] |= sight

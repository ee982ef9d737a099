"""What no history may hold, event by event: each is held against what the ledger knows before it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pectin.core.activation import parse_activation
from pectin.core.definition import Definition, Effect, Node, OnFailure, OnItemFailure, RunOn, Trigger
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    BudgetReserved,
    CallParked,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtResolved,
    ExecutionEnded,
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
    NodeWaiting,
    ReconcileBegun,
)
from pectin.core.status import WorkflowStatus

if TYPE_CHECKING:
    from tests.core.ledger import Ledger

ENTERS = (NodeScheduled, NodeWaiting, NodeMapped, ChildScheduled, ChildSpawned)
STARTS = (*ENTERS, AttemptBegun, BudgetReserved, CallParked, ReconcileBegun, LoopRepeated, LoopEnded)
"""What doesn't happen while an execution is held, and after its end is decided to finalizers only."""


class Laws:
    """The laws of one definition. `bodies` are those that were entered and may not be again."""

    def __init__(self, definition: Definition, ledger: Ledger) -> None:
        self._ledger = ledger
        self._definition = definition
        self._nodes = {node.id: node for node in definition.nodes}
        self._finalizers = [node.id for node in definition.nodes if node.run_on is not None]
        self._place = -1
        self._dedups: set[str] = set()
        self._bodies: set[str] = set()
        self._policies: dict[str, NodeScheduled] = {}
        self._items: defaultdict[str, dict[int, Any]] = defaultdict(dict)
        self._failed_items: defaultdict[str, dict[int, Any]] = defaultdict(dict)

    def check(self, event: AnyEvent) -> None:
        """Before the ledger takes it."""
        if isinstance(event, STARTS):
            self._check_start(event)
        match event:
            case NodeScheduled():
                self._policies[event.activation] = event
                self._check_room(event.map)
                if event.begun_by is not None:
                    self._check_begun(event.activation, event.at)
            case ChildSpawned() if event.activation in self._ledger.wishes:
                pass
            case ChildScheduled() | ChildSpawned():
                self._check_room(event.map)
            case AttemptBegun():
                self._check_begun(event.activation, event.at)
            case CallParked():
                self._check_parked(event)
            case AttemptFailed():
                self._check_retry(event)
            case AttemptInterrupted():
                assert event.activation not in self._bodies, "what may run once is in doubt, and not tried again"
            case NodeQuarantined():
                assert event.interruptions == self._ledger.interruptions[event.activation] >= 3
            case DoubtResolved(happened=False):
                self._bodies.remove(event.activation)
            case NodeCompleted() | NodeFailed():
                self._check_result(event)
            case NodeCancelled():
                assert event.in_doubt == (event.activation in self._ledger.doubts)
                assert event.child == self._ledger.children.get(event.activation), "a child is cancelled too"
            case LoopEnded() if event.by_limit:
                self._check_way_by_limit(event)
            case _:
                self._check_execution(event)

    def _check_execution(self, event: AnyEvent) -> None:
        ledger = self._ledger
        match event:
            case MessageReceived():
                assert event.dedup is None or event.dedup not in self._dedups, "a message is received once"
                self._dedups |= {event.dedup} if event.dedup is not None else set()
            case LimitReached():
                assert not ledger.limits, "a limit is lifted once"
                assert not ledger.unsettled(), "everything else is cancelled first"
                assert not ledger.is_held, "the end of its time releases it"
            case ClosingBegan():
                self._check_end(event)
            case ExecutionEnded():
                assert not ledger.unsettled(), "an execution ends when everything is settled"
                assert not ledger.children, "a child is left alone"
            case _:
                pass

    def _check_end(self, event: ClosingBegan) -> None:
        """It closes when all has settled, unless something cuts it short."""
        ledger = self._ledger
        assert ledger.closing is None, "an end is decided once"
        waits = self._definition.on_failure is OnFailure.WAIT and event.cause == "failed"
        if event.to is WorkflowStatus.COMPLETED:
            assert not ledger.unhandled, f"the failures of {ledger.unhandled} were forgotten"
        if event.to is WorkflowStatus.COMPLETED or waits:
            assert not ledger.unsettled(), "an execution ends by itself when everything is settled"
            ledger.sight.check_over()

    # -- what starts --------------------------------------------------------------------------------------------

    def _check_start(self, event: AnyEvent) -> None:
        ledger = self._ledger
        assert not ledger.is_held, f"{event} while it is held"
        if ledger.closing is None:
            goes_on = self._definition.on_failure is OnFailure.WAIT or not ledger.unhandled
            assert goes_on, f"{event} after a failure that nobody handled"
            return
        name: str = getattr(event, "node", "") or getattr(event, "activation", "")
        assert name in self._finalizers, f"{event} after the end was decided"
        if isinstance(event, NodeScheduled):
            place = self._finalizers.index(name)
            again = self._ledger.has_failed_late  # those that run on failure come into it
            assert again or self._place < place, "finalizers run one after another, in their order"
            self._place = place
            self._check_finalizer(self._nodes[name].run_on, ledger.closing)

    def _check_finalizer(self, run_on: RunOn | None, closing: ClosingBegan) -> None:
        if self._ledger.is_cut or closing.to is WorkflowStatus.CANCELLED:
            assert run_on is RunOn.ALWAYS, "after a cancel nothing else runs"
        elif closing.to is WorkflowStatus.COMPLETED and not self._ledger.has_failed_late:
            assert run_on is not RunOn.FAILURE
        else:
            assert run_on is not RunOn.SUCCESS

    def _check_room(self, parent: str | None) -> None:
        """No more items at once than there may be."""
        if parent is None:
            return
        each = self._nodes[parse_activation(parent).node].each
        assert each is not None, "only a map has items"
        if each.max_concurrency is not None:
            nodes = self._ledger.nodes.items()
            at_once = sum(name.startswith(f"{parent}#") and not status.is_settled for name, status in nodes)
            assert at_once < each.max_concurrency, f"{parent} runs too many items at once"

    def _check_parked(self, event: CallParked) -> None:
        """People are shown what the function would be given."""
        name, ledger = event.activation, self._ledger
        assert name not in ledger.running, f"{name} runs, and is asked for"
        target = parse_activation(name)
        given = ledger.sight.view(name)
        if target.item is not None:
            given = {"item": ledger.maps[name.partition("#")[0]].items[target.item]}
        assert event.call.arguments == given, f"people see other arguments of {name} than its function"

    def _check_begun(self, name: str, at: int) -> None:
        assert at >= self._ledger.backoff.get(name, at), f"{name} is tried again too early"
        assert name not in self._ledger.quarantined, f"{name} is in quarantine"
        if self._nodes[self._policies[name].node].effect is Effect.ONCE:
            assert name not in self._bodies, f"the body of {name} is entered twice"
            self._bodies.add(name)

    def _check_retry(self, event: AttemptFailed) -> None:
        """An exception is an outcome, also one of a body that is to run once."""
        name, retry = event.activation, self._policies[event.activation].retry
        assert retry is not None, "there is a policy for that"
        assert self._ledger.outcomes[name] + 1 < retry.max_attempts, f"{name} is tried once too often"
        if name in self._bodies:
            assert event.error.error_class in retry.retryable_on, "only a class that is named is tried again"
            self._bodies.remove(name)

    # -- what comes of it ---------------------------------------------------------------------------------------

    def _check_result(self, event: NodeCompleted | NodeFailed) -> None:
        name, ledger = event.activation, self._ledger
        target = parse_activation(name)
        node = self._nodes[target.node]
        waiting = ledger.waiting.get(name)
        parked = ledger.parked.get(name)
        if parked is not None and isinstance(event, NodeFailed) and event.error.error_class == "timeout":
            assert parked.until is not None, f"nobody has set {name} a deadline"
            assert event.at >= parked.until, f"the deadline of {name} has not passed"
        if event.message is not None:
            self._check_message(name, event.message)
        elif waiting is not None and waiting.until is not None and not waiting.decisions:
            assert event.at >= waiting.until, f"the time of {name} is not up"
        if event.unresolved:
            assert node.join is not None, "only a join fires"
            assert node.join.may_fire_early, f"{name} fires early"
        if target.item is not None:
            failed = isinstance(event, NodeFailed)
            settled = self._failed_items if failed else self._items
            settled[name.partition("#")[0]][target.item] = event.error.variable() if failed else event.output
        elif isinstance(event, NodeCompleted):
            self._check_output(event, node)
        elif event.error.type == "StateConflict":
            patch: Any = event.output
            assert ledger.sight.can_conflict(name, patch), f"{name} conflicts with nobody"
        elif name in ledger.maps:
            self._check_failed_map(event, node)

    def _check_failed_map(self, event: NodeFailed, node: Node) -> None:
        """Where it waits for its items, or collects their errors, an item's error is not simply its own."""
        mode = node.each.on_item_failure if node.each is not None else None
        failed, done = self._failed_items[event.activation], self._items[event.activation]
        if mode in (None, OnItemFailure.FAIL) or event.error.variable() not in failed.values():
            return
        assert mode is OnItemFailure.WAIT, f"{event.activation} doesn't collect a failure"
        assert len(failed) + len(done) == len(self._ledger.maps[event.activation].items), "it doesn't wait for all"
        assert event.error.variable() == failed[min(failed)], "the error of the lowest index counts"

    def _check_output(self, event: NodeCompleted, node: Node) -> None:
        """What comes of arrivals and of items is in their order, whoever was first."""
        name = event.activation
        output: Any = event.patch.get(node.output_key) if node.output_key is not None else event.output
        if node.join is not None:
            sources = [arrival["source"] for arrival in output]
            assert sources == [source for source in node.join.wait_for if source in sources], "arrivals out of order"
            assert len(sources) >= (node.join.at_least or 1), f"{name} fires too early"
        if name in self._ledger.maps:
            assert node.each is not None, "only a map has items"
            failed = self._failed_items[name]
            assert not failed or node.each.on_item_failure is OnItemFailure.COLLECT, f"{name} forgets a failure"
            both = {**self._items[name], **{index: {"error": error} for index, error in failed.items()}}
            assert output == [both[index] for index in range(len(self._ledger.maps[name].items))], "items out of order"

    def _check_message(self, name: str, seq: int) -> None:
        """The oldest wait takes the oldest message, once."""
        inbox, waiting = self._ledger.inbox, self._ledger.waiting[name]
        message = inbox[seq]
        if message.correlation is not None:
            assert (waiting.event, waiting.correlation) == (message.name, message.correlation), "for another wait"
            return
        kept = [s for s, other in inbox.items() if other.name == message.name and other.correlation is None]
        assert seq == min(kept), "the oldest message first"
        waits = [other for other, w in self._ledger.waiting.items() if w.signal == message.name]
        assert waits[0] == name, "the oldest wait first"

    def _check_way_by_limit(self, event: LoopEnded) -> None:
        """Its only way on is the one for the limit."""
        header = parse_activation(event.loop).node
        limits = [e.target for e in self._definition.edges if e.trigger is Trigger.LIMIT and e.source == header]
        taken = {parse_activation(name).node for name in event.route.taken} | set(event.route.exits)
        assert taken <= set(limits), f"{event.loop} is left by its exits, too"

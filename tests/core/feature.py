"""What a history came through, in words: a campaign that never reached something has shown nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pectin.core.activation import parse_activation
from pectin.core.definition import Definition, Node, OnFailure, OnItemFailure, Reducer
from pectin.core.event import (
    AnyEvent,
    AttemptStopped,
    CallApproved,
    ChildSpawned,
    ClosingBegan,
    DoubtRaised,
    DoubtResolved,
    LimitReached,
    LoopEnded,
    LoopRepeated,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeScheduled,
    NodeWaiting,
)

ALWAYS = frozenset(
    {
        *(f"{reducer} kept" for reducer in Reducer),
        *(f"closing {cause}" for cause in ("all settled", "failed", "cancelled", "state_conflict", "limit_exceeded")),
        *(f"closing {limit}" for limit in ("wall_time", "max_iterations", "max_cost_usd", "total_tokens")),
        *(f"limit lifted {limit}" for limit in ("wall_time", "max_iterations", "max_cost_usd")),
        *(
            f"child {end}"
            for end in ("completed", "child_failed", "child_cancelled", "child_limit_exceeded", "of an item")
        ),
        *(f"wait ended by {came}" for came in ("timer", "signal", "event", "timeout")),
        *(f"map with {mode}" for mode in OnItemFailure),
        *(f"failed {name}" for name in ("condition_error", "join_unsatisfied", "bad_result", "timeout")),
        *(f"failed {name}" for name in ("policy_blocked", "approval_rejected")),
        "an item was approved",
        "an approval was counted",
        "a join fired early",
        "a join fired early in a loop",
        "a join that is a header",
        "an exit held over an inner loop",
        "a loop in a loop",
        "a loop went round",
        "a loop ended by its limit",
        "a loop ended on failure",
        "cancelled before it began",
        "cancelled in doubt",
        "cancelled with its child",
        "decided at the deadline",
        "doubt asks",
        "doubt of a time-out",
        "edited with a decision",
        "finalized",
        "happened, says reconcile",
        "happened, says a person",
        "did not, says reconcile",
        "did not, says a person",
        "late and recorded",
        "message taken from the inbox",
        "removed a key",
        "unhandled and waited for",
    }
)
"""What a campaign has to reach, beside every kind of event."""


def features(definition: Definition, events: list[AnyEvent]) -> Counter[str]:
    nodes = {node.id: node for node in definition.nodes}
    received: dict[int, int] = {}
    entered: set[str] = set()
    found = Counter[str]()
    for seq, event in enumerate(events, 1):
        found[type(event).__name__] += 1
        received[seq] = event.at
        if isinstance(event, NodeCancelled) and event.activation not in entered:
            found["cancelled before it began"] += 1
        if isinstance(event, NodeScheduled | NodeWaiting | NodeMapped | ChildSpawned):
            entered.add(event.activation)
        name: str = getattr(event, "activation", None) or ""
        node = nodes.get(parse_activation(name).node) if name else None
        found.update(_of_event(event))
        if isinstance(event, NodeCompleted | NodeFailed):
            assert node is not None, "it is somebody's"
            found.update(_of_result(event, node, definition))
            if event.message is not None and received[event.message] < event.at:
                found["message taken from the inbox"] += 1
    return found


def _of_event(event: AnyEvent) -> Iterator[str]:
    match event:
        case ClosingBegan():
            yield f"closing {event.cause}"
        case LimitReached():
            yield f"limit lifted {event.error.error_class}"
        case LoopRepeated():
            yield "a loop went round"
        case LoopEnded():
            if event.by_limit:
                yield "a loop ended by its limit"
            if event.route.error_exits:
                yield "a loop ended on failure"
            if event.outer is not None:
                yield "a loop in a loop"
            if event.route.exits or event.route.dead_exits:
                yield "an exit held over an inner loop"
        case NodeCancelled():
            if event.in_doubt:
                yield "cancelled in doubt"
            if event.child is not None:
                yield "cancelled with its child"
        case DoubtRaised():
            if event.asks:
                yield "doubt asks"
            if event.reason == "its time was up":
                yield "doubt of a time-out"
        case DoubtResolved():
            yield f"{'happened' if event.happened else 'did not'}, says {'a person' if event.by else 'reconcile'}"
        case AttemptStopped():
            if event.late is not None:
                yield "late and recorded"
        case CallApproved():
            if not event.decides:
                yield "an approval was counted"
            elif "#" in event.activation:
                yield "an item was approved"
        case ChildSpawned():
            if event.map is not None:
                yield "child of an item"
        case _:
            pass


def _of_result(event: NodeCompleted | NodeFailed, node: Node, definition: Definition) -> Iterator[str]:
    item = "#" in event.activation
    if event.unresolved:
        yield "a join fired early"
        if event.loop is not None:
            yield "a join fired early in a loop"
    if node.run_on is not None:
        yield "finalized"
    if isinstance(event, NodeFailed):
        error_class = event.error.error_class
        yield f"child {error_class}" if node.child is not None else f"failed {error_class}"
        if node.kind == "wait" and error_class == "timeout":
            yield "wait ended by timeout"
        if event.unhandled and definition.on_failure is OnFailure.WAIT:
            yield "unhandled and waited for"
        return
    for reducer in event.reduced.values():
        yield f"{reducer} kept"
    if event.unset:
        yield "removed a key"
    if node.join is not None and event.activation == f"{event.loop}[1]":
        yield "a join that is a header"
    if node.child is not None and not item:
        yield "child completed"
    if node.each is not None and not item:
        yield f"map with {node.each.on_item_failure or OnItemFailure.FAIL}"
    output: Any = event.output if node.kind in ("wait", "human_approval") and event.output else {}
    if "came" in output:
        yield f"wait ended by {output['came']}"
    if node.kind == "human_approval" and event.patch:
        yield "edited with a decision"
    if output.get("decision") == "timeout":
        yield "decided at the deadline"

"""The fold of activations: how one is entered, waits or has children, and is settled."""

from __future__ import annotations

import msgspec

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.codec import digest
from pectin.core.definition import Json
from pectin.core.event import (
    ChildScheduled,
    ChildSpawned,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeSkipped,
    NodeWaiting,
    Settling,
)
from pectin.core.evolve import edge
from pectin.core.policy import APPROVAL_REJECTED
from pectin.core.state import Activation, ChildWish, Decided, MapState, Run, Seen, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus


def enter(
    run: Run,
    name: str,
    node: str,
    loop: str | None,
    at: int,
    *,
    map_name: str | None = None,
    item: int | None = None,
) -> Activation:
    """The new activation, still pending. An item sees what its map does, and is approved with it."""
    assert name not in run.activations, "an activation is entered once"
    if map_name is None:
        arrivals = run.arrivals.get(name)
        approved = arrivals is not None and arrivals.approved
        seen = edge.arrive(run, name, node, loop)
    else:
        seen, approved = run.activations[map_name].seen, run.activations[map_name].approved
        _mapping(run, map_name).scheduled += 1
    activation = Activation(name, node, NodeStatus.PENDING, at, loop=loop, map=map_name, item=item, seen=seen)
    activation.approved = approved
    run.activations[name] = activation
    if run.writes and len(run.activations) == 1 and not run.arrivals:
        activation.seen = causal.forget(run, seen)
    return activation


def wait(run: Run, event: NodeWaiting) -> None:
    activation = enter(run, event.activation, event.node, event.loop, event.at)
    shift(activation, NodeStatus.RUNNING)
    activation.waiting = Waiting(
        since=event.at,
        until=event.until,
        prompt=event.prompt,
        decisions=event.decisions,
        digest=event.digest,
        editable=event.editable,
        signal=event.signal,
        event=event.event,
        correlation=event.correlation,
        fails_late=event.fails_late,
    )
    run.waits += 1
    if event.until is not None:
        run.due[event.activation] = event.until
    if event.event is not None:
        run.listens[event.activation] = (event.event, event.correlation)


def spread(run: Run, event: NodeMapped) -> None:
    activation = enter(run, event.activation, event.node, event.loop, event.at)
    shift(activation, NodeStatus.RUNNING)
    activation.mapping = MapState(item_node=event.item_node, items=event.items)


def want(run: Run, event: ChildScheduled) -> None:
    activation = enter(run, event.activation, event.node, event.loop, event.at, map_name=event.map, item=event.item)
    shift(activation, NodeStatus.SCHEDULED)
    activation.ceiling = event.ceiling
    activation.wish = ChildWish(event.workflow_id, event.workflow_version, event.input)
    run.line[event.activation] = None
    run.busy += 1
    run.scheduled = True


def spawn(run: Run, event: ChildSpawned) -> None:
    activation = run.activations.get(event.activation)
    if activation is None:
        activation = enter(run, event.activation, event.node, event.loop, event.at, map_name=event.map, item=event.item)
    else:
        assert activation.wish is not None, "what stands in line for a child wants one"
        activation.wish, activation.since = None, event.at
        run.busy -= 1
    shift(activation, NodeStatus.RUNNING)
    activation.child = event.child
    run.children[event.activation] = event.child
    run.scheduled = True


def complete(run: Run, event: NodeCompleted) -> None:
    activation = run.activations.get(event.activation)
    output: Json = event.patch if event.output is msgspec.UNSET else event.output
    if activation is not None:
        assert activation.attempt == event.attempt, "only the current attempt completes"
        if activation.map is not None and activation.item is not None:
            _mapping(run, activation.map).outputs[activation.item] = output
        if activation.waiting is not None and activation.waiting.decisions:
            edits = {key: digest(value) for key, value in event.patch.items() if key not in event.reduced}
            run.decided[event.activation] = Decided(output["decision"], event.by, edits)
    _take(run, event.message)
    _settle(run, event, NodeStatus.COMPLETED, event)
    edge.collect(run, event, output)


def fail(run: Run, event: NodeFailed) -> None:
    activation = run.activations.get(event.activation)
    if activation is not None and activation.map is not None and activation.item is not None:
        _mapping(run, activation.map).errors[activation.item] = event.error
    if run.closing is not None and run.closing.to is WorkflowStatus.COMPLETED:
        run.closing.to = WorkflowStatus.FAILED
        run.closing.error = event.error
    if event.unhandled:
        run.unhandled[event.activation] = event.error
    if event.abandoned:
        expect_stop(run, event.activation, event.attempt)
    if event.by is not None and event.error.error_class == APPROVAL_REJECTED:
        run.decided[event.activation] = Decided("rejected", event.by)
    _take(run, event.message)
    _settle(run, event, NodeStatus.FAILED)
    edge.collect(run, event, {"error": event.error.variable()})


def skip(run: Run, event: NodeSkipped) -> None:
    _settle(run, event, NodeStatus.SKIPPED)


def cancel(run: Run, event: NodeCancelled) -> None:
    if event.attempt:
        expect_stop(run, event.activation, event.attempt)
    _settle(run, event, NodeStatus.CANCELLED)


def _settle(run: Run, event: Settling, status: NodeStatus, result: NodeCompleted | None = None) -> None:
    activation = run.activations.get(event.activation)
    if activation is None:
        NodeStatus.PENDING.validate_transition(status)
        seen: Seen = edge.arrive(run, event.activation, parse_activation(event.activation).node, event.loop)
    else:
        shift(activation, status)
        seen = activation.seen
        _let_go(run, activation)
    if event.unresolved:
        run.fired[event.activation] = event.unresolved
    if result is not None and (result.patch or result.unset):
        seen = causal.write(run, event.activation, seen, result.patch, result.unset, result.reduced)
    run.activations.pop(event.activation, None)
    edge.resolve(run, event.route, event.loop, seen)


def _take(run: Run, message: int | None) -> None:
    """Take a message out of the inbox. A wait takes one, once."""
    if message is not None:
        run.inbox.remove(next(kept for kept in run.inbox if kept.seq == message))


def _let_go(run: Run, activation: Activation) -> None:
    """Take it off every list that it stands on."""
    name = activation.name
    if activation.waiting is not None:
        run.waits -= 1
        run.due.pop(name, None)
        run.listens.pop(name, None)
    elif activation.child is not None:
        run.children.pop(name)
    elif activation.doubt is not None and not activation.doubt.asks:
        run.waits -= 1
    elif activation.mapping is None:
        run.busy -= 1
        if not activation.is_at_worker:
            unready(run, name)


def shift(activation: Activation, status: NodeStatus) -> None:
    """Move its status, along the table."""
    activation.status.validate_transition(status)
    activation.status = status


def expect_stop(run: Run, name: str, attempt: int) -> None:
    """An attempt no longer counts, and may still be running."""
    run.stopping.setdefault(name, []).append(attempt)


def unready(run: Run, name: str) -> None:
    """It is no longer to be begun."""
    run.ready.pop(name, None)
    run.backoff.pop(name, None)
    run.quarantined.pop(name, None)
    run.line.pop(name, None)


def line_of(run: Run, activation: Activation) -> dict[str, None]:
    """Where it stands until it is begun: what spends waits for the budget, too."""
    return run.ready if activation.ceiling is None else run.line


def _mapping(run: Run, name: str) -> MapState:
    mapping = run.activations[name].mapping
    assert mapping is not None, "only a map has items"
    return mapping

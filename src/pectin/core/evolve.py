"""The one fold: `evolve(run, event) -> run`.

It is total over the known events, asserts both transition tables (a corrupt history stops here), and looks at nothing
but the run and the event: no definition, no kind. It changes the run in place and returns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

import msgspec

from pectin.core import causal, edge
from pectin.core.activation import parse_activation
from pectin.core.definition import Json
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    CancelRequested,
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
    Settling,
)
from pectin.core.state import (
    Activation,
    Closing,
    Decided,
    Mapping,
    Run,
    Waiting,
)
from pectin.core.status import NodeStatus, WorkflowStatus

PENDING, SCHEDULED, RUNNING = NodeStatus.PENDING, NodeStatus.SCHEDULED, NodeStatus.RUNNING


def fold(run: Run, events: Iterable[AnyEvent]) -> Run:
    """The run after these events."""
    for event in events:
        evolve(run, event)
    return run


def evolve(run: Run, event: AnyEvent) -> Run:
    """The run after this event."""
    if run.completed_at is not None:
        assert isinstance(event, AttemptStopped), "nothing happens after the end but late results"
    run.version += 1
    run.updated_at = event.at
    match event:
        case NodeCompleted():
            _complete(run, event)
        case NodeScheduled():
            _schedule(run, event)
        case AttemptBegun():
            _begin(run, event)
        case AttemptFailed():
            _fail_attempt(run, event)
        case AttemptInterrupted():
            _interrupt(run, event)
        case AttemptStopped():
            _stop(run, event)
        case NodeWaiting():
            _wait(run, event)
        case NodeMapped():
            _map(run, event)
        case NodeFailed():
            _fail(run, event)
        case NodeSkipped():
            _settle(run, event, NodeStatus.SKIPPED)
        case NodeCancelled():
            _cancel(run, event)
        case LoopRepeated():
            edge.repeat(run, event)
        case LoopEnded():
            edge.end_loop(run, event)
        case ExecutionCreated():
            _create(run, event)
        case ExecutionStarted():
            _move(run, WorkflowStatus.RUNNING)
            run.started_at = event.at
        case ExecutionPaused():
            _move(run, WorkflowStatus.PAUSED)
        case ExecutionResumed():
            _move(run, WorkflowStatus.RUNNING)
        case ClosingBegan():
            _close(run, event)
        case CancelRequested():
            assert run.closing is not None, "a cancel is recorded only while closing"
            run.closing.cut = True
        case ExecutionEnded():
            assert event.status.is_terminal, "an execution ends with a terminal status"
            _move(run, event.status)
            run.completed_at = event.at
            run.error = event.error
        case _:
            assert_never(event)
    return run


# -- the execution ----------------------------------------------------------------------------------------------


def _create(run: Run, event: ExecutionCreated) -> None:
    assert run.version == 1, "an execution is created once, first"
    run.execution_id = event.execution_id
    run.workflow_id = event.workflow_id
    run.workflow_version = event.workflow_version
    run.definition = event.definition
    run.session_type = event.session_type
    run.key = event.key
    run.by = event.by
    run.input = event.input
    run.data = dict(event.state)
    run.created_at = event.at


def _move(run: Run, status: WorkflowStatus) -> None:
    run.status.validate_transition(status)
    run.status = status


def _close(run: Run, event: ClosingBegan) -> None:
    assert run.closing is None, "an execution closes once"
    run.closing = Closing(
        to=event.to,
        cause=event.cause,
        grace_until=event.grace_until,
        error=event.error,
        activation=event.activation,
        by=event.by,
    )
    run.arrivals.clear()
    run.loops.clear()
    run.writes.clear()


# -- attempts ---------------------------------------------------------------------------------------------------


def _schedule(run: Run, event: NodeScheduled) -> None:
    activation = _enter(run, event.activation, event.node, event.loop, event.at, event.map)
    activation.timeout_ms = event.timeout_ms
    activation.retry = event.retry
    activation.item = event.item
    run.busy += 1
    _shift(activation, SCHEDULED)
    if event.begun_by is None:
        run.ready[event.activation] = None
    else:
        _shift(activation, RUNNING)
        activation.attempt = 1
        activation.begun_by = event.begun_by
    if event.map is not None:
        mapping = run.activations[event.map].mapping
        assert mapping is not None, "only a map has items"
        mapping.scheduled += 1
    if run.closing is None:
        run.scheduled = True
    else:
        assert event.node not in run.closing.finalized, "a finalizer runs once"
        run.closing.finalized.append(event.node)


def _begin(run: Run, event: AttemptBegun) -> None:
    activation = run.activations[event.activation]
    _shift(activation, RUNNING)
    assert event.attempt == activation.attempt + 1, "attempts are numbered through"
    activation.attempt = event.attempt
    activation.begun_by = event.by
    activation.since = event.at
    activation.not_before = None
    _unready(run, event.activation)


def _fail_attempt(run: Run, event: AttemptFailed) -> None:
    activation = _running(run, event.activation, event.attempt)
    activation.outcomes += 1
    activation.interruptions = 0
    activation.error = event.error
    _reschedule(run, activation, event.at)
    if event.not_before > event.at:
        activation.not_before = event.not_before
        run.backoff[event.activation] = event.not_before
        del run.ready[event.activation]
    if event.abandoned:
        run.stopping.setdefault(event.activation, []).append(event.attempt)


def _interrupt(run: Run, event: AttemptInterrupted) -> None:
    activation = _running(run, event.activation, event.attempt)
    activation.interruptions += 1
    _reschedule(run, activation, event.at)


def _reschedule(run: Run, activation: Activation, at: int) -> None:
    _shift(activation, SCHEDULED)
    activation.begun_by = None
    activation.since = at
    run.ready[activation.name] = None


def _stop(run: Run, event: AttemptStopped) -> None:
    attempts = run.stopping[event.activation]
    attempts.remove(event.attempt)
    if not attempts:
        del run.stopping[event.activation]


# -- activations ------------------------------------------------------------------------------------------------


def _wait(run: Run, event: NodeWaiting) -> None:
    activation = _enter(run, event.activation, event.node, event.loop, event.at)
    _shift(activation, RUNNING)
    activation.waiting = Waiting(
        since=event.at,
        until=event.until,
        prompt=event.prompt,
        decisions=event.decisions,
        digest=event.digest,
    )
    run.waits += 1
    if event.until is not None:
        run.due[event.activation] = event.until


def _map(run: Run, event: NodeMapped) -> None:
    activation = _enter(run, event.activation, event.node, event.loop, event.at)
    _shift(activation, RUNNING)
    activation.mapping = Mapping(item_node=event.item_node, items=event.items)


def _complete(run: Run, event: NodeCompleted) -> None:
    activation = run.activations.get(event.activation)
    output: Json = event.patch if event.output is msgspec.UNSET else event.output
    if activation is not None:
        assert activation.attempt == event.attempt, "only the current attempt completes"
        if activation.map is not None and activation.item is not None:
            mapping = run.activations[activation.map].mapping
            assert mapping is not None, "only a map has items"
            mapping.outputs[activation.item] = output
        if activation.waiting is not None and activation.waiting.decisions:
            run.decided[event.activation] = Decided(output["decision"], event.by)
    _settle(run, event, NodeStatus.COMPLETED, event.patch, event.unset)
    edge.collect(run, event, output)


def _fail(run: Run, event: NodeFailed) -> None:
    if run.closing is not None and run.closing.to is WorkflowStatus.COMPLETED:
        run.closing.to = WorkflowStatus.FAILED
        run.closing.error = event.error
    if event.abandoned:
        run.stopping.setdefault(event.activation, []).append(event.attempt)
    _settle(run, event, NodeStatus.FAILED)
    edge.collect(run, event, {"error": event.error.variable()})


def _cancel(run: Run, event: NodeCancelled) -> None:
    if event.attempt:
        run.stopping.setdefault(event.activation, []).append(event.attempt)
    _settle(run, event, NodeStatus.CANCELLED)


def _enter(run: Run, name: str, node: str, loop: str | None, at: int, map_name: str | None = None) -> Activation:
    assert name not in run.activations, "an activation is entered once"
    seen = run.activations[map_name].seen if map_name is not None else edge.arrive(run, name, node, loop)
    activation = Activation(name, node, PENDING, at, loop=loop, map=map_name, seen=seen)
    run.activations[name] = activation
    if run.writes and len(run.activations) == 1 and not run.arrivals:
        activation.seen = causal.forget(run, seen)
    return activation


def _settle(
    run: Run,
    event: Settling,
    status: NodeStatus,
    patch: dict[str, Json] | None = None,
    unset: tuple[str, ...] = (),
) -> None:
    activation = run.activations.get(event.activation)
    if activation is None:
        PENDING.validate_transition(status)
        seen = edge.arrive(run, event.activation, parse_activation(event.activation).node, event.loop)
    else:
        _shift(activation, status)
        seen = activation.seen
        if activation.waiting is not None:
            run.waits -= 1
            run.due.pop(event.activation, None)
        elif activation.mapping is None:
            run.busy -= 1
            _unready(run, event.activation)
    if patch or unset:
        seen = causal.write(run, event.activation, seen, patch or {}, unset)
    run.activations.pop(event.activation, None)
    edge.resolve(run, event.route, event.loop, seen)


# -- statuses ---------------------------------------------------------------------------------------------------


def _shift(activation: Activation, status: NodeStatus) -> None:
    activation.status.validate_transition(status)
    activation.status = status


def _unready(run: Run, name: str) -> None:
    run.ready.pop(name, None)
    run.backoff.pop(name, None)


def _running(run: Run, name: str, attempt: int) -> Activation:
    activation = run.activations[name]
    assert activation.status is RUNNING, "only a running attempt ends"
    assert activation.attempt == attempt, "only the current attempt ends"
    return activation

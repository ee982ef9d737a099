"""Every end is one procedure: closing, then finalizers one after another, then the terminal event."""

from __future__ import annotations

from pectin.core.decide.turn import Turn
from pectin.core.definition import RunOn
from pectin.core.error import ErrorData
from pectin.core.event import (
    ClosingBegan,
    ExecutionEnded,
    ExecutionResumed,
    NodeCancelled,
    NodeScheduled,
)
from pectin.core.state import Closing
from pectin.core.status import WorkflowStatus


def close(
    turn: Turn,
    to: WorkflowStatus,
    cause: str,
    *,
    error: ErrorData | None = None,
    activation: str | None = None,
    by: str | None = None,
) -> None:
    """Decide the end, unless one is decided: cancel every unsettled activation, and start nothing more.

    A paused execution resumes first: nothing but a cancel may leave `paused`, and ends are reached from `running`.
    """
    run = turn.run
    if run.closing is not None:
        return
    if run.status is WorkflowStatus.PAUSED:
        turn.emit(ExecutionResumed(at=turn.at, cause=cause))
    turn.emit(
        ClosingBegan(
            at=turn.at,
            to=to,
            cause=cause,
            grace_until=turn.at + turn.limits.stop_grace_ms,
            error=error,
            activation=activation,
            by=by,
        )
    )
    turn.frontier.clear()
    for name in list(run.activations):
        cancel(turn, name)


def cancel(turn: Turn, name: str) -> None:
    """Cancel one activation without routing: what it led to is settled by whoever cancels it."""
    activation = turn.run.activations[name]
    attempt = activation.attempt if activation.begun_by is not None else 0
    turn.emit(NodeCancelled(at=turn.at, activation=name, attempt=attempt))


def finish(turn: Turn) -> None:
    """Go on with closing as far as it can go now."""
    run = turn.run
    closing = run.closing
    if closing is None or run.status.is_terminal:
        return
    if closing.cut:
        _cut(turn, closing)
    if run.activations or (run.in_grace and turn.at < closing.grace_until):
        return
    for node in turn.program.graph.finalizers:
        if run.scheduled and node not in closing.finalized and _runs(turn, node, closing):
            _finalize(turn, node)
            return
    turn.emit(ExecutionEnded(at=turn.at, status=closing.to, error=closing.error))


def _cut(turn: Turn, closing: Closing) -> None:
    for name, activation in list(turn.run.activations.items()):
        if turn.program.nodes[activation.node].run_on is not RunOn.ALWAYS:
            cancel(turn, name)


def _runs(turn: Turn, node: str, closing: Closing) -> bool:
    """After a cancel, whenever it came, nothing starts but what runs on `always`."""
    run_on = turn.program.nodes[node].run_on
    if closing.cut or closing.to is WorkflowStatus.CANCELLED:
        return run_on is RunOn.ALWAYS
    return run_on is not (RunOn.FAILURE if closing.to is WorkflowStatus.COMPLETED else RunOn.SUCCESS)


def _finalize(turn: Turn, name: str) -> None:
    node = turn.program.nodes[name]
    turn.emit(
        NodeScheduled(
            at=turn.at,
            activation=name,
            node=name,
            timeout_ms=turn.timeout_ms(node),
            retry=node.retry,
            begun_by=turn.take_slot(name),
        )
    )

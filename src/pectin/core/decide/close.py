"""Every end is one procedure: closing, then finalizers one after another, then the terminal event."""

from __future__ import annotations

from pectin.core.command import Refused
from pectin.core.decide.actor import acting
from pectin.core.decide.budget import settle_unknown
from pectin.core.decide.turn import Turn
from pectin.core.definition import RunOn
from pectin.core.error import ErrorData
from pectin.core.event import (
    NOWHERE,
    CancelRequested,
    ClosingBegan,
    ExecutionEnded,
    ExecutionResumed,
    ExecutionStarted,
    NodeCancelled,
    NodeFailed,
    Route,
)
from pectin.core.policy import blocked_at_end
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

    One that has not started, or is paused, starts or resumes first: ends are reached from `running`.
    """
    run = turn.run
    if run.closing is not None:
        return
    if run.status is WorkflowStatus.PENDING:
        turn.emit(ExecutionStarted(at=turn.at, cause=cause))
    elif run.status is WorkflowStatus.PAUSED:
        turn.emit(ExecutionResumed(at=turn.at, cause=cause))
    turn.emit(
        ClosingBegan(
            at=turn.at,
            to=to,
            cause=cause,
            grace_until=_grace_until(turn),
            error=error,
            activation=activation,
            by=acting(run, by),
        )
    )
    turn.frontier.clear()
    turn.called = None
    for name in list(run.activations):
        cancel(turn, name)


def refuse_ended(closing: Closing) -> Refused:
    """The answer to what comes after the end was decided."""
    who = f" by {closing.by}" if closing.by else ""
    why = "" if closing.cause == closing.to.value else f" ({closing.cause})"
    return Refused("ended", f"the end of the execution is decided: {closing.to}{who}{why}", closing.by)


def cancel(turn: Turn, name: str, route: Route = NOWHERE, loop: str | None = None) -> None:
    """Cancel one activation. Without a route, what it led to is settled by whoever cancels it."""
    activation = turn.run.activations[name]
    if name in turn.run.reserved:
        settle_unknown(turn, name)
    turn.emit(
        NodeCancelled(
            at=turn.at,
            activation=name,
            attempt=activation.attempt if activation.begun_by is not None else 0,
            in_doubt=activation.doubt is not None,
            child=activation.child,
            route=route,
            loop=loop,
        )
    )


def cut(turn: Turn, by: str | None, reason: str | None) -> None:
    """A cancel while closing: finalizers that don't run on `always` are cut, and waited for as attempts are."""
    who = acting(turn.run, by)
    turn.emit(CancelRequested(at=turn.at, grace_until=_grace_until(turn), by=who, reason=reason))
    for name, activation in list(turn.run.activations.items()):
        if turn.program.nodes[activation.node].run_on is not RunOn.ALWAYS:
            cancel(turn, name)


def finish(turn: Turn) -> None:
    """Go on with closing as far as it can go now."""
    run = turn.run
    closing = run.closing
    if closing is None or run.status.is_terminal:
        return
    if run.activations or (run.in_grace and turn.at < closing.grace_until):
        return
    for node in turn.program.graph.finalizers:
        if run.scheduled and node not in closing.finalized and _runs(turn, node, closing):
            turn.schedule(node, turn.program.nodes[node])
            if (verdict := turn.program.policed.get(node)) is None:
                return
            turn.emit(NodeFailed(at=turn.at, activation=node, error=blocked_at_end(verdict)))
    turn.emit(ExecutionEnded(at=turn.at, status=closing.to, error=closing.error))


def _grace_until(turn: Turn) -> int:
    own = turn.program.definition.stop_grace_ms
    return turn.at + (turn.limits.stop_grace_ms if own is None else own)


def _runs(turn: Turn, node: str, closing: Closing) -> bool:
    """After a cancel, whenever it came, nothing starts but what runs on `always`."""
    run_on = turn.program.nodes[node].run_on
    if closing.cut or closing.to is WorkflowStatus.CANCELLED:
        return run_on is RunOn.ALWAYS
    return run_on is not (RunOn.FAILURE if closing.to is WorkflowStatus.COMPLETED else RunOn.SUCCESS)

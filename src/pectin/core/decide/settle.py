"""How an activation is settled: completed with a patch and the edges it takes, failed and caught or not, skipped."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.decide.close import cancel, close
from pectin.core.decide.route import follow, loop_of, route_completed, route_dead, route_failed
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, OnFailure, Reducer
from pectin.core.error import ErrorData
from pectin.core.event import NOWHERE, NodeCompleted, NodeFailed, NodeSkipped, Route
from pectin.core.expression import EvaluationError
from pectin.core.reduce import ReduceError, check_contribution, check_reduce
from pectin.core.state import Run, Seen
from pectin.core.status import WorkflowStatus

UNSET = msgspec.UNSET
Output = Json | msgspec.UnsetType

STATE_CONFLICT = "state_conflict"


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What an activation completed with. `only` narrows its unconditional edges to one target; `message` is the seq of
    the message that it took, `unresolved` counts the edges to a join that it did not wait for."""

    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Output = UNSET
    attempt: int = 0
    only: str | None = None
    by: str | None = None
    comment: str | None = None
    message: int | None = None
    unresolved: int = 0

    @property
    def shown(self) -> Json:
        """Its output in expressions."""
        return self.patch if self.output is UNSET else self.output


def complete(turn: Turn, name: str, outcome: Outcome) -> None:
    """Settle as completed, unless a condition can't be evaluated, or the patch can't be applied or conflicts: then as
    failed.

    In this order: a patch that isn't applied conflicts with nothing, whoever comes first.
    """
    run = turn.run
    loop = None if run.closing is not None else loop_of(turn, name)
    seen = _seen(run, name)
    reducers = turn.program.definition.reducers
    reduced = {key: reducers[key] for key in outcome.patch if key in reducers} if reducers else {}
    try:
        if reduced:
            _check_contributions(run, seen, outcome, reduced)
        route = _route(turn, name, seen, outcome, reduced)
        rival = causal.find_conflict(run, seen, outcome.patch, outcome.unset, reduced)
        if rival is None and reduced:
            causal.check_sums(run, outcome.patch, reduced)
    except EvaluationError as problem:
        _fail_with_output(turn, name, condition_error(str(problem)), outcome)
        return
    except ReduceError as problem:
        _fail_with_output(turn, name, ErrorData("bad_result", "BadResult", str(problem)), outcome)
        return
    if rival is not None:
        _conflict(turn, name, outcome, *rival)
        return
    turn.emit(completed(turn, name, outcome, route, loop, reduced))
    follow(turn, route, loop)
    if outcome.unresolved:
        cancel_feeders(turn, name)


def completed(
    turn: Turn,
    name: str,
    outcome: Outcome,
    route: Route,
    loop: str | None = None,
    reduced: dict[str, Reducer] | None = None,
) -> NodeCompleted:
    """The fact that it completed."""
    return NodeCompleted(
        at=turn.at,
        activation=name,
        attempt=outcome.attempt,
        patch=outcome.patch,
        unset=outcome.unset,
        reduced=reduced or {},
        output=outcome.output,
        by=outcome.by,
        comment=outcome.comment,
        message=outcome.message,
        route=route,
        loop=loop,
        unresolved=outcome.unresolved,
    )


def _seen(run: Run, name: str) -> Seen:
    activation = run.activations.get(name)
    return activation.seen if activation is not None else causal.seen_on_entry(run, name)


def _check_contributions(run: Run, seen: Seen, outcome: Outcome, reduced: Mapping[str, Reducer]) -> None:
    """Raise `ReduceError` for what can't be added: it fails the activation, and never the fold."""
    for key, reducer in reduced.items():
        wrong = check_contribution(reducer, outcome.patch[key])
        if wrong is not None:
            raise ReduceError(f"`{key}`: {wrong}")
    state = causal.view(run, seen)
    for key, reducer in reduced.items():
        check_reduce(reducer, state.get(key, UNSET), outcome.patch[key])


def _route(turn: Turn, name: str, seen: Seen, outcome: Outcome, reduced: Mapping[str, Reducer]) -> Route:
    if turn.run.closing is not None:
        return NOWHERE

    def after(keys: frozenset[str] | None) -> Mapping[str, Json]:
        read = reduced if keys is None else {key: reduced[key] for key in reduced if key in keys}
        return causal.after(causal.view(turn.run, seen), outcome.patch, outcome.unset, read)

    return route_completed(turn, name, after, outcome.shown, outcome.only)


def _conflict(turn: Turn, name: str, outcome: Outcome, key: str, rival: str) -> None:
    one, other = sorted((name, rival))
    message = f"`{one}` and `{other}` ran side by side and set `{key}` to different values"
    error = ErrorData(STATE_CONFLICT, "StateConflict", message)
    turn.emit(
        NodeFailed(
            at=turn.at,
            activation=name,
            attempt=outcome.attempt,
            error=error,
            output=outcome.patch,
            message=outcome.message,
            unresolved=outcome.unresolved,
            unhandled=True,
        )
    )
    give_up(turn)


def _fail_with_output(turn: Turn, name: str, error: ErrorData, outcome: Outcome) -> None:
    """The result came, and can't be used: it is kept in the failure."""
    fail(turn, name, error, attempt=outcome.attempt, output=outcome.shown, outcome=outcome)


NOTHING = Outcome()


def fail(
    turn: Turn,
    name: str,
    error: ErrorData,
    *,
    attempt: int = 0,
    output: Output = UNSET,
    abandoned: bool = False,
    outcome: Outcome = NOTHING,
) -> None:
    """Settle as failed, beyond its policy. If no edge takes it the execution will fail: at once, or when everything
    else has settled."""
    run = turn.run
    route, caught, loop = NOWHERE, False, None
    is_open = run.closing is None
    if is_open:
        loop = loop_of(turn, name)
        route, caught, error = _catch(turn, name, _seen(run, name), error)
    goes_on = caught or (is_open and turn.program.definition.on_failure is OnFailure.WAIT)
    if goes_on and not caught:
        route = route_dead(turn, name)
    turn.emit(
        NodeFailed(
            at=turn.at,
            activation=name,
            attempt=attempt,
            error=error,
            output=output,
            abandoned=abandoned,
            route=route,
            loop=loop if goes_on else None,
            unresolved=outcome.unresolved,
            message=outcome.message,
            by=outcome.by,
            comment=outcome.comment,
            unhandled=is_open and not caught,
        )
    )
    if goes_on:
        follow(turn, route, loop)
        if outcome.unresolved:
            cancel_feeders(turn, name)
    else:
        give_up(turn)


def give_up(turn: Turn) -> None:
    """Fail the execution for the first failure that nobody handled, unless it is held, or is to wait for the rest:
    nothing waits after a conflict."""
    waits = turn.program.definition.on_failure is OnFailure.WAIT
    for name, error in turn.run.unhandled.items():
        conflicts = error.error_class == STATE_CONFLICT
        if turn.may_go_on and (conflicts or not waits):
            close(turn, WorkflowStatus.FAILED, STATE_CONFLICT if conflicts else "failed", error=error, activation=name)


def _catch(turn: Turn, name: str, seen: Seen, error: ErrorData) -> tuple[Route, bool, ErrorData]:
    try:
        route, caught = route_failed(turn, name, causal.view(turn.run, seen), error)
    except EvaluationError as problem:
        return NOWHERE, False, condition_error(str(problem))
    return (route, True, error) if caught else (NOWHERE, False, error)


def condition_error(what: str) -> ErrorData:
    """An expression that can't be evaluated is a failure like others."""
    return ErrorData("condition_error", "EvaluationError", what)


def skip(turn: Turn, name: str) -> None:
    """Settle as skipped: all ways to it are dead, and so are all ways on."""
    loop = loop_of(turn, name)
    route = route_dead(turn, name)
    turn.emit(NodeSkipped(at=turn.at, activation=name, route=route, loop=loop))
    follow(turn, route, loop)


def cancel_feeders(turn: Turn, join: str) -> None:
    """Cancel what leads nowhere but to a join that has fired: whole branches, their loops and their children."""
    run, graph = turn.run, turn.program.graph
    node = parse_activation(join).node
    for name, activation in list(run.activations.items()):
        if name not in run.activations or node not in graph.feeds.get(activation.node, ()):
            continue
        if graph.joined(node, parse_activation(name).iterations) == join:
            cancel_with_items(turn, name)


def cancel_with_items(turn: Turn, name: str) -> None:
    """Cancel an activation, and a map's items with it; all ways on are dead."""
    run = turn.run
    if run.activations[name].mapping is not None:
        for item in [other for other, activation in run.activations.items() if activation.map == name]:
            cancel(turn, item)
    loop = loop_of(turn, name)
    route = route_dead(turn, name)
    cancel(turn, name, route, loop)
    follow(turn, route, loop)

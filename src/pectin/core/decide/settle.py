"""How an activation is settled: completed with a patch and the edges it takes, failed and caught or not, skipped."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pectin.core import causal
from pectin.core.decide.close import cancel, close
from pectin.core.decide.route import follow, loop_of, route_completed, route_dead, route_failed
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.event import NodeCompleted, NodeFailed, NodeScheduled, NodeSkipped, Route
from pectin.core.expression import EvaluationError
from pectin.core.state import Activation, Run, Seen
from pectin.core.status import WorkflowStatus

UNSET = msgspec.UNSET
Output = Json | msgspec.UnsetType


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What an activation completed with. `only` narrows its unconditional edges to one target."""

    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Output = UNSET
    attempt: int = 0
    only: str | None = None
    by: str | None = None
    comment: str | None = None


def complete(turn: Turn, name: str, outcome: Outcome) -> None:
    """Settle as completed, unless a condition can't be evaluated or the patch conflicts: then as failed.

    In this order: a patch that isn't applied conflicts with nothing, whoever comes first.
    """
    run = turn.run
    activation = run.activations.get(name)
    if activation is not None and activation.map is not None:
        _complete_item(turn, activation, outcome)
        return
    loop = None if run.closing is not None else loop_of(turn, name)
    seen = _seen(run, name)
    try:
        route = _route(turn, name, seen, outcome)
    except EvaluationError as problem:
        error = ErrorData("condition_error", "EvaluationError", str(problem))
        fail(turn, name, error, attempt=outcome.attempt, output=_output(outcome))
        return
    rival = causal.find_conflict(run, seen, outcome.patch, outcome.unset)
    if rival is not None:
        _conflict(turn, name, outcome, *rival)
        return
    turn.emit(_completed(turn, name, outcome, route, loop))
    follow(turn, route, loop)


def _seen(run: Run, name: str) -> Seen:
    activation = run.activations.get(name)
    return activation.seen if activation is not None else causal.seen_on_entry(run, name)


def _output(outcome: Outcome) -> Json:
    return outcome.patch if outcome.output is UNSET else outcome.output


def _completed(turn: Turn, name: str, outcome: Outcome, route: Route, loop: str | None) -> NodeCompleted:
    return NodeCompleted(
        at=turn.at,
        activation=name,
        attempt=outcome.attempt,
        patch=outcome.patch,
        unset=outcome.unset,
        output=outcome.output,
        by=outcome.by,
        comment=outcome.comment,
        route=route,
        loop=loop,
    )


def _route(turn: Turn, name: str, seen: Seen, outcome: Outcome) -> Route:
    if turn.run.closing is not None:
        return Route()
    return route_completed(turn, name, lambda: _after(turn.run, seen, outcome), _output(outcome), outcome.only)


def _after(run: Run, seen: Seen, outcome: Outcome) -> Mapping[str, Json]:
    state = causal.view(run, seen)
    if not outcome.patch and not outcome.unset:
        return state
    after = {**state, **outcome.patch}
    for key in outcome.unset:
        after.pop(key, None)
    return after


def _conflict(turn: Turn, name: str, outcome: Outcome, key: str, rival: str) -> None:
    one, other = sorted((name, rival))
    message = f"`{one}` and `{other}` ran side by side and set `{key}` to different values"
    error = ErrorData("state_conflict", "StateConflict", message)
    turn.emit(NodeFailed(at=turn.at, activation=name, attempt=outcome.attempt, error=error, output=outcome.patch))
    close(turn, WorkflowStatus.FAILED, "state_conflict", error=error, activation=name)


def fail(
    turn: Turn,
    name: str,
    error: ErrorData,
    *,
    attempt: int = 0,
    output: Output = UNSET,
    abandoned: bool = False,
) -> None:
    """Settle as failed, beyond its policy. Nobody catches it: the execution fails."""
    run = turn.run
    activation = run.activations.get(name)
    route, caught, loop = Route(), False, None
    if activation is not None and activation.map is not None:
        caught = True
    elif run.closing is None:
        loop = loop_of(turn, name)
        route, caught, error = _catch(turn, name, _seen(run, name), error)
    turn.emit(
        NodeFailed(
            at=turn.at,
            activation=name,
            attempt=attempt,
            error=error,
            output=output,
            abandoned=abandoned,
            route=route,
            loop=loop if caught else None,
        )
    )
    if activation is not None and activation.map is not None:
        _fail_map(turn, activation.map, error)
    elif caught:
        follow(turn, route, loop)
    else:
        close(turn, WorkflowStatus.FAILED, "failed", error=error, activation=name)


def _catch(turn: Turn, name: str, seen: Seen, error: ErrorData) -> tuple[Route, bool, ErrorData]:
    try:
        route, caught = route_failed(turn, name, causal.view(turn.run, seen), error)
    except EvaluationError as problem:
        return Route(), False, ErrorData("condition_error", "EvaluationError", str(problem))
    return (route, True, error) if caught else (Route(), False, error)


def skip(turn: Turn, name: str) -> None:
    """Settle as skipped: all ways to it are dead, and so are all ways on."""
    loop = loop_of(turn, name)
    route = route_dead(turn, name)
    turn.emit(NodeSkipped(at=turn.at, activation=name, route=route, loop=loop))
    follow(turn, route, loop)


# -- maps -------------------------------------------------------------------------------------------------------


def fill_map(turn: Turn, name: str) -> None:
    """Schedule as many items as may be unsettled at once; with none left, complete the map."""
    activation = turn.run.activations[name]
    mapping = activation.mapping
    assert mapping is not None, "only a map is filled"
    count = len(mapping.items)
    if len(mapping.outputs) == count:
        output = [mapping.outputs[index] for index in range(count)]
        key = turn.program.nodes[activation.node].output_key
        complete(turn, name, Outcome(patch={key: output}) if key else Outcome(output=output))
        return
    each = turn.program.nodes[activation.node].each
    at_once = (each.max_concurrency if each is not None else None) or turn.limits.scheduled_items_max
    while mapping.scheduled < count and mapping.scheduled - len(mapping.outputs) < at_once:
        _schedule_item(turn, activation, mapping.item_node, mapping.scheduled)


def _schedule_item(turn: Turn, activation: Activation, item_node: str, index: int) -> None:
    node = turn.program.nodes[item_node]
    turn.emit(
        NodeScheduled(
            at=turn.at,
            activation=f"{activation.name}#{index}",
            node=item_node,
            timeout_ms=turn.timeout_ms(node),
            retry=node.retry,
            begun_by=turn.take_slot(item_node),
            map=activation.name,
            item=index,
        )
    )


def _complete_item(turn: Turn, activation: Activation, outcome: Outcome) -> None:
    assert activation.map is not None, "an item belongs to a map"
    result = Outcome(output=_output(outcome), attempt=outcome.attempt)  # items don't patch the state
    turn.emit(_completed(turn, activation.name, result, Route(), None))
    fill_map(turn, activation.map)


def _fail_map(turn: Turn, name: str, error: ErrorData) -> None:
    """The first item that fails cancels the rest and fails the map with its error."""
    for other in [item for item, activation in turn.run.activations.items() if activation.map == name]:
        cancel(turn, other)
    fail(turn, name, error)

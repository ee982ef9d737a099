"""Maps: their items are scheduled as there is room, and settle them. An item doesn't patch the state.

What settles an activation from the outside (a worker's report, a child's end) comes through here, because it may be an
item.
"""

from __future__ import annotations

from msgspec import UNSET

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.decide.child import spawned
from pectin.core.decide.close import cancel
from pectin.core.decide.settle import NOTHING, Outcome, Output, complete, completed, condition_error, fail
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, OnItemFailure
from pectin.core.error import ErrorData
from pectin.core.event import NOWHERE, NodeFailed
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError, run_always
from pectin.core.state import Activation, MapState


def settle_completed(turn: Turn, activation: Activation, outcome: Outcome) -> None:
    """Settle an activation, an item or not, as completed."""
    if activation.map is None:
        complete(turn, activation.name, outcome)
        return
    result = Outcome(output=outcome.shown, attempt=outcome.attempt)
    turn.emit(completed(turn, activation.name, result, NOWHERE))
    fill(turn, activation.map)


def settle_failed(
    turn: Turn,
    activation: Activation,
    error: ErrorData,
    *,
    attempt: int = 0,
    output: Output = UNSET,
    abandoned: bool = False,
    outcome: Outcome = NOTHING,
) -> None:
    """Settle an activation, an item or not, as failed beyond its policy. `outcome` says who rejected it."""
    name, map_name = activation.name, activation.map
    if map_name is None:
        fail(turn, name, error, attempt=attempt, output=output, abandoned=abandoned, outcome=outcome)
        return
    turn.emit(
        NodeFailed(
            at=turn.at,
            activation=name,
            attempt=attempt,
            error=error,
            output=output,
            abandoned=abandoned,
            by=outcome.by,
            comment=outcome.comment,
        )
    )
    if _on_item_failure(turn, map_name) is OnItemFailure.FAIL:
        fail_map(turn, map_name, error)
    else:
        fill(turn, map_name)


def fill(turn: Turn, name: str) -> None:
    """Schedule as many items as may be unsettled at once; with none left, settle the map."""
    if not turn.may_go_on:
        return
    activation = turn.run.activations[name]
    mapping = _mapping(activation)
    if mapping.settled == len(mapping.items):
        _finish(turn, activation, mapping)
        return
    each = turn.program.nodes[activation.node].each
    at_once = (each.max_concurrency if each is not None else None) or turn.limits.scheduled_items_max
    while mapping.scheduled < len(mapping.items) and mapping.scheduled - mapping.settled < at_once:
        if not _enter_item(turn, activation, mapping, mapping.scheduled):
            return


def fail_map(turn: Turn, name: str, error: ErrorData) -> None:
    """Cancel the items that are left, and fail the map."""
    for other in [item for item, activation in turn.run.activations.items() if activation.map == name]:
        cancel(turn, other)
    fail(turn, name, error)


def _finish(turn: Turn, activation: Activation, mapping: MapState) -> None:
    mode = _on_item_failure(turn, activation.name)
    if mapping.errors and mode is not OnItemFailure.COLLECT:
        fail(turn, activation.name, mapping.errors[min(mapping.errors)])
        return
    output: list[Json] = [
        {"error": mapping.errors[index].variable()} if index in mapping.errors else mapping.outputs[index]
        for index in range(len(mapping.items))
    ]
    key = turn.program.nodes[activation.node].output_key
    complete(turn, activation.name, Outcome(patch={key: output}) if key else Outcome(output=output))


def _enter_item(turn: Turn, activation: Activation, mapping: MapState, index: int) -> bool:
    """Enter one item. False if it can't be made: then the map has failed."""
    name = f"{activation.name}#{index}"
    node = turn.program.nodes[mapping.item_node]
    enter_kind = turn.program.enter[node.id]
    if enter_kind is run_always:
        turn.schedule(name, node, map_name=activation.name, item=index)
        return True
    state = causal.view(turn.run, activation.seen)
    iteration = parse_activation(activation.name).iteration
    entry = Entry(state=state, at=turn.at, iteration=iteration, item=mapping.items[index], index=index)
    try:
        if node.child is None:
            enter_kind(entry)  # what it hands in can be worked out
            turn.schedule(name, node, map_name=activation.name, item=index)
            return True
        child = spawned(turn, name, node, entry.variables(), map_name=activation.name, item=index)
    except EvaluationError as problem:
        child = condition_error(f"item {index}: {problem}")
    except NodeError as problem:
        child = ErrorData(problem.error_class, "NodeError", f"item {index}: {problem}")
    if isinstance(child, ErrorData):
        fail_map(turn, activation.name, child)
        return False
    turn.emit(child)
    return True


def _on_item_failure(turn: Turn, name: str) -> OnItemFailure:
    each = turn.program.nodes[turn.run.activations[name].node].each
    return (each.on_item_failure if each is not None else None) or OnItemFailure.FAIL


def _mapping(activation: Activation) -> MapState:
    assert activation.mapping is not None, "only a map is filled"
    return activation.mapping

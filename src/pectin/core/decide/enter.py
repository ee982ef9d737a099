"""Entering what is ready: round by round, until the frontier is empty."""

from __future__ import annotations

from itertools import islice
from typing import assert_never

from pectin.core import causal
from pectin.core.action import Action, Await, Resolve, Run, Spawn
from pectin.core.activation import parse_activation
from pectin.core.codec import digest
from pectin.core.decide.route import loop_of
from pectin.core.decide.settle import Outcome, complete, fail, fill_map, skip
from pectin.core.decide.turn import Turn
from pectin.core.definition import Node
from pectin.core.error import ErrorData
from pectin.core.event import AttemptBegun, NodeMapped, NodeScheduled, NodeWaiting
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError


def advance(turn: Turn) -> None:
    """Enter or skip all that the resolved edges have made ready. Only the frontier is looked at.

    A name may stand on it more than once, and be entered by the time that it is looked at again.
    """
    while turn.frontier and turn.run.closing is None:
        frontier, turn.frontier = turn.frontier, []
        for name in dict.fromkeys(frontier):
            if turn.run.closing is not None:
                return
            _look_at(turn, name)


def _look_at(turn: Turn, name: str) -> None:
    arrivals = turn.run.arrivals.get(name)
    if arrivals is None:
        return
    edges = turn.program.graph.indegree[parse_activation(name).node]
    if arrivals.taken == 0 < edges == arrivals.resolved:
        skip(turn, name)
    elif arrivals.resolved == edges:
        enter(turn, name)


def enter(turn: Turn, name: str) -> None:
    """Enter an activation: ask its kind for an action, and do that."""
    run = turn.run
    target = parse_activation(name)
    node = turn.program.nodes[target.node]
    loop = loop_of(turn, name)
    arrivals = run.arrivals.get(name)
    entry = Entry(
        state=causal.view(run, causal.seen_on_entry(run, name)),
        at=turn.at,
        iteration=target.iterations[-1] if target.iterations else None,
        arrivals=arrivals.collected if arrivals is not None else None,
    )
    try:
        action = turn.program.enter[node.id](entry)
    except EvaluationError as problem:
        fail(turn, name, ErrorData("condition_error", "EvaluationError", str(problem)))
    except NodeError as problem:
        fail(turn, name, ErrorData(problem.error_class, "NodeError", str(problem)))
    else:
        _act(turn, name, node, loop, action)


def _act(turn: Turn, name: str, node: Node, loop: str | None, action: Action) -> None:
    match action:
        case Run():
            turn.emit(
                NodeScheduled(
                    at=turn.at,
                    activation=name,
                    node=node.id,
                    timeout_ms=turn.timeout_ms(node),
                    retry=node.retry,
                    begun_by=turn.take_slot(node.id),
                    loop=loop,
                )
            )
        case Resolve():
            key = node.output_key
            patch = {} if key is None else {key: action.output}
            output = action.output if key is None else causal.UNSET
            complete(turn, name, Outcome(patch=patch, output=output, only=action.only))
        case Await():
            _wait(turn, name, node, loop, action)
        case Spawn():
            _map(turn, name, node, loop, action)
        case _:
            assert_never(action)


def _wait(turn: Turn, name: str, node: Node, loop: str | None, action: Await) -> None:
    shown = None
    if action.decisions:
        shown = digest([turn.run.execution_id, name, action.prompt, list(action.decisions)])
    turn.emit(
        NodeWaiting(
            at=turn.at,
            activation=name,
            node=node.id,
            prompt=action.prompt,
            decisions=action.decisions,
            digest=shown,
            until=action.until,
            loop=loop,
        )
    )


def _map(turn: Turn, name: str, node: Node, loop: str | None, action: Spawn) -> None:
    limit = turn.limits.items_max
    if len(action.items) > limit:
        message = f"`{node.id}` has {len(action.items)} items; at most {limit} are allowed"
        fail(turn, name, ErrorData("bad_items", "NodeError", message))
        return
    assert node.each is not None, "only a node with `each` spawns items"
    turn.emit(
        NodeMapped(at=turn.at, activation=name, node=node.id, item_node=node.each.node, items=action.items, loop=loop)
    )
    fill_map(turn, name)


def begin_ready(turn: Turn) -> None:
    """Let the offering worker begin what waits for one and is not in backoff, the longest ready first."""
    run = turn.run
    if turn.begin is None or turn.slots <= 0:
        return
    due = sorted((until, name) for name, until in run.backoff.items() if until <= turn.at)
    names = [name for _, name in due]
    names.extend(run.ready if turn.begin.unable else islice(run.ready, turn.slots))
    for name in names:
        activation = run.activations[name]
        worker = turn.take_slot(activation.node)
        if worker is None:
            continue
        attempt = activation.attempt + 1
        turn.emit(AttemptBegun(at=turn.at, activation=name, attempt=attempt, by=worker))

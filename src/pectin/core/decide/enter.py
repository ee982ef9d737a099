"""Entering what is ready: round by round, until the frontier is empty."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import assert_never

from msgspec import UNSET

from pectin.core import causal
from pectin.core.action import Action, Await, Resolve, Run, Spawn
from pectin.core.activation import parse_activation
from pectin.core.codec import digest
from pectin.core.decide.child import spawned
from pectin.core.decide.close import close
from pectin.core.decide.gate import refuse_unapproved
from pectin.core.decide.map import fill
from pectin.core.decide.message import take_kept
from pectin.core.decide.route import follow, is_unwanted, loop_of, route_dead
from pectin.core.decide.settle import Outcome, complete, condition_error, fail, skip
from pectin.core.decide.turn import Turn
from pectin.core.definition import Join, Json, Node
from pectin.core.error import ErrorData
from pectin.core.event import AttemptBegun, BudgetAwaited, NodeCancelled, NodeMapped, NodeWaiting, ReconcileBegun
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError, run_always
from pectin.core.state import Arrivals
from pectin.core.status import WorkflowStatus


def advance(turn: Turn) -> None:
    """Enter or skip all that the resolved edges have made ready. Only the frontier is looked at.

    A name may stand on it more than once, and be entered by the time that it is looked at again.
    """
    while (turn.frontier or turn.called is not None) and turn.may_go_on:
        called, turn.called = turn.called, None
        if called is not None:
            enter(turn, called)
        frontier, turn.frontier = turn.frontier, []
        for name in dict.fromkeys(frontier):
            if turn.run.closing is not None or turn.called is not None:
                break
            _look_at(turn, name)


def _look_at(turn: Turn, name: str) -> None:
    arrivals = turn.run.arrivals.get(name)
    if arrivals is None:
        return
    node = turn.node(name)
    edges = turn.program.graph.indegree[node.id]
    if arrivals.resolved < edges and not _is_again(turn, name, node):
        if node.join is None or not node.join.may_fire_early or is_unwanted(turn, name):
            return
        _fire_early(turn, name, node, edges - arrivals.resolved)
    elif arrivals.taken == 0 < edges:
        skip(turn, name)
    elif is_unwanted(turn, name):
        _leave_out(turn, name)
    elif node.join is None or _fires(turn, name, node, node.join, arrivals):
        _enter(turn, name, node)
    elif name in turn.run.arrivals:  # else it failed to find out
        count = len(arrivals.collected)
        message = f"`{node.id}` has {count} of its arrivals, and no more will come: that is not what it waits for"
        fail(turn, name, ErrorData("join_unsatisfied", "NodeError", message))


def _is_again(turn: Turn, name: str, node: Node) -> bool:
    """Whether it is a loop's header in a later iteration, which nothing arrives at from outside."""
    return node.id in turn.program.graph.loops and parse_activation(name).iterations[-1] > 1


def _fire_early(turn: Turn, name: str, node: Node, unresolved: int) -> None:
    arrivals = turn.run.arrivals[name]
    assert node.join is not None, "only joins fire early"
    if arrivals.taken and _fires(turn, name, node, node.join, arrivals, unresolved):
        _enter(turn, name, node, unresolved)


def _fires(turn: Turn, name: str, node: Node, join: Join, arrivals: Arrivals, unresolved: int = 0) -> bool:
    """Whether what has arrived is enough. A join that fails to find out is settled by that."""
    if join.at_least is not None:
        return len(arrivals.collected) >= join.at_least
    if join.fires_when is None:
        return True
    entry = _entry(turn, name)
    order = [source for source in join.wait_for if source in arrivals.collected]
    listed: list[Json] = [{"source": source, "output": arrivals.collected[source]} for source in order]
    try:
        return turn.program.firing[node.id].holds({**entry.variables(), "arrivals": listed})
    except EvaluationError as problem:
        fail(turn, name, condition_error(str(problem)), outcome=Outcome(unresolved=unresolved))
        return False


def _leave_out(turn: Turn, name: str) -> None:
    """Cancel what has not begun, and is of no use any more."""
    loop, route = loop_of(turn, name), route_dead(turn, name)
    turn.emit(NodeCancelled(at=turn.at, activation=name, route=route, loop=loop))
    follow(turn, route, loop)


def _entry(turn: Turn, name: str) -> Entry:
    run = turn.run
    target = parse_activation(name)
    arrivals = run.arrivals.get(name)
    is_called = turn.program.definition.on_limit == target.node
    return Entry(
        state=causal.view(run, causal.seen_on_entry(run, name)),
        at=turn.at,
        iteration=target.iteration,
        arrivals=arrivals.collected if arrivals is not None else None,
        error=run.limit.variable() if is_called and run.limit is not None else None,
    )


def enter(turn: Turn, name: str) -> None:
    """Enter an activation."""
    _enter(turn, name, turn.node(name))


def _enter(turn: Turn, name: str, node: Node, unresolved: int = 0) -> None:
    """Do what its kind says. One that always runs isn't asked. A join that fires early leaves `unresolved` edges
    behind."""
    if turn.program.gate is not None and refuse_unapproved(turn, name):
        return
    enter_kind = turn.program.enter[node.id]
    if enter_kind is run_always:  # most of the time
        turn.schedule(name, node, loop=loop_of(turn, name))
        return
    entry = _entry(turn, name)
    outcome = Outcome(unresolved=unresolved)
    try:
        action = enter_kind(entry)
        if isinstance(action, Spawn) and action.items is None:
            _spawn(turn, name, node, entry)
        else:
            _act(turn, name, node, action, unresolved)
    except EvaluationError as problem:
        fail(turn, name, condition_error(str(problem)), outcome=outcome)
    except NodeError as problem:
        fail(turn, name, ErrorData(problem.error_class, "NodeError", str(problem)), outcome=outcome)


def _act(turn: Turn, name: str, node: Node, action: Action, unresolved: int) -> None:
    match action:
        case Run():
            turn.schedule(name, node, loop=loop_of(turn, name))
        case Resolve():
            _resolve(turn, name, node, action, unresolved)
        case Await():
            _wait(turn, name, node, action)
        case Spawn():
            _map(turn, name, node, action)
        case _:
            assert_never(action)


def _resolve(turn: Turn, name: str, node: Node, action: Resolve, unresolved: int) -> None:
    key = node.output_key
    patch = {} if key is None else {key: action.output}
    output = action.output if key is None else UNSET
    complete(turn, name, Outcome(patch=patch, output=output, only=action.only, unresolved=unresolved))
    if action.limit is not None:
        error = ErrorData("limit_exceeded", "LimitExceeded", action.limit)
        close(turn, WorkflowStatus.LIMIT_EXCEEDED, "limit_exceeded", error=error, activation=name)


def _wait(turn: Turn, name: str, node: Node, action: Await) -> None:
    run = turn.run
    shown, editable = None, dict[str, Json]()
    if action.decisions:
        state = causal.view(run, causal.seen_on_entry(run, name))
        editable = {key: state.get(key) for key in action.editable}
        asked = [run.execution_id, name, action.prompt, list(action.decisions)]
        shown = digest([*asked, editable] if editable else asked)
    turn.emit(
        NodeWaiting(
            at=turn.at,
            activation=name,
            node=node.id,
            prompt=action.prompt,
            decisions=action.decisions,
            digest=shown,
            editable=editable,
            signal=action.signal,
            event=action.event,
            correlation=action.correlation,
            until=action.until,
            fails_late=action.fails_late,
            loop=loop_of(turn, name),
        )
    )
    if action.signal is not None:
        take_kept(turn, name, action.signal)


def _spawn(turn: Turn, name: str, node: Node, entry: Entry) -> None:
    child = spawned(turn, name, node, entry.variables(), loop=loop_of(turn, name))
    if isinstance(child, ErrorData):
        fail(turn, name, child)
    else:
        turn.emit(child)


def _map(turn: Turn, name: str, node: Node, action: Spawn) -> None:
    limit = turn.limits.items_max
    items = action.items or []
    if len(items) > limit:
        message = f"`{node.id}` has {len(items)} items; at most {limit} are allowed"
        fail(turn, name, ErrorData("bad_items", "NodeError", message))
        return
    assert node.each is not None, "only a node with `each` spawns items"
    loop = loop_of(turn, name)
    turn.emit(NodeMapped(at=turn.at, activation=name, node=node.id, item_node=node.each.node, items=items, loop=loop))
    fill(turn, name)


def begin_ready(turn: Turn) -> None:
    """Let the offering worker begin what waits for one and is not in backoff, the longest ready first."""
    run = turn.run
    if turn.begin is None or turn.slots <= 0:
        return
    names = _out_of_backoff(turn, turn.begin.unable) if run.backoff else []
    names.extend(run.ready if turn.begin.unable else islice(run.ready, turn.slots))
    for name in names:
        activation = run.activations[name]
        if (worker := turn.take_slot(activation.node)) is None:
            continue
        if activation.doubt is not None:
            turn.emit(ReconcileBegun(at=turn.at, activation=name, by=worker))
        else:
            turn.emit(AttemptBegun(at=turn.at, activation=name, attempt=activation.attempt + 1, by=worker))


def _out_of_backoff(turn: Turn, unable: Collection[str]) -> list[str]:
    """Those whose backoff is over, in due order. What spends stands in line for the budget from now on."""
    run = turn.run
    names: list[str] = []
    for _, name in sorted((until, name) for name, until in run.backoff.items() if until <= turn.at):
        activation = run.activations[name]
        if activation.ceiling is None:
            names.append(name)
        elif run.hold is None and activation.node not in unable:
            turn.emit(BudgetAwaited(at=turn.at, activation=name))
    return names

"""Which edges a settled activation takes, and how loops go round or end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pectin.core.activation import ActivationName, activation_name, parse_activation
from pectin.core.decide.gate import approved_edges
from pectin.core.decide.limit import MAX_ITERATIONS, reach_limit
from pectin.core.decide.turn import Turn
from pectin.core.definition import END, Edge, Json, Trigger
from pectin.core.error import ErrorData
from pectin.core.event import NOWHERE, LoopEnded, LoopRepeated, Route


class Ways:
    """Collects the resolved edges of one settling event. `path` and `iterations` are of the loop they start in."""

    def __init__(self, turn: Turn, path: tuple[str, ...], iterations: tuple[int, ...]) -> None:
        self._graph = turn.program.graph
        self._nodes = turn.program.nodes
        self._gated = turn.program.gate is not None
        self._path = path
        self._iterations = iterations
        self._taken: list[str] = []
        self._dead: list[str] = []
        self._exits: list[str] = []
        self._error_exits: list[str] = []
        self._dead_exits: list[str] = []
        self._collected: list[str] = []
        self._collected_exits: list[str] = []
        self._repeats = False
        self._approved: dict[str, bool] = {}

    @classmethod
    def of(cls, turn: Turn, activation: ActivationName) -> Ways:
        """No edge of this activation yet."""
        return cls(turn, turn.program.graph.path[activation.node], activation.iterations)

    def add(self, target: str, taken: bool, *, on_error: bool = False, approved: bool = False) -> None:
        """Resolve one edge to `target`."""
        name = None if target == END else self._graph.activation(target, self._path, self._iterations)
        collects = taken and target != END and self._nodes[target].join is not None
        if name is not None:
            (self._taken if taken else self._dead).append(name)
            if collects:
                self._collected.append(name)
        elif self._path and (target != END or on_error):
            held = self._dead_exits if not taken else self._error_exits if on_error else self._exits
            held.append(target)
            if collects:
                self._collected_exits.append(target)
        if taken and self._gated and target != END:
            self._approve(name or target, approved)

    def repeat(self, header: str, *, approved: bool = False) -> None:
        """Go round once more in the loop of `header`: in the innermost, or in one around it, which has to wait."""
        if header == self._path[-1]:
            self._repeats = True
        else:
            self._exits.append(header)
        if self._gated:
            self._approve(header, approved)

    def _approve(self, target: str, approved: bool) -> None:
        self._approved[target] = approved and self._approved.get(target, True)

    def route(self) -> Route:
        """The event's part."""
        route = Route(
            taken=tuple(self._taken),
            dead=tuple(self._dead),
            exits=tuple(self._exits),
            error_exits=tuple(self._error_exits),
            dead_exits=tuple(self._dead_exits),
            collected=tuple(self._collected),
            collected_exits=tuple(self._collected_exits),
            repeats=self._repeats,
            approved=tuple(target for target, approved in self._approved.items() if approved),
        )
        return NOWHERE if route == NOWHERE else route


def route_completed(
    turn: Turn,
    name: str,
    view: Callable[[frozenset[str] | None], Mapping[str, Json]],
    output: Json,
    only: str | None = None,
) -> Route:
    """The edges of a completed activation. Raises `EvaluationError` when a condition can't be evaluated.

    `view` gives what the activation sees with its own patch, of these keys at least (None: all); it is asked only if
    there is a condition.
    """
    is_free = only is None and turn.program.gate is None
    if is_free and (route := turn.program.graph.always.get(name)) is not None:
        return route
    activation = parse_activation(name)
    ways = Ways.of(turn, activation)
    edges = turn.program.graph.out[activation.node]
    asked = [index for index, edge in edges if edge.trigger in (Trigger.WHEN, Trigger.REPEAT)]
    held: dict[int, bool] = {}
    if asked:
        variables = {"state": view(_keys_read(turn, asked)), "output": output, "iteration": activation.iteration}
        held = {index: _holds(turn, index, variables) for index in asked}
    when = any(held[i] for i, edge in edges if edge.trigger is Trigger.WHEN)
    approved = approved_edges(turn, name, output)
    for index, edge in edges:
        match edge.trigger:
            case Trigger.ALWAYS:
                ways.add(edge.target, only is None or edge.target == only, approved=index in approved)
            case Trigger.WHEN:
                ways.add(edge.target, held[index], approved=index in approved)
            case Trigger.OTHERWISE:
                ways.add(edge.target, not when, approved=index in approved)
            case Trigger.ERROR:
                ways.add(edge.target, False)
            case Trigger.REPEAT:
                if held[index]:
                    ways.repeat(edge.target, approved=index in approved)
            case Trigger.LIMIT:
                raise AssertionError("the ways by a limit belong to the loop")
    return ways.route()


def route_failed(turn: Turn, name: str, state: Mapping[str, Json], error: ErrorData) -> tuple[Route, bool]:
    """The edges of a failed activation, and whether an `on_error` edge among them is taken."""
    activation = parse_activation(name)
    variables: dict[str, Any] = {
        "state": state,
        "error": error.variable(),
        "iteration": activation.iteration,
    }
    ways = Ways.of(turn, activation)
    approved = approved_edges(turn, name)
    caught = False
    for index, edge in turn.program.graph.out[activation.node]:
        if edge.trigger is Trigger.REPEAT:
            continue
        taken = edge.trigger is Trigger.ERROR and _catches(turn, index, edge, variables)
        caught |= taken
        ways.add(edge.target, taken, on_error=taken, approved=index in approved)
    return ways.route(), caught


def route_dead(turn: Turn, name: str) -> Route:
    """All edges of an activation, dead."""
    activation = parse_activation(name)
    ways = Ways.of(turn, activation)
    for _, edge in turn.program.graph.out[activation.node]:
        if edge.trigger is not Trigger.REPEAT:
            ways.add(edge.target, False)
    return ways.route()


def loop_of(turn: Turn, name: str) -> str | None:
    """The innermost loop that an activation is in, as the events name it."""
    graph = turn.program.graph
    if not graph.loops:
        return None
    activation = parse_activation(name)
    return graph.loop_name(graph.path[activation.node], activation.iterations)


def follow(turn: Turn, route: Route, loop: str | None) -> None:
    """Put what a settled activation leads to on the frontier, and go on with its loop if that settled it."""
    if not turn.may_go_on:
        return
    turn.frontier.extend(route.taken)
    turn.frontier.extend(route.dead)
    if loop is not None:
        turn_loop(turn, loop)


def is_unwanted(turn: Turn, name: str) -> bool:
    """Whether an activation leads nowhere but to a join that has fired already."""
    run, graph = turn.run, turn.program.graph
    if not run.fired:
        return False
    node, iterations, _ = parse_activation(name)
    return any(graph.joined(join, iterations) in run.fired for join in graph.feeds.get(node, ()))


def turn_loop(turn: Turn, name: str) -> None:
    """If all of the loop's iteration has settled, begin the next one, or end the loop."""
    state = turn.run.loops[name]
    graph = turn.program.graph
    loop = graph.loops[state.header]
    if state.settled < loop.members:
        return
    outside = parse_activation(name).iterations
    header = activation_name(state.header, (*outside, state.iteration))
    if state.error_exits or not state.repeats or is_unwanted(turn, header):
        _end_loop(turn, name, outside)
        return
    limit = loop.max_iterations or _iterations_max(turn)
    if state.iteration < limit:
        turn.emit(LoopRepeated(at=turn.at, loop=name, iteration=state.iteration + 1, forgotten=tuple(state.exits)))
        turn.frontier.append(activation_name(state.header, (*outside, state.iteration + 1)))
    elif state.header in graph.limits:
        _end_loop(turn, name, outside, by_limit=True)
    else:
        message = f"loop `{name}` wants iteration {state.iteration + 1}; max_iterations is {limit}"
        reach_limit(turn, ErrorData(MAX_ITERATIONS, "LimitExceeded", message), name)


def _iterations_max(turn: Turn) -> int:
    limits = turn.program.definition.limits
    own = limits.max_iterations if limits is not None else None
    return turn.limits.iterations_max if own is None else own


def _end_loop(turn: Turn, name: str, outside: tuple[int, ...], *, by_limit: bool = False) -> None:
    """Resolve the ways that leave the loop: as they stood in the last iteration, or only the one for the limit."""
    state = turn.run.loops[name]
    graph = turn.program.graph
    path = graph.path[state.header][:-1]
    ways = Ways(turn, path, outside)
    for target in state.exits:
        if target not in path:
            ways.add(target, not by_limit, approved=target in state.approved)
        elif not by_limit:
            ways.repeat(target, approved=target in state.approved)
    for target in state.error_exits:
        ways.add(target, True, on_error=True, approved=target in state.approved)
    for target in state.dead_exits:
        ways.add(target, False)
    for target in graph.limits.get(state.header, ()):  # the way to it is that of the iteration that is not begun
        ways.add(target, by_limit, approved=state.header in state.approved)
    route = ways.route()
    outer = graph.loop_name(path, outside)
    turn.emit(LoopEnded(at=turn.at, loop=name, route=route, outer=outer, by_limit=by_limit))
    follow(turn, route, outer)


def _keys_read(turn: Turn, asked: list[int]) -> frozenset[str] | None:
    """The keys of the state that these conditions name, None if one may read all."""
    keys = frozenset[str]()
    for index in asked:
        reads = turn.program.conditions[index].reads
        if reads is None:
            return None
        keys |= reads
    return keys


def _holds(turn: Turn, index: int, variables: Mapping[str, Json]) -> bool:
    return turn.program.conditions[index].holds(variables)


def _catches(turn: Turn, index: int, edge: Edge, variables: Mapping[str, Json]) -> bool:
    return edge.condition is None or _holds(turn, index, variables)

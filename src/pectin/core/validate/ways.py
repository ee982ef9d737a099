"""How the edges lead: every node can be reached, and every loop is one that the core can run.

Loops are natural loops. A header that dominates is the loop's only entry, so an iteration has one beginning, and loops
lie side by side or one within another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.graph import find_loops
from pectin.core.kind import Kind, Trait
from pectin.core.validate.parts import leads
from pectin.core.validate.report import Report

Steps = Mapping[str, Sequence[str]]
"""Where one can go from each node."""


def check_ways(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """Reachability, cycles and loops. Edges with an unknown end are not looked at."""
    onward = {index: edge for index, edge in enumerate(definition.edges) if edge.target != END}
    edges = {index: edge for index, edge in onward.items() if leads(edge, nodes)}
    steps = _steps(nodes, edges.values())
    items, at_limit = definition.item_nodes().keys(), definition.on_limit
    named = [definition.start] if at_limit is None else [definition.start, at_limit]
    begins = [name for name in named if name in nodes]
    if begins == named and items <= nodes.keys() and len(edges) == len(onward):
        _check_reached(begins, items, nodes, kinds, steps, report)  # else a misspelt name explains what isn't reached
    if begins == named and at_limit is not None and not _check_apart(definition, at_limit, steps, report):
        begins.remove(at_limit)
    forward = {index: edge for index, edge in edges.items() if edge.trigger is not Trigger.REPEAT}
    cycles = _find_cycles(_steps(nodes, forward.values()))
    for cycle in cycles:
        _refuse_cycle(forward, cycle, report)
    if definition.start in nodes and not cycles:
        bodies = _check_loops(begins, edges, nodes, kinds, report)
        _check_limit_edges(definition, bodies, nodes, report)


def _reach(begins: Iterable[str], steps: Steps, without: str | None = None) -> set[str]:
    """The nodes that one can get to from where an execution begins, on ways that don't pass `without`."""
    reached: set[str] = set()
    pending = [*begins]
    while pending:
        node = pending.pop()
        if node not in reached and node != without:
            reached.add(node)
            pending.extend(steps[node])
    return reached


def _steps(nodes: Mapping[str, Node], edges: Iterable[Edge]) -> dict[str, list[str]]:
    steps: dict[str, list[str]] = {name: [] for name in nodes}
    for edge in edges:
        steps[edge.source].append(edge.target)
    return steps


def _check_reached(
    begins: Sequence[str],
    items: Set[str],
    nodes: Mapping[str, Node],
    kinds: Mapping[str, Kind],
    steps: Steps,
    report: Report,
) -> None:
    reached = _reach(begins, steps) | items
    for name, node in nodes.items():
        runs_at_the_end = node.kind in kinds and Trait.RUN_ON in kinds[node.kind].TRAITS
        if name not in reached and not runs_at_the_end:
            hint = "lead an edge to it, or delete it"
            report.node(name, "E008", f"no way leads from the start, `{begins[0]}`, to `{name}`", hint)


def _check_apart(definition: Definition, at_limit: str, steps: Steps, report: Report) -> bool:
    """Whether what is entered when a limit is passed leads to nothing that may have run before."""
    shared = _reach([definition.start], steps) & _reach([at_limit], steps)
    aimed = any(edge.target == at_limit for edge in definition.edges)  # and told already
    if shared and not aimed and at_limit != definition.start:
        listed = ", ".join(f"`{name}`" for name in sorted(shared))
        message = f"`{at_limit}`, which `on_limit` of the limits names, leads to what the start leads to: {listed}"
        report.node(at_limit, "E038", message, "lead it to nodes of its own, or to the end")
    return not shared


def _find_cycles(steps: Steps) -> list[list[str]]:
    """A cycle for each edge that closes one, as a walk in depth comes upon them. None if there is no cycle."""
    cycles: list[list[str]] = []
    done: set[str] = set()
    for first in steps:
        trail: dict[str, int] = {}
        pending = [(first, iter(steps[first]))] if first not in done else []
        trail[first] = 0
        while pending:
            node, ahead = pending[-1]
            following = next(ahead, None)
            if following is None:
                done.add(node)
                del trail[node]
                pending.pop()
            elif following in trail:
                cycles.append([name for name, _ in pending[trail[following] :]])
            elif following not in done:
                trail[following] = len(pending)
                pending.append((following, iter(steps[following])))
    return cycles


def _refuse_cycle(forward: Mapping[int, Edge], cycle: list[str], report: Report) -> None:
    last, first = cycle[-1], cycle[0]
    index = next(index for index, edge in forward.items() if (edge.source, edge.target) == (last, first))
    walk = " → ".join((*cycle, first))
    hint = f"make `{last} → {first}` a `repeat`, with a condition and a limit"
    report.edge(index, "E009", f"`{walk}` goes round without `repeat`", hint)


def _check_loops(
    begins: Sequence[str],
    edges: Mapping[int, Edge],
    nodes: Mapping[str, Node],
    kinds: Mapping[str, Kind],
    report: Report,
) -> dict[str, frozenset[str]]:
    """The bodies of the loops that are sound, by the header."""
    steps = _steps(nodes, edges.values())
    reached = _reach(begins, steps)
    sound: dict[int, Edge] = {}
    for index, edge in edges.items():
        if edge.source not in reached:
            continue
        goes_back = edge.trigger is Trigger.REPEAT and edge.source != edge.target
        if goes_back and edge.source in _reach(begins, steps, without=edge.target):
            message = f"`repeat` leads to `{edge.target}`, but `{edge.source}` can be reached without passing it"
            report.edge(index, "E010", message, "lead it to the one node by which the loop is entered")
        else:
            sound[index] = edge
    bodies = find_loops(nodes, tuple(sound.values()))
    for header, body in bodies.items():
        _check_loop(header, body, nodes, kinds, report)
    repeating = {edge.source for edge in sound.values() if edge.trigger is Trigger.REPEAT}
    for index, edge in sound.items():
        inner = _innermost(edge.source, bodies)
        leaves = inner is not None and edge.trigger is Trigger.ALWAYS and edge.target not in bodies[inner]
        if leaves and edge.source not in repeating:
            message = f"the edge leaves the loop at `{inner}`: it is taken once, after the last iteration"
            report.edge(index, "W004", message)
    return bodies


def _innermost(node: str, bodies: Mapping[str, frozenset[str]]) -> str | None:
    """The header of the innermost loop that a node is in."""
    around = [header for header, body in bodies.items() if node in body]
    return min(around, key=lambda header: len(bodies[header]), default=None)


def _check_limit_edges(
    definition: Definition, bodies: Mapping[str, frozenset[str]], nodes: Mapping[str, Node], report: Report
) -> None:
    """`on_limit` leaves a loop, from its header."""
    repeated = {edge.target for edge in definition.edges if edge.trigger is Trigger.REPEAT}
    for index, edge in enumerate(definition.edges):
        if edge.trigger is not Trigger.LIMIT or edge.source not in nodes:
            continue
        if edge.source not in repeated:
            inner = _innermost(edge.source, bodies)
            hint = "delete it, or make a loop with `repeat`" if inner is None else f"lead it from `{inner}`, which does"
            report.edge(index, "E028", f"`on_limit` leaves `{edge.source}`, which begins no loop", hint)
        elif edge.target in bodies.get(edge.source, ()):
            message = f"`on_limit` leads to `{edge.target}`, which is in the loop at `{edge.source}`"
            report.edge(index, "E028", message, "lead it out of the loop, or to the end")


def _check_loop(
    header: str, body: frozenset[str], nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report
) -> None:
    if all(_only_routes(nodes[name], kinds) for name in body):
        listed = ", ".join(f"`{name}`" for name in sorted(body))
        message = f"the loop at `{header}` does nothing: {listed} only lead{'s' if len(body) == 1 else ''} on"
        report.node(header, "E011", message, "put a node into it that runs or waits")


def _only_routes(node: Node, kinds: Mapping[str, Kind]) -> bool:
    kind = kinds.get(node.kind)
    return kind is not None and kind.ROUTES and node.each is None

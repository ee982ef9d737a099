"""How the edges lead: every node can be reached, and every loop is one that the core can run.

Loops are natural loops. A header that dominates is the loop's only entry, so an iteration has one beginning, and loops
lie side by side or one within another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.graph import find_loops
from pectin.core.kind import Kind, Trait
from pectin.core.validate.items import item_nodes
from pectin.core.validate.parts import leads
from pectin.core.validate.report import Report

Steps = Mapping[str, Sequence[str]]
"""Where one can go from each node."""


def check_ways(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """Reachability, cycles and loops. Edges with an unknown end are not looked at."""
    onward = {index: edge for index, edge in enumerate(definition.edges) if edge.target != END}
    edges = {index: edge for index, edge in onward.items() if leads(edge, nodes)}
    steps = _steps(nodes, edges.values())
    whole = len(edges) == len(onward) and item_nodes(definition).keys() <= nodes.keys()
    if definition.start in nodes and whole:  # a misspelt name explains what isn't reached
        _check_reached(definition, nodes, kinds, steps, report)
    forward = {index: edge for index, edge in edges.items() if edge.trigger is not Trigger.REPEAT}
    cycles = _find_cycles(_steps(nodes, forward.values()))
    for cycle in cycles:
        _refuse_cycle(forward, cycle, report)
    if definition.start in nodes and not cycles:
        _check_loops(definition.start, edges, nodes, kinds, report)


def _reach(start: str, steps: Steps, without: str | None = None) -> set[str]:
    """The nodes that one can get to from `start`, itself included, on ways that don't pass `without`."""
    reached: set[str] = set()
    pending = [start]
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
    definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], steps: Steps, report: Report
) -> None:
    reached = _reach(definition.start, steps) | item_nodes(definition).keys()
    for name, node in nodes.items():
        runs_at_the_end = node.kind in kinds and Trait.RUN_ON in kinds[node.kind].TRAITS
        if name not in reached and not runs_at_the_end:
            hint = "lead an edge to it, or delete it"
            report.node(name, "E008", f"no way leads from the start, `{definition.start}`, to `{name}`", hint)


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
    start: str, edges: Mapping[int, Edge], nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report
) -> None:
    steps = _steps(nodes, edges.values())
    reached = _reach(start, steps)
    sound: dict[int, Edge] = {}
    for index, edge in edges.items():
        if edge.source not in reached:
            continue
        if edge.trigger is Trigger.REPEAT and edge.source in _reach(start, steps, without=edge.target):
            message = f"`repeat` leads to `{edge.target}`, but `{edge.source}` can be reached without passing it"
            report.edge(index, "E010", message, "lead it to the one node by which the loop is entered")
        else:
            sound[index] = edge
    bodies = find_loops(nodes, tuple(sound.values()))
    for header, body in bodies.items():
        _check_loop(header, body, nodes, kinds, report)
    repeating = {edge.source for edge in sound.values() if edge.trigger is Trigger.REPEAT}
    for index, edge in sound.items():
        around = [header for header, body in bodies.items() if edge.source in body]
        inner = min(around, key=lambda header: len(bodies[header]), default=None)
        leaves = inner is not None and edge.trigger is Trigger.ALWAYS and edge.target not in bodies[inner]
        if leaves and edge.source not in repeating:
            message = f"the edge leaves the loop at `{inner}`: it is taken once, after the last iteration"
            report.edge(index, "W004", message)


def _check_loop(
    header: str, body: frozenset[str], nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report
) -> None:
    if nodes[header].join is not None:
        message = f"join `{header}` begins a loop, which is not there yet"
        report.node(header, "E023", message, "lead the loop back to the node after it")
    if all(_only_routes(nodes[name], kinds) for name in body):
        listed = ", ".join(f"`{name}`" for name in sorted(body))
        message = f"the loop at `{header}` does nothing: {listed} only lead{'s' if len(body) == 1 else ''} on"
        report.node(header, "E011", message, "put a node into it that runs or waits")


def _only_routes(node: Node, kinds: Mapping[str, Kind]) -> bool:
    kind = kinds.get(node.kind)
    return kind is not None and kind.ROUTES and node.each is None

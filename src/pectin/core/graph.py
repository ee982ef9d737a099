"""What follows from a definition's edges: who leads where, which nodes form a loop, and how activations are named.

Loops are natural loops: the `repeat` edges to one header, and every node that can reach one of their sources without
passing the header. `validate` has made sure that headers dominate, so a loop is entered at its header only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pectin.core.activation import activation_name
from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.event import NOWHERE, Route


class Loop(msgspec.Struct, frozen=True):
    """A loop: `body` is all its nodes, `members` how many of them, and of the loops directly inside, settle once an
    iteration."""

    header: str
    body: frozenset[str]
    members: int
    max_iterations: int | None


class Graph(msgspec.Struct, frozen=True):
    """Edges by their index in the definition, grouped by source, `on_limit` ones apart (`limits`, by the header); edges
    to a node, `repeat` ones left out, counted; and for each node the headers of its loops, the outermost first.

    `feeds` are, for each node that leads nowhere but to joins that may fire early, those joins. `always` are the routes
    of the nodes outside loops that have only one: every step by such a node would come to the same. There an activation
    is named like its node.
    """

    start: str
    out: Mapping[str, tuple[tuple[int, Edge], ...]]
    indegree: Mapping[str, int]
    loops: Mapping[str, Loop]
    path: Mapping[str, tuple[str, ...]]
    finalizers: tuple[str, ...]
    limits: Mapping[str, tuple[str, ...]]
    feeds: Mapping[str, tuple[str, ...]]
    always: Mapping[str, Route]

    def activation(self, target: str, path: tuple[str, ...], iterations: tuple[int, ...]) -> str | None:
        """The activation of `target` that an edge leads to from inside the loops `path`, in these iterations.

        None if the edge leaves the innermost of them.
        """
        there = self.path[target]
        if there == path:
            return activation_name(target, iterations)
        if len(there) == len(path) + 1 and there[:-1] == path:
            return activation_name(target, (*iterations, 1))
        return None

    def joined(self, join: str, iterations: tuple[int, ...]) -> str:
        """The activation of an early join that a node which feeds it, in these iterations, leads to."""
        depth = len(self.path[join])
        if join in self.loops:
            return activation_name(join, (*iterations[: depth - 1], 1))
        return activation_name(join, iterations[:depth])

    def loop_name(self, path: tuple[str, ...], iterations: tuple[int, ...]) -> str | None:
        """The name of the innermost loop of `path` as it stands in these iterations, None outside loops."""
        return activation_name(path[-1], iterations[:-1]) if path else None


def build_graph(definition: Definition) -> Graph:
    """The graph of a valid definition."""
    out: dict[str, list[tuple[int, Edge]]] = {node.id: [] for node in definition.nodes}
    indegree = dict.fromkeys(out, 0)
    limits: dict[str, list[str]] = {}
    for index, edge in enumerate(definition.edges):
        if edge.trigger is Trigger.LIMIT:
            limits.setdefault(edge.source, []).append(edge.target)
        else:
            out[edge.source].append((index, edge))
        if edge.trigger is not Trigger.REPEAT and edge.target != END:
            indegree[edge.target] += 1
    bodies = find_loops(out, definition.edges)
    path = _find_paths(out, bodies)
    return Graph(
        start=definition.start,
        out={node: tuple(edges) for node, edges in out.items()},
        indegree=indegree,
        loops={header: _loop(header, body, path, out) for header, body in bodies.items()},
        path=path,
        finalizers=tuple(node.id for node in definition.nodes if node.run_on is not None),
        limits={header: tuple(targets) for header, targets in limits.items()},
        feeds=_find_feeds(definition, bodies, path),
        always=_find_routes(definition.nodes, out, path),
    )


def _find_routes(
    nodes: Sequence[Node], out: Mapping[str, list[tuple[int, Edge]]], path: Mapping[str, tuple[str, ...]]
) -> dict[str, Route]:
    joins = {node.id for node in nodes if node.join is not None}
    routes: dict[str, Route] = {}
    for source, edges in out.items():
        if path[source] or any(edge.trigger is not Trigger.ALWAYS for _, edge in edges):
            continue
        targets = [edge.target for _, edge in edges if edge.target != END]
        names = {target: activation_name(target, (1,) * len(path[target])) for target in targets}
        taken = tuple(names[target] for target in targets)
        collected = tuple(names[target] for target in targets if target in joins)
        routes[source] = Route(taken=taken, collected=collected) if taken else NOWHERE
    return routes


def _find_feeds(
    definition: Definition, bodies: Mapping[str, frozenset[str]], path: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    feeds: dict[str, list[str]] = {}
    for node in definition.nodes:
        if node.join is not None and node.join.may_fire_early:
            for feeder in _find_feeders(node.id, definition.edges, bodies, path):
                feeds.setdefault(feeder, []).append(node.id)
    return {feeder: tuple(joins) for feeder, joins in feeds.items()}


def _find_feeders(
    join: str, edges: Sequence[Edge], bodies: Mapping[str, frozenset[str]], path: Mapping[str, tuple[str, ...]]
) -> set[str]:
    """The nodes of the join's own loop (or inside of it) from which every way leads to the join before anything else.

    A way that leads back to the header of a loop around the join leads to its next activation, not to this one.
    """
    around = path[join][:-1] if join in bodies else path[join]
    own = bodies.get(join, frozenset[str]())
    steps: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for edge in edges:
        is_elsewhere = edge.trigger is Trigger.REPEAT and (edge.target in around or edge.target == join)
        target = "" if is_elsewhere else edge.target
        if target != END:
            steps.setdefault(edge.source, set()).add(target)
            before.setdefault(target, set()).add(edge.source)
    reached, pending = set[str](), [join]
    while pending:
        for node in before.get(pending.pop(), ()):
            if node not in reached and node != join and node not in own and path[node][: len(around)] == around:
                reached.add(node)
                pending.append(node)
    while True:
        leaving = {node for node in reached if not steps[node] <= reached | {join}}
        if not leaving:
            return reached
        reached -= leaving


def find_loops(nodes: Iterable[str], edges: Sequence[Edge]) -> dict[str, frozenset[str]]:
    """The body of each loop, by its header."""
    before: dict[str, set[str]] = {node: set() for node in nodes}
    for edge in edges:
        if edge.target != END:
            before[edge.target].add(edge.source)
    bodies: dict[str, set[str]] = {}
    for edge in edges:
        if edge.trigger is Trigger.REPEAT:
            body = bodies.setdefault(edge.target, {edge.target})
            pending = [edge.source]
            while pending:
                node = pending.pop()
                if node not in body:
                    body.add(node)
                    pending.extend(before[node])
    return {header: frozenset(body) for header, body in bodies.items()}


def _find_paths(nodes: Iterable[str], bodies: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """For each node the headers of its loops, the outermost first."""
    paths: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    for header in sorted(bodies, key=lambda header: -len(bodies[header])):
        for node in bodies[header]:
            paths[node] = (*paths[node], header)
    return paths


def _loop(
    header: str,
    body: frozenset[str],
    path: Mapping[str, tuple[str, ...]],
    out: Mapping[str, list[tuple[int, Edge]]],
) -> Loop:
    depth = len(path[header])
    direct = sum(1 for node in body if len(path[node]) == depth)
    inside = {path[node][depth] for node in body if len(path[node]) > depth}
    limits = [
        edge.max_iterations
        for node in body
        for _, edge in out[node]
        if edge.trigger is Trigger.REPEAT and edge.target == header and edge.max_iterations is not None
    ]
    return Loop(header, body, direct + len(inside), min(limits) if limits else None)

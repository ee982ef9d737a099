"""Smaller definitions: what is left of one without some of its nodes."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.definition import END, Definition, Join, Node


def leave_out(definition: Definition, names: frozenset[str]) -> Definition:
    """The definition without these nodes, their edges, and whatever can't be reached then. It may not be valid."""
    if not names:
        return definition
    edges = [edge for edge in definition.edges if not names & {edge.source, edge.target}]
    nodes = {node.id: node for node in definition.nodes if node.id not in names}
    reached = _reached(
        definition, nodes, edges_of={name: [e.target for e in edges if e.source == name] for name in nodes}
    )
    kept = [edge for edge in edges if edge.source in reached and edge.target in reached | {END}]
    sources = {name: [edge.source for edge in kept if edge.target == name] for name in reached}
    limits = definition.limits
    if limits is not None and limits.on_limit is not None and limits.on_limit not in reached:
        limits = replace(limits, on_limit=None)
    return replace(
        definition,
        nodes=tuple(_with_sources(node, sources[name]) for name, node in nodes.items() if name in reached),
        edges=tuple(kept),
        limits=limits,
    )


def _reached(definition: Definition, nodes: dict[str, Node], edges_of: dict[str, list[str]]) -> set[str]:
    """The nodes that edges lead to, and those that are reached by name."""
    named = [node.id for node in nodes.values() if node.run_on is not None]
    found: set[str] = set()
    looking = [definition.start, *named, *([definition.on_limit] if definition.on_limit else [])]
    while looking:
        name = looking.pop()
        if name in nodes and name not in found:
            found.add(name)
            each = nodes[name].each
            looking += [*edges_of[name], *([each.node] if each is not None else [])]
    return found


def _with_sources(node: Node, sources: list[str]) -> Node:
    if node.join is None:
        return node
    wait_for = tuple(name for name in node.join.wait_for if name in sources)
    at_least = None if node.join.at_least is None else min(node.join.at_least, len(wait_for))
    return replace(node, join=Join(wait_for, at_least, node.join.fires_when))

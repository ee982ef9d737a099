"""Whether a definition can be run: all that is wrong with its graph and its conditions, at once.

The parts by themselves first (`parts`), then how the edges lead (`ways`) and who writes what beside whom
(`writers`), then what the conditions say (`conditions`).
Each kind checks its own settings. A mistake is told once: what only follows from another one is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pectin.core.definition import Definition, Edge, Node, Places
from pectin.core.expression import Expression
from pectin.core.graph import find_loops
from pectin.core.kind import Kind, Scope
from pectin.core.problem import Problem
from pectin.core.validate.conditions import check_conditions
from pectin.core.validate.items import check_items
from pectin.core.validate.parts import check_edges, check_header, check_kinds, check_names, leads
from pectin.core.validate.report import Report
from pectin.core.validate.traits import check_traits
from pectin.core.validate.ways import check_ways
from pectin.core.validate.writers import check_writers

__all__ = ["Validation", "is_warning", "validate"]


class Validation(NamedTuple):
    """`problems` in no order, warnings among them; the conditions that compile, by the edge's index; and the scopes of
    nodes whose kind is known."""

    problems: list[Problem]
    conditions: Mapping[int, Expression]
    scopes: Mapping[str, Scope]


def validate(definition: Definition, kinds: Mapping[str, Kind], later: Collection[str], places: Places) -> Validation:
    """Check a definition against the kinds there are; `later` names kinds that the model has and nobody runs."""
    report = Report(definition, places)
    check_header(definition, report)
    check_names(definition, report)
    check_kinds(definition, kinds, later, report)
    nodes: dict[str, Node] = {}
    for node in definition.nodes:
        nodes.setdefault(node.id, node)
    check_edges(definition, nodes, report)
    check_items(definition, nodes, kinds, report)
    check_ways(definition, nodes, kinds, report)
    check_writers(definition, nodes, kinds, report)
    scopes = _find_scopes(definition, nodes)
    for node in nodes.values():
        if kind := kinds.get(node.kind):
            check_traits(node, kind, scopes[node.id], report)
            for problem in kind.check(node, scopes[node.id]):
                report.add(problem, "node", node.id)
    conditions = check_conditions(definition, nodes, kinds, scopes, report)
    return Validation(report.problems, conditions, scopes)


def is_warning(problem: Problem) -> bool:
    """Whether a definition with this problem may be run all the same."""
    return problem.code.startswith("W")


def _find_scopes(definition: Definition, nodes: Mapping[str, Node]) -> dict[str, Scope]:
    edges = [edge for edge in definition.edges if leads(edge, nodes)]
    looped = frozenset[str]().union(*find_loops(nodes, edges).values())
    sources: dict[str, list[str]] = {name: [] for name in nodes}
    ways: dict[str, list[Edge]] = {name: [] for name in nodes}
    for edge in definition.edges:
        if edge.source in nodes:
            ways[edge.source].append(edge)
            if edge.target in nodes:
                sources[edge.target].append(edge.source)
    return {
        name: Scope(
            state=definition.state,
            sources=tuple(dict.fromkeys(sources[name])),
            ways=tuple(ways[name]),
            in_loop=name in looped,
            timeouts=definition.timeouts,
        )
        for name in nodes
    }

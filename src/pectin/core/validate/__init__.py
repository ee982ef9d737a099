"""Whether a definition can be run: all that is wrong with its graph and its conditions, at once.

The parts by themselves first (`parts`, `whole`, `items`), then how the edges lead (`ways`) and who writes what beside
whom (`writers`), what policies say of calls (`policy`), then each node (`traits`, `effects`), what is said in
expressions (`conditions`, `children`), and who has to approve what (`gate`). Each kind checks its own settings. A
mistake is told once: what only follows from another one is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from pectin.core.definition import Definition, Edge, Node, Places, Trigger
from pectin.core.expression import Expression
from pectin.core.graph import find_loops
from pectin.core.kind import Kind, Scope
from pectin.core.problem import Problem
from pectin.core.program import Gate, Mappings
from pectin.core.schema import Any
from pectin.core.status import SessionType
from pectin.core.validate.budget import check_budget
from pectin.core.validate.children import check_children
from pectin.core.validate.conditions import check_conditions, check_firing, check_overlaps
from pectin.core.validate.effects import check_effect
from pectin.core.validate.gate import check_gate
from pectin.core.validate.items import check_items, type_of_item
from pectin.core.validate.parts import check_edges, check_header, check_kinds, check_names, leads
from pectin.core.validate.policy import check_policies
from pectin.core.validate.report import Report
from pectin.core.validate.tools import check_tools
from pectin.core.validate.traits import check_traits
from pectin.core.validate.ways import check_ways
from pectin.core.validate.whole import check_whole
from pectin.core.validate.writers import check_writers

__all__ = ["Validation", "is_warning", "validate"]


class Validation(NamedTuple):
    """`problems` in no order, warnings among them; the scopes of the nodes; and of what compiles, the conditions by the
    edge's index, what joins fire on and the mappings of children by the node, and the gate."""

    problems: list[Problem]
    scopes: Mapping[str, Scope]
    conditions: Mapping[int, Expression]
    firing: Mapping[str, Expression]
    mappings: Mapping[str, Mappings]
    gate: Gate | None


NO_CALLS: Final[Mapping[str, str]] = {}


def validate(
    definition: Definition,
    kinds: Mapping[str, Kind],
    later: Collection[str],
    places: Places,
    calls: Mapping[str, str] = NO_CALLS,
) -> Validation:
    """Check a definition against the kinds there are; `later` names kinds that the model has and nobody runs, and
    `calls` what nodes call, for policies."""
    report = Report(definition, places)
    check_header(definition, report)
    check_names(definition, report)
    check_kinds(definition, kinds, later, report)
    nodes: dict[str, Node] = {}
    for node in definition.nodes:
        nodes.setdefault(node.id, node)
    check_whole(definition, nodes, kinds, report)
    check_budget(definition, nodes, report)
    check_tools(definition, report)
    check_edges(definition, nodes, report)
    check_items(definition, nodes, kinds, report)
    check_ways(definition, nodes, kinds, report)
    check_writers(definition, nodes, kinds, report)
    check_policies(definition, nodes, calls, report)
    scopes = _find_scopes(definition, nodes)
    for node in nodes.values():
        if kind := kinds.get(node.kind):
            check_traits(node, kind, scopes[node.id], report)
            check_effect(node, kind, report)
            for problem in kind.check(node, scopes[node.id]):
                report.add(problem, "node", node.id)
    conditions = check_conditions(definition, nodes, kinds, scopes, report)
    check_overlaps(definition, conditions, report)
    return Validation(
        problems=report.problems,
        scopes=scopes,
        conditions=conditions,
        firing=check_firing(nodes, kinds, scopes, report),
        mappings=check_children(nodes, kinds, scopes, report),
        gate=check_gate(definition, nodes, kinds, scopes, conditions, report),
    )


def is_warning(problem: Problem) -> bool:
    """Whether a definition with this problem may be run all the same."""
    return problem.is_warning


def _find_scopes(definition: Definition, nodes: Mapping[str, Node]) -> dict[str, Scope]:
    edges = [edge for edge in definition.edges if leads(edge, nodes)]
    looped = frozenset[str]().union(*find_loops(nodes, edges).values())
    sources: dict[str, list[str]] = {name: [] for name in nodes}
    ways: dict[str, list[Edge]] = {name: [] for name in nodes}
    for edge in definition.edges:
        if edge.source in nodes:
            ways[edge.source].append(edge)
            if edge.target in nodes and edge.trigger is not Trigger.REPEAT:
                sources[edge.target].append(edge.source)
    tools = {tool.name: tool for tool in definition.tools}
    scopes = {
        name: Scope(
            state=definition.state,
            reduced=definition.reducers,
            sources=tuple(dict.fromkeys(sources[name])),
            ways=tuple(ways[name]),
            in_loop=name in looped,
            by_limit=name == definition.on_limit,
            timeouts=definition.timeouts,
            budget=definition.budget,
            is_governed=definition.session_type is SessionType.PERSISTENT_GOVERNED,
            tools=tools,
        )
        for name in nodes
    }
    return scopes | _find_item_scopes(nodes, scopes)


def _find_item_scopes(nodes: Mapping[str, Node], scopes: Mapping[str, Scope]) -> dict[str, Scope]:
    """An item node stands where its maps do; what several of them have in common is known of an item."""
    found: dict[str, Scope] = {}
    for name, node in nodes.items():
        if node.each is None or node.each.node not in nodes:
            continue
        item, in_loop = type_of_item(node.each, scopes[name]), scopes[name].in_loop
        if (before := found.get(node.each.node)) is not None:
            item, in_loop = item if item == before.item else Any(), in_loop and before.in_loop
        found[node.each.node] = replace(scopes[node.each.node], item=item, in_loop=in_loop)
    return found

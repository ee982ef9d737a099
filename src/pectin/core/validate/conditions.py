"""The conditions of edges, and those on which joins fire, compiled against the schemas of what they can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pectin.core.definition import Definition, Edge, Node, Trigger
from pectin.core.expression import Expression, ExpressionError, compile_condition
from pectin.core.kind import ERROR, Kind, Scope, Trait, expression_problem, waits
from pectin.core.schema import Any, Field, List, Map, Object, Schema, String, without_null
from pectin.core.validate.exclusive import Ways, can_both_hold, find_ways
from pectin.core.validate.report import Report, arrow

COMPARED_MAX: Final = 50
"""The `when`s of its node before it that one is compared with: for a warning, enough."""


def check_conditions(
    definition: Definition,
    nodes: Mapping[str, Node],
    kinds: Mapping[str, Kind],
    scopes: Mapping[str, Scope],
    report: Report,
) -> dict[int, Expression]:
    """The conditions that compile, by the edge's index."""
    conditions: dict[int, Expression] = {}
    for index, edge in enumerate(definition.edges):
        node = nodes.get(edge.source)
        if edge.condition is None or node is None:
            continue
        try:
            conditions[index] = compile_condition(edge.condition, _variables(edge, node, kinds, scopes[node.id]))
        except ExpressionError as error:
            report.add(expression_problem(arrow(edge), error, "condition"), "edge", str(index))
    return conditions


def check_overlaps(definition: Definition, conditions: Mapping[int, Expression], report: Report) -> None:
    """Tell of each `when` that it can hold beside another one of its node: then both edges are taken."""
    seen: dict[str, list[tuple[Edge, Ways | None]]] = {}
    for index, edge in enumerate(definition.edges):
        if edge.trigger is not Trigger.WHEN or index not in conditions:
            continue
        ways = find_ways(conditions[index].source)
        before = seen.setdefault(edge.source, [])
        for other, others in before[-COMPARED_MAX:]:
            if other.target != edge.target and can_both_hold(others, ways):
                message = f"this condition and that of `{arrow(other)}` can both hold: then both edges are taken"
                report.edge(
                    index, "W005", message, "let one exclude the other, unless that is what you want", part="condition"
                )
                break
        before.append((edge, ways))


def check_firing(
    nodes: Mapping[str, Node], kinds: Mapping[str, Kind], scopes: Mapping[str, Scope], report: Report
) -> dict[str, Expression]:
    """What joins fire on, as far as it compiles, by the node."""
    firing: dict[str, Expression] = {}
    for name, node in nodes.items():
        kind = kinds.get(node.kind)
        if node.join is None or node.join.fires_when is None or kind is None or Trait.JOIN not in kind.TRAITS:
            continue
        arrival = Object({"source": Field(String(node.join.wait_for)), "output": Field(Any())})
        variables = {**scopes[name].edge_variables(), "arrivals": List(arrival)}
        try:
            firing[name] = compile_condition(node.join.fires_when, variables)
        except ExpressionError as error:
            report.add(expression_problem(name, error, "join.fires_when"), "node", name)
    return firing


def _variables(edge: Edge, node: Node, kinds: Mapping[str, Kind], scope: Scope) -> dict[str, Schema]:
    seen = {"error": ERROR} if edge.trigger is Trigger.ERROR else {"output": _output(node, kinds, scope)}
    return {**scope.edge_variables(), **seen}


def _output(node: Node, kinds: Mapping[str, Kind], scope: Scope) -> Schema:
    """What the conditions see: with an `output_key`, the patch that the output became, unless the kind waits."""
    kind = kinds.get(node.kind)
    if kind is None:
        return Any()
    if node.output_key is None or waits(kind):
        return kind.output(node, scope)
    declared = scope.state.fields.get(node.output_key)
    if declared is None:
        return Object({node.output_key: Field(kind.output(node, scope))})
    partial = node.output_key in scope.reduced and isinstance(without_null(declared.schema), Object | Map)
    return Object({node.output_key: Field(Any() if partial else declared.schema)})

"""The conditions of edges, compiled against the schemas of what they can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pectin.core.definition import Definition, Edge, Node, Trigger
from pectin.core.expression import Expression, ExpressionError, compile_condition
from pectin.core.kind import Kind, Scope, expression_problem
from pectin.core.schema import Any, Field, Integer, Object, Schema, String
from pectin.core.validate.report import Report, arrow

_ERROR: Final = Object(
    {
        "error_class": Field(String()),
        "type": Field(String()),
        "message": Field(String()),
        "attempt": Field(Integer(), required=False),
    }
)


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
            report.add(expression_problem(arrow(edge), error), "edge", str(index))
    return conditions


def _variables(edge: Edge, node: Node, kinds: Mapping[str, Kind], scope: Scope) -> dict[str, Schema]:
    seen = {"error": _ERROR} if edge.trigger is Trigger.ERROR else {"output": _output(node, kinds, scope)}
    return {**scope.variables(), **seen}


def _output(node: Node, kinds: Mapping[str, Kind], scope: Scope) -> Schema:
    """What the conditions see: with an `output_key`, the patch that the output became."""
    kind = kinds.get(node.kind)
    if kind is None:
        return Any()
    if node.output_key is None:
        return kind.output(node, scope)
    declared = scope.state.fields.get(node.output_key)
    return Object({node.output_key: Field(declared.schema if declared is not None else kind.output(node, scope))})

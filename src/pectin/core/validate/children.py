"""Which workflow a child runs, and how its input and output are mapped: nothing of the child's own is known here."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.activation import NODE_ID
from pectin.core.definition import Child, Node
from pectin.core.error import quote
from pectin.core.expression import Expression, ExpressionError, compile_expression
from pectin.core.kind import Kind, Scope, Trait, check_key, check_written, expression_problem
from pectin.core.problem import Problem
from pectin.core.program import Mappings
from pectin.core.schema import Object, Schema
from pectin.core.validate.parts import VERSION
from pectin.core.validate.report import Report

LAST_STATE = Object({}, open=True)
"""A child's last state: an object of any keys, since the workflow that it is of may be registered later."""


def check_children(
    nodes: Mapping[str, Node], kinds: Mapping[str, Kind], scopes: Mapping[str, Scope], report: Report
) -> dict[str, Mappings]:
    """The mappings that compile, by the node."""
    mappings: dict[str, Mappings] = {}
    for name, node in nodes.items():
        kind = kinds.get(node.kind)
        if node.child is None or kind is None or Trait.CHILD not in kind.TRAITS:
            continue
        _check_workflow(node, node.child, report)
        scope = scopes[name]
        mappings[name] = Mappings(
            input=_compile(node, node.child.input, "input", scope.input_variables(), report),
            output=_compile(node, node.child.output, "output", {"output": LAST_STATE}, report),
        )
        if scope.item is None:  # what an item's mappings take is the item's output, under names of its own
            _check_output(node, mappings[name].output, node.child, scope, report)
    return mappings


def _check_workflow(node: Node, child: Child, report: Report) -> None:
    if not NODE_ID.fullmatch(child.workflow):
        message = f"{node.kind} `{node.id}`: {quote(child.workflow)} is no workflow's id"
        report.node(node.id, "E041", message, "use letters, digits, `_` and `-`; begin with no digit", part="child")
    if not VERSION.fullmatch(child.version):
        message = f"{node.kind} `{node.id}`: {quote(child.version)} is no version"
        report.node(node.id, "E041", message, 'write a semantic one, such as "1.0.0" or "0.0.0-dev"', part="child")


def _compile(
    node: Node, mapping: Mapping[str, str], side: str, variables: Mapping[str, Schema], report: Report
) -> dict[str, Expression]:
    compiled: dict[str, Expression] = {}
    for key, source in mapping.items():
        try:
            compiled[key] = compile_expression(source, variables)
        except ExpressionError as error:
            report.add(expression_problem(f"{node.id}, {side} `{key}`", error, f"child.{side}.{key}"), "node", node.id)
    return compiled


def _check_output(node: Node, compiled: Mapping[str, Expression], child: Child, scope: Scope, report: Report) -> None:
    problems: list[Problem] = []
    for key in child.output:
        problems += check_key(node, "output", key, scope, part=f"child.output.{key}.key")
    for key, expression in compiled.items():
        problems += check_written(node, key, expression.type, scope, part=f"child.output.{key}")
    for problem in problems:
        report.add(problem, "node", node.id)
    if node.output_key in child.output:
        message = f"{node.kind} `{node.id}` writes `{node.output_key}` twice: as its `output_key`, and by a mapping"
        report.node(node.id, "E041", message, "delete one", part="output_key")

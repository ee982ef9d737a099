"""Nodes that are reached by name: the item nodes of maps, finalizers, and the node of `limits.on_limit`. No edge leads
to them; from the last one edges lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pectin.core.definition import Definition, Each, Node
from pectin.core.expression import ExpressionError, compile_expression
from pectin.core.hint import did_you_mean
from pectin.core.kind import RUNS, Kind, Scope, Trait
from pectin.core.schema import Any, List, Schema
from pectin.core.validate.report import Report


def type_of_item(each: Each, scope: Scope) -> Schema:
    """What an item of a map is, as far as its expression tells."""
    try:
        items = compile_expression(each.items, scope.variables()).type
    except ExpressionError:
        return Any()
    return items.item if isinstance(items, List) else Any()


def check_items(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """What maps and limits name, and that no edge leads into or out of what is reached by name."""
    items = definition.item_nodes()
    for name, owner in items.items():
        _check_item(name, owner, nodes, kinds, report)
    roles = {name: f"the item node of `{owner}`" for name, owner in items.items()}
    roles |= {node.id: "a finalizer" for node in definition.nodes if node.run_on is not None}
    for index, edge in enumerate(definition.edges):
        for name, verb in ((edge.source, "leaves"), (edge.target, "leads to")):
            if role := roles.get(name):
                report.edge(index, "E012", f"no edge {verb} `{name}`, {role}", "it is reached by name")
    if role := roles.get(definition.start):
        report.workflow(
            "E002", f"the start, `{definition.start}`, is {role}", "start at a node with edges", part="start"
        )
    if (name := definition.on_limit) is not None:
        _check_limit_node(name, roles.get(name), definition, nodes, report)


def _check_limit_node(
    name: str, role: str | None, definition: Definition, nodes: Mapping[str, Node], report: Report
) -> None:
    if name not in nodes:
        hint = did_you_mean(name, nodes) or "name a node"
        report.workflow("E038", f"`on_limit` of the limits: unknown node `{name}`", hint, part="limits.on_limit")
    elif role is not None or name == definition.start:
        message = f"`on_limit` of the limits: `{name}` is {role or 'the start'}"
        report.workflow("E038", message, "name a node of its own, that no edge leads to", part="limits.on_limit")
    for index, edge in enumerate(definition.edges):
        if edge.target == name and name in nodes and role is None:
            hint = "it is reached by name"
            report.edge(index, "E012", f"no edge leads to `{name}`, which `on_limit` of the limits names", hint)


def _check_item(name: str, owner: str, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    item = nodes.get(name)
    fitting = [kind.NAME for kind in kinds.values() if _can_serve(kind)]
    if item is None:
        hint = did_you_mean(name, nodes) or "name a node"
        report.node(owner, "E025", f"map `{owner}`: unknown item node `{name}`", hint)
    elif item.kind in kinds and item.kind not in fitting:
        message = f"map `{owner}`: its item node `{name}` is a {item.kind}; only {_one_of(fitting)} can be one"
        report.node(owner, "E025", message)
    elif item.output_key is not None:
        message = f"item node `{name}` has an `output_key`; items don't write the state"
        report.node(name, "E025", message, f"put it on the map `{owner}`")


def _one_of(kinds: Sequence[str]) -> str:
    *others, last = [f"a {kind}" for kind in kinds]
    return f"{', '.join(others)} or {last}" if others else last


def _can_serve(kind: Kind) -> bool:
    """Whether a worker runs its nodes, and not only at the end, or a child execution does."""
    return Trait.CHILD in kind.TRAITS or (RUNS.issubset(kind.TRAITS) and Trait.RUN_ON not in kind.TRAITS)

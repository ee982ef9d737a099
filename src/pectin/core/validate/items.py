"""Nodes that are reached by name: the item nodes of maps, and finalizers. No edge touches them."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.definition import Definition, Node
from pectin.core.hint import did_you_mean
from pectin.core.kind import RUNS, Kind, Trait
from pectin.core.validate.report import Report


def item_nodes(definition: Definition) -> dict[str, str]:
    """The maps' item nodes, each with (the last of) its maps."""
    return {node.each.node: node.id for node in definition.nodes if node.each is not None}


def check_items(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """What maps name, and that no edge leads into or out of what is reached by name."""
    items = item_nodes(definition)
    for name, owner in items.items():
        _check_item(name, owner, nodes, kinds, report)
    roles = {name: f"the item node of `{owner}`" for name, owner in items.items()}
    roles |= {node.id: "a finalizer" for node in definition.nodes if node.run_on is not None}
    for index, edge in enumerate(definition.edges):
        for name, verb in ((edge.source, "leaves"), (edge.target, "leads to")):
            if role := roles.get(name):
                report.edge(index, "E012", f"no edge {verb} `{name}`, {role}", "it is reached by name")
    if role := roles.get(definition.start):
        report.workflow("E002", f"the start, `{definition.start}`, is {role}", "start at a node with edges")


def _check_item(name: str, owner: str, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    item = nodes.get(name)
    fitting = [kind.NAME for kind in kinds.values() if _can_serve(kind)]
    if item is None:
        hint = did_you_mean(name, nodes) or "name a node"
        report.node(owner, "E025", f"map `{owner}`: unknown item node `{name}`", hint)
    elif item.kind in kinds and item.kind not in fitting:
        message = f"map `{owner}`: its item node `{name}` is a {item.kind}; only a {' or '.join(fitting)} can be one"
        report.node(owner, "E025", message)
    elif item.output_key is not None:
        message = f"item node `{name}` has an `output_key`; items don't write the state"
        report.node(name, "E025", message, f"put it on the map `{owner}`")


def _can_serve(kind: Kind) -> bool:
    """Whether a worker runs its nodes, and not only at the end."""
    return RUNS.issubset(kind.TRAITS) and Trait.RUN_ON not in kind.TRAITS

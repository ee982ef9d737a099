"""What is declared of the nodes of a workflow and of its children, and where it is written."""

from __future__ import annotations

import linecache
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pectin.authoring.blueprint import Blueprint
from pectin.core.activation import parse_activation
from pectin.core.definition import Effect, Node, Place
from pectin.core.error import BadValue
from pectin.core.hint import did_you_mean
from pectin.nodes import function_name
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.point import Point

TOOL: Final = "tool"
_LABELS: Final = {"human_approval": "approval", "subgraph": "child"}
_DECORATED: Final = re.compile(r"\s*@(\w+)\.(\w+)")
_DEFINED: Final = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")
_LINES_MAX: Final = 20


class Fact(NamedTuple):
    """Of a node: what it is called in the whole workflow (`ship/pack`), the `label` of what it does, its `effect` if it
    runs a body, the names of the workflow and of the function in the file, the function's line, and what the function
    is decorated with, of the workflow: `node`, `each`, `finalizer`; `tool` if the node calls one."""

    name: str
    label: str
    effect: Effect | None
    has_reconcile: bool
    variable: str
    function: str
    source: str | None
    maker: str = "node"

    def declared(self, effect: Effect) -> str:
        """How the function is decorated, or the tool declared, to have this effect."""
        if self.maker == TOOL:
            return f'@tool(effect="{effect}")'
        rest = "" if self.maker == "node" else "…, "
        return f'@{self.variable}.{self.maker}({rest}effect="{effect}")'


class Facts:
    """Finds what is declared by the name of an activation."""

    def __init__(self, case: Case) -> None:
        given = [workflow.build() for workflow in (case.workflow, *case.workflows)]
        self._root = given[0]
        self._by_id: dict[str, Blueprint[Any]] = {}
        for blueprint in given:
            for each in (*blueprint.children, blueprint):
                self._by_id.setdefault(each.definition.id, each)

    def of(self, activation: str) -> Fact | None:
        """What is declared of an activation (`ship/pack[2]`); None if there is no such node, or the name is none."""
        blueprint: Blueprint[Any] | None = self._root
        *path, last = activation.split("/")
        for step in path:
            node = None if blueprint is None else _node(blueprint, step)
            blueprint = None if node is None or node.child is None else self._by_id.get(node.child.workflow)
        node = None if blueprint is None else _node(blueprint, last)
        if blueprint is None or node is None:
            return None
        name = node_name(activation)
        place = blueprint.places.get(("node", parse_activation(last).node))
        effect = node.effect if function_name(node) is not None else None
        label = _LABELS.get(node.kind, node.kind) if effect is None else effect.value
        fact = Fact(name, label, effect, node.reconcile is not None, *_written(place, blueprint.definition.id, name))
        return fact._replace(maker=TOOL) if node.id in blueprint.program.calls else fact

    def check(self, point: Point) -> None:
        """Raise `BadValue` for a point in a node that isn't there, or has no body."""
        if not point.place:
            return
        try:
            node_name(point.place)
        except BadValue as bad:
            raise BadValue("point", f"{point}: {bad.what}", bad.hint) from None
        fact = self.of(point.place)
        if fact is None:
            names = [node.id for node in self._root.definition.nodes]
            listed = ", ".join(f"`{name}`" for name in names)
            hint = did_you_mean(node_name(point.place), names) or f"it has {listed}"
            raise BadValue("point", f"{point}: there is no node `{node_name(point.place)}`", hint)
        if fact.effect is None:
            raise BadValue("point", f"{point}: `{fact.name}` runs no body", "name a commit: commit-3:after")
        if point.when.is_of_reconcile and not fact.has_reconcile:
            raise BadValue("point", f"{point}: `{fact.name}` has no `reconcile`", "write before-body or after-body")


def node_name(activation: str) -> str:
    """The node of an activation: `ship/pack` for `ship[1]/pack[2]`."""
    return "/".join(parse_activation(step).node for step in activation.split("/"))


def _node(blueprint: Blueprint[Any], activation: str) -> Node | None:
    """The node; for a map, and for its items, the one that is run for each."""
    nodes: Mapping[str, Node] = blueprint.program.nodes
    try:
        node = nodes.get(parse_activation(activation).node)
    except BadValue:
        return None
    return nodes[node.each.node] if node is not None and node.each is not None else node


def _written(place: Place | None, workflow: str, node: str) -> tuple[str, str, str | None, str]:
    """The names of the workflow and of the function where the node is declared, the line of its function, or of its
    declaration, and what it is decorated with."""
    node = node.rpartition("/")[2]
    if place is None:
        return workflow, node, None, "node"
    decorated = _DECORATED.match(linecache.getline(place.file, place.line))
    number, defined = place.line, None
    if decorated is not None:
        for line in range(place.line, place.line + _LINES_MAX):
            if (defined := _DEFINED.match(linecache.getline(place.file, line))) is not None:
                number = line
                break
    file = Path(place.file)
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    text = linecache.getline(place.file, number).strip().removesuffix(":")
    source = f"{shown}:{number}  {text}".rstrip()
    variable, maker = decorated.groups() if decorated is not None else (workflow, "node")
    return variable, defined[1] if defined is not None else node, source, maker

"""Random `approval_gated` definitions: with ways past an approval, and mended until there is none."""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from pectin.core.definition import END, Definition, Edge, Effect, Node, Trigger, definition_hash
from pectin.core.graph import build_graph
from pectin.core.program import Program
from pectin.core.status import SessionType
from pectin.core.validate import is_warning, validate
from pectin.nodes import KINDS, LATER, examine
from tests.core.chance import random_definition
from tests.core.world import approval

_WAY = re.compile(r"`(\w+)` can be reached without an approval: (.+)")


class Past(NamedTuple):
    """A node that acts, and a way to it past every approval."""

    node: str
    way: list[str]


def random_gated(seed: int) -> Definition:
    """A definition that is valid but for the ways past its approvals."""
    random = Random(seed)
    definition = replace(random_definition(seed, random.random() < 0.5), session_type=SessionType.APPROVAL_GATED)
    nodes = {node.id: _let_act(node, random) for node in definition.nodes}
    edges = list(definition.edges)
    for name in nodes:
        if _may_ask(name, definition) and random.random() < 0.25:
            nodes[name] = approval(name)
            edges = _ask(name, edges, random)
    return replace(definition, nodes=tuple(nodes.values()), edges=tuple(edges))


def find_pasts(definition: Definition) -> list[Past]:
    """The ways past an approval: the only thing that is wrong with it."""
    found: list[Past] = []
    for problem in examine(definition):
        if not is_warning(problem):
            match = _WAY.fullmatch(problem.message)
            assert match is not None, problem
            found.append(Past(match[1], match[2].split(" → ")))
    return found


def mend(definition: Definition, seed: int) -> Definition:
    """The same with more approvals, or with less that acts, until there is no way past them."""
    random = Random(seed)
    while pasts := find_pasts(definition):
        name = random.choice(pasts).node
        if random.random() < 0.8 and _may_stand_before(name, definition):
            definition = _stand_before(name, definition)
        else:
            definition = _let_rest(name, definition)
    return definition


def bind_unchecked(definition: Definition) -> Program:
    """The program of a definition, whatever is wrong with it."""
    kinds = {kind.NAME: kind for kind in KINDS}
    found = validate(definition, kinds, LATER, {})
    return Program(
        definition=definition,
        hash=definition_hash(definition),
        graph=build_graph(definition),
        nodes={node.id: node for node in definition.nodes},
        enter={node.id: kinds[node.kind].bind(node, found.scopes[node.id]) for node in definition.nodes},
        conditions=found.conditions,
        firing=found.firing,
        mappings=found.mappings,
        calls={},
        gate=found.gate,
    )


def _let_act(node: Node, random: Random) -> Node:
    """Let more functions act, and fewer children."""
    drawn = random.random()
    if node.child is not None and drawn < 0.4:
        return replace(node, child=replace(node.child, gated=True))
    acts = node.kind == "python_fn" and node.effect is Effect.PURE and drawn < 0.2
    return replace(node, effect=Effect.KEYED) if acts else node


def _may_ask(name: str, definition: Definition) -> bool:
    node = next(node for node in definition.nodes if node.id == name)
    reached = name not in definition.item_nodes() and name != definition.on_limit
    return reached and node.kind == "python_fn" and any(edge.source == name for edge in definition.edges)


def _ask(name: str, edges: list[Edge], random: Random) -> list[Edge]:
    """Let an approval lead where a function led: on by one of its decisions, and round again by one of them only."""
    asked: dict[Edge, None] = {}
    repeats = any(edge.source == name and edge.trigger is Trigger.REPEAT for edge in edges)
    back, on = random.sample(("approved", "rejected"), 2)
    for edge in edges:
        if edge.source != name or edge.trigger is Trigger.LIMIT:
            asked[edge] = None
        elif edge.trigger is Trigger.REPEAT:
            asked[replace(edge, condition=f"output.decision == '{back}'")] = None
        else:
            decision = on if repeats else random.choice(("approved", "approved", "rejected"))
            asked[replace(edge, trigger=Trigger.WHEN, condition=f"output.decision == '{decision}'")] = None
    asked[Edge(name, END, Trigger.WHEN, "output.by == 'nobody'")] = None
    asked[Edge(name, END, Trigger.OTHERWISE)] = None
    return list(asked)


def _may_stand_before(name: str, definition: Definition) -> bool:
    headers = {edge.target for edge in definition.edges if edge.trigger is Trigger.REPEAT}
    return name not in {definition.start, definition.on_limit, *headers}


def _stand_before(name: str, definition: Definition) -> Definition:
    """Put an approval before a node."""
    asks = f"ask_{name}"
    edges = [replace(edge, target=asks) if edge.target == name else edge for edge in definition.edges]
    edges += [Edge(asks, name, Trigger.WHEN, "output.decision == 'approved'"), Edge(asks, END, Trigger.OTHERWISE)]
    nodes = (*(_redirect(node, name, asks) for node in definition.nodes), approval(asks))
    return replace(definition, nodes=nodes, edges=tuple(edges))


def _redirect(node: Node, old: str, new: str) -> Node:
    if node.kind != "condition":
        return node
    branches = [{**branch, "to": new if branch["to"] == old else branch["to"]} for branch in node.config["branches"]]
    default = node.config["default"]
    return replace(node, config={"branches": branches, "default": new if default == old else default})


def _let_rest(name: str, definition: Definition) -> Definition:
    """Let a node act no more; where it is a map, its items."""
    node = next(node for node in definition.nodes if node.id == name)
    acting = name if node.each is None else node.each.node
    return replace(definition, nodes=tuple(_at_rest(each) if each.id == acting else each for each in definition.nodes))


def _at_rest(node: Node) -> Node:
    child = None if node.child is None else replace(node.child, gated=True)
    return replace(node, effect=Effect.PURE, retry=None, reconcile=None, child=child)


def spoil(definition: Definition, seed: int) -> Definition:
    """The same with one function more that acts, wherever it stands."""
    random = Random(seed)
    resting = [node.id for node in definition.nodes if node.kind == "python_fn" and node.effect is Effect.PURE]
    if not resting:
        return definition
    name = random.choice(resting)
    nodes = (replace(node, effect=Effect.KEYED) if node.id == name else node for node in definition.nodes)
    return replace(definition, nodes=tuple(nodes))

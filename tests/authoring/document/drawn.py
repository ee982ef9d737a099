"""Definitions and documents drawn from a seed: of everything that a document can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import msgspec
from msgspec.structs import replace

from pectin.authoring.order import turn_of, turns_of
from pectin.core import schema
from pectin.core.definition import (
    Definition,
    Edge,
    Json,
    Node,
    OnFailure,
    OnItemFailure,
    Trigger,
    WorkflowLimits,
)
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from tests.authoring.document.drawn_tools import draw_labels, draw_policy, draw_tools, with_notes
from tests.authoring.document.drawn_types import TEXTS, draw_state
from tests.core.chance import random_definition

INNER: dict[str, Json] = {"workflow": "inner", "version": "1.0.0", "nodes": {"a": {"run": "a"}}}
"""The child of random definitions."""


def draw_definition(seed: int) -> Definition:
    """A definition of any nodes, with any header and state."""
    random = Random(seed)
    drawn = sayable(random_definition(seed, calm=random.random() < 0.5))
    extra = draw_state(random).fields
    state = schema.Object(
        {**{f"s_{name}": field for name, field in extra.items()}, **drawn.state.fields}, drawn.state.open
    )
    drawn = draw_tools(random, drawn)
    return replace(
        drawn,
        state=state,
        nodes=tuple(with_notes(random, node) for node in drawn.nodes),
        policy=draw_policy(random),
        retention_days=random.choice((None, None, 30)),
        labels=draw_labels(random),
        name=random.choice((None, *TEXTS)),
        description=random.choice((None, *TEXTS)),
        timeouts=random.choice((TimeoutConfig(), _timeouts(random))),
        session_type=random.choice((SessionType.RESUMABLE, SessionType.RESUMABLE, SessionType.PERSISTENT_GOVERNED)),
    )


def _timeouts(random: Random) -> TimeoutConfig:
    times = (None, 1, 250, 90_000, 5_400_000, 100 * 3_600_000, 8 * 86_400_001)
    return TimeoutConfig(
        node_timeout_ms=random.choice(times),
        workflow_timeout_ms=random.choice(times),
        heartbeat_interval_ms=random.choice(times[1:]) or 1,
    )


# -- what no document can say, said otherwise


def sayable(definition: Definition) -> Definition:
    """The definition as a document can say it: names of item nodes, the order of nodes and edges, nothing twice."""
    items = {node.each.node: f"{node.id}-item" for node in definition.nodes if node.each is not None}
    known = {node.id: node for node in definition.nodes}
    nodes: list[Node] = []
    for node in definition.nodes:
        if node.id in items:
            continue
        nodes.append(_sayable_node(node))
        if node.each is not None:
            nodes.append(_sayable_node(replace(known[node.each.node], id=items[node.each.node])))
    limits = None if definition.limits == WorkflowLimits() else definition.limits
    on_failure = None if definition.on_failure is OnFailure.FAIL_FAST else definition.on_failure
    edges = _in_order(nodes, definition.edges)
    return replace(definition, nodes=tuple(nodes), edges=edges, limits=limits, on_failure=on_failure)


def _sayable_node(node: Node) -> Node:
    plain: dict[str, Json] = msgspec.json.decode(msgspec.json.encode(node.config))
    config = {key: value for key, value in plain.items() if value not in (None, [])}
    each = node.each
    if each is not None:
        on_item_failure = None if each.on_item_failure is OnItemFailure.FAIL else each.on_item_failure
        each = replace(each, node=f"{node.id}-item", on_item_failure=on_item_failure)
    return replace(node, config=config, each=each)


def _in_order(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    turns = turns_of(node.id for node in nodes)
    chosen: dict[str, list[str]] = {}
    for node in nodes:
        if node.kind == "condition":
            targets = [branch["to"] for branch in node.config["branches"]]
            chosen[node.id] = [*targets, *([node.config["default"]] if "default" in node.config else [])]
    return tuple(sorted(edges, key=lambda edge: (*turn_of(edge, turns), _choice(edge, chosen))))


def _choice(edge: Edge, chosen: Mapping[str, list[str]]) -> int:
    return chosen[edge.source].index(edge.target) if edge.source in chosen and edge.trigger is Trigger.ALWAYS else 0

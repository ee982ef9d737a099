"""A definition made ready to run: its graph, its conditions compiled, and the kinds behind a protocol.

`pectin.nodes.bind` makes one. The core sees kinds only through `Enter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec
from msgspec import UNSET

from pectin.core.action import Action, Run
from pectin.core.definition import Contract, Definition, Json, Node
from pectin.core.expression import Expression
from pectin.core.graph import Graph
from pectin.core.policy import Judgement


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a node sees when it is entered: the state before it, the time, the iteration of its innermost loop
    (None outside loops), what arrived (for joins, by source), the limit that led to it (`error`, for the node of
    `limits.on_limit`), and for an item node its `item` with the `index`."""

    state: Mapping[str, Json]
    at: int
    iteration: int | None = None
    arrivals: Mapping[str, Json] | None = None
    error: Mapping[str, Json] | None = None
    item: Json | msgspec.UnsetType = UNSET
    index: int | None = None

    def variables(self) -> dict[str, Json]:
        """The variables of the expressions that a node evaluates on entry."""
        always: dict[str, Json] = {"state": self.state, "iteration": self.iteration, "error": self.error}
        return always if self.item is UNSET else {**always, "item": self.item, "index": self.index}


class Enter(Protocol):
    """A node's kind, bound to the node. Pure; raises `EvaluationError` or `NodeError`."""

    def __call__(self, entry: Entry) -> Action: ...


def run_always(entry: Entry) -> Action:
    """The `Enter` of a kind that always runs a function; `decide` knows it, and makes no `Entry` for it."""
    return Run()


class NodeError(Exception):
    """A node can't be entered as asked. `error_class` is one of the engine's own: `no_route`, `bad_items`, …"""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


class Mappings(msgspec.Struct, frozen=True, gc=False):
    """The compiled mappings of a node with the trait `child`, by key."""

    input: Mapping[str, Expression]
    output: Mapping[str, Expression]


class Gate(msgspec.Struct, frozen=True, gc=False):
    """What an `approval_gated` definition lets act: `acts` are the nodes that need an approval before them, `approved`
    the edges, by their index, that a person's approval alone takes."""

    acts: frozenset[str]
    approved: frozenset[int]


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A node that calls a tool: the tool, and what is `kept` of its output by the compiled mappings, by key."""

    tool: Contract
    kept: Mapping[str, Expression]


class Program(msgspec.Struct, frozen=True):
    """A definition with all that `decide` needs to run it. `conditions` are by the edge's index, `firing` what joins
    fire on, `mappings` those of children and `calls` those of tools, by the node.

    `policed` is what policies say of nodes' calls, where they don't simply allow them, by the node; and `recorded` what
    the definition's own say, without the engine's. Only what is `approval_gated` has a `gate`.
    """

    definition: Definition
    hash: str
    graph: Graph
    nodes: Mapping[str, Node]
    enter: Mapping[str, Enter]
    conditions: Mapping[int, Expression]
    firing: Mapping[str, Expression]
    mappings: Mapping[str, Mappings]
    calls: Mapping[str, ToolCall]
    policed: Mapping[str, Judgement] = {}
    recorded: Mapping[str, Judgement] = {}
    gate: Gate | None = None

"""A definition made ready to run: its graph, its conditions compiled, and the kinds behind a protocol.

`pectin.nodes.bind` makes one. The core sees kinds only through `Enter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pectin.core.action import Action, Run
from pectin.core.definition import Definition, Json, Node
from pectin.core.expression import Expression
from pectin.core.graph import Graph


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a node sees when it is entered: the state before it, the time, the iteration of its innermost loop
    (None outside loops), what arrived (for joins, by source), and the limit that led to it (`error`, for the node of
    `limits.on_limit`)."""

    state: Mapping[str, Json]
    at: int
    iteration: int | None = None
    arrivals: Mapping[str, Json] | None = None
    error: Mapping[str, Json] | None = None

    def variables(self) -> dict[str, Json]:
        """The variables of the expressions that a node evaluates on entry."""
        return {"state": self.state, "iteration": self.iteration, "error": self.error}


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


class Program(msgspec.Struct, frozen=True):
    """A definition with all that `decide` needs to run it. `conditions` are by the edge's index, `firing` what joins
    fire on and `mappings` those of children, by the node."""

    definition: Definition
    hash: str
    graph: Graph
    nodes: Mapping[str, Node]
    enter: Mapping[str, Enter]
    conditions: Mapping[int, Expression]
    firing: Mapping[str, Expression]
    mappings: Mapping[str, Mappings]

"""What bodies do: drawn from a seed, an activation and what it sees, so that order and faults can make no difference.

Outcomes are numbered, not attempts: an interruption uses none up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from pectin.core.activation import parse_activation
from pectin.core.definition import Effect, Json, Node
from pectin.core.error import ErrorData
from pectin.core.program import Program
from pectin.core.state import Activation
from pectin.core.status import NodeStatus
from pectin.nodes import function_name
from pectin.ports.function import Result
from tests.core import draw
from tests.core.draw import Draw

ADDED = "added"
"""The finalizer that only the next version has. It changes nothing."""

_ATTEMPT = re.compile(rb'"attempt":\d+,')
_PAUSES_MS = (0, 0, 0, 20, 400, 3_000)


def plain(state: Mapping[str, Json]) -> bytes:
    """A state without what time, interruptions and the order of concurrent appends make of it."""
    return _ATTEMPT.sub(b"", draw.plain(state))


class Plan(NamedTuple):
    """What one attempt does: it pauses, fails or has its effect, pauses again, and returns. One that `hangs` doesn't
    stop by itself, and one that is `stubborn` not at once when it is told to."""

    result: Result
    error: ErrorData | None
    before_ms: int
    after_ms: int
    hangs: bool
    stubborn: bool


class Drawing(Draw):
    """The draws of one workflow."""

    def __init__(self, program: Program, seed: int) -> None:
        super().__init__(program, seed)
        self._child = program.definition.id != "random"

    def node_of(self, activation: str) -> Node:
        """The node whose function an activation runs."""
        target = parse_activation(activation)
        node = self._nodes[target.node]
        if target.item is None:
            return node
        assert node.each is not None, "only a map has items"
        return self._nodes[node.each.node]

    def plan(self, name: str, outcomes: int, view: bytes) -> Plan:
        """What comes of the attempt after so many outcomes."""
        target, node = parse_activation(name), self.node_of(name)
        mapped = None if target.item is None else name.partition("#")[0]
        activation = Activation(name, node.id, NodeStatus.RUNNING, 0, outcomes=outcomes, map=mapped, item=target.item)
        patch, unset, output = self.result(activation, view)
        once = node.effect is Effect.ONCE
        if once:  # a person can say that it happened, but not everything of it
            patch = {key: value for key, value in patch.items() if value != "no number"}
            unset = ()
        drawn = self.number(f"pauses of {name}/{outcomes}", view)
        may_hang = mapped is None and not self._child and node.run_on is None
        error = None if node.id == ADDED else self.failure(activation)
        if self._child:
            error = self._failure_of_child(name, outcomes, view)
        return Plan(
            Result(patch, unset, output),
            error,
            _PAUSES_MS[drawn % 6],
            _PAUSES_MS[drawn // 6 % 6],
            hangs=may_hang and drawn // 36 % 100 == 0,
            stubborn=drawn // 3_600 % 2 == 0,
        )

    def _failure_of_child(self, name: str, outcomes: int, view: bytes) -> ErrorData | None:
        """All of them fail alike, because the first of a map's items to fail is the one that counts."""
        if self.number(f"{name}/{outcomes}", view) % 100 >= 10:
            return None
        return ErrorData("io_error", "Drawn", "no")

    def runs(self, activation: str) -> bool:
        """Whether a body does it."""
        target = parse_activation(activation)
        if target.item is None and self._nodes[target.node].each is not None:
            return False
        return function_name(self.node_of(activation)) is not None

    def is_async(self, node: Node) -> bool:
        """What may happen only once is never left alone in a thread: it must be able to wait."""
        return node.effect is Effect.ONCE or self.number(f"async {node.id}") % 4 > 0

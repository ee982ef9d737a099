"""What activations result in, what people and children say: drawn from a seed, a name and what is seen, never from
the order in which things happen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zlib import crc32

import msgspec

from pectin.core.activation import parse_activation
from pectin.core.budget import NOTHING, Amount
from pectin.core.definition import Json, OnItemFailure, Reducer
from pectin.core.error import ErrorData
from pectin.core.event import ChildSpawned
from pectin.core.program import Program
from pectin.core.reduce import fold
from pectin.core.state import Activation
from pectin.core.status import WorkflowStatus
from tests.core.chance import key_of

UNSET = msgspec.UNSET

Result = tuple[dict[str, Any], tuple[str, ...], Any]
"""A patch, the keys that it removes, and an output where the patch is none."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_CHILD = re.compile(rb"exec_[0-9a-f]{32}")


def plain(state: Mapping[str, Json]) -> bytes:
    """A state without what time and the order of concurrent appends make of it."""
    appended = state.get("r_append")
    if appended is not None:
        state = {**state, "r_append": sorted(appended)}
    return _CHILD.sub(b"exec", _encode(state))


class Draw:
    """Draws for one definition. Outcomes are numbered, not attempts: an interruption must make no difference."""

    def __init__(self, program: Program, seed: int) -> None:
        definition = program.definition
        self._seed = seed
        self._nodes = program.nodes
        self._reducers = definition.reducers
        self._is_open = definition.state.open
        self._is_limited = definition.budget is not None
        self.signals = sorted({node.config["signal"] for node in definition.nodes if "signal" in node.config})

    def number(self, name: str, view: bytes = b"") -> int:
        return crc32(b"%d/%s/%s" % (self._seed, name.encode(), view))

    def failure(self, activation: Activation) -> ErrorData | None:
        """Items of one map fail alike where the first to fail is the one that counts."""
        drawn = self.number(f"{activation.name}/{activation.outcomes}") % 100
        if drawn >= 6:
            return None
        alike, message = drawn, "no"
        if activation.map is not None:
            alike = self.number(activation.map) % 6
            each = self._nodes[parse_activation(activation.map).node].each
            fails = each is None or each.on_item_failure in (None, OnItemFailure.FAIL)
            message = "no" if fails else f"not item {activation.item}"
        return ErrorData("io_error" if alike < 4 else "other", "Drawn", message)

    def late(self) -> ErrorData:
        return ErrorData("timeout", "TimedOut", "late")

    def nothing(self) -> Result:
        return {}, (), UNSET

    def result(self, activation: Activation, view: bytes) -> Result:
        drawn = self.number(activation.name, view)
        node = self._nodes[activation.node]
        if activation.map is not None:
            return {}, (), drawn % 5
        if node.run_on is not None:
            return self.nothing()
        patch: dict[str, Any] = {key_of(node.id): drawn % 8}
        unset: tuple[str, ...] = ()
        kind = self.number(f"kind of {node.id}") % 100
        if kind < 25:
            patch["shared"] = 1
        elif kind < 29:
            patch["shared"] = drawn % 2
        for key, reducer in self._reducers.items():
            if self.number(f"{key} of {node.id}") % 5 < 2:
                patch[key] = _contribution(reducer, key, node.id, drawn)
        if self._is_open and kind % 3 == 0:
            if drawn % 2:
                patch[f"x_{node.id}"] = None
            else:
                unset = (f"x_{node.id}",)
        return patch, unset, UNSET

    def spent(self, activation: Activation) -> Amount | None:
        """What an attempt says that it has spent: up to its ceiling, or where nothing is limited whatever it likes."""
        drawn = self.number(f"spent by {activation.name}/{activation.attempt}")
        ceiling = activation.ceiling
        if drawn % 6 == 0 or (ceiling is None and (self._is_limited or drawn % 6 > 1)):
            return None
        return Amount("0.01", 5, 7) if ceiling is None else _share(ceiling, drawn // 6 % 5)

    def spent_by_child(self, spawned: ChildSpawned) -> Amount:
        """What a child has spent: up to its part."""
        drawn, part = self.number(f"spent by {spawned.activation}"), spawned.part
        if part is None:
            return Amount("0.02", 0, 3) if drawn % 2 else NOTHING
        most = Amount(part.max_cost_usd or "0", part.input_tokens or 0, part.output_tokens or 0)
        return _share(most, drawn % 5)

    def edits(self, name: str, editable: Mapping[str, Json]) -> dict[str, Json]:
        """Changes of what was shown, whoever changed it before."""
        drawn = self.number(name)
        if drawn % 3 == 0:
            return {}
        edits: dict[str, Json] = {}
        for key, value in editable.items():
            reducer = self._reducers.get(key)
            if reducer is None:
                edits[key] = drawn % 7
            else:
                edits[key] = fold(reducer, value, [_contribution(reducer, key, name, drawn)])
        return edits

    def decision(self, name: str, decisions: Sequence[str]) -> str:
        return decisions[self.number(name) // 3 % len(decisions)]

    def payload(self, name: str) -> Json:
        return {"n": self.number(name) % 5}

    def child(self, spawned: ChildSpawned) -> tuple[WorkflowStatus, dict[str, Json], ErrorData | None]:
        """How a child ends. Those of one map fail alike."""
        drawn = self.number(spawned.activation, _encode(spawned.input))
        status = WorkflowStatus.COMPLETED
        if drawn % 10 < 2:
            alike = self.number(spawned.map or spawned.activation)
            status = (WorkflowStatus.FAILED, WorkflowStatus.CANCELLED, WorkflowStatus.LIMIT_EXCEEDED)[alike % 3]
        error = ErrorData("other", "Drawn", "no") if status is WorkflowStatus.FAILED else None
        state = {"n": drawn % 8} if drawn % 11 else {"n": "none"}
        return status, state, error


def _share(amount: Amount, quarters: int) -> Amount:
    cost = Decimal(amount.cost_usd) * quarters / 4
    return Amount(str(cost), amount.input_tokens * quarters // 4, amount.output_tokens * quarters // 4)


def _contribution(reducer: Reducer, key: str, node: str, drawn: int) -> Json:
    match reducer:
        case Reducer.APPEND:
            return [drawn % 100] * (drawn % 3)
        case Reducer.UNION:
            return [drawn % 6, drawn % 4]
        case Reducer.ADD:
            added = f"{drawn % 3}.{drawn % 2}0" if key == "r_sum" else drawn % 5
            return added if drawn % 60 else "no number"
        case Reducer.MAX | Reducer.MIN:
            return drawn % 90 - 45
        case Reducer.MERGE:
            common: dict[str, Json] = {} if drawn % 20 else {"common": drawn % 2}
            return {node: drawn % 9 or None, "all": {node: drawn % 2}, "common": 1, **common}

"""The ways on from a node, in the words of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pectin.core.action import TIMEOUT
from pectin.core.definition import Edge, Json, Trigger

_DECISION: Final = re.compile(r"output\.decision == '([A-Za-z_][A-Za-z0-9_-]*)'")
_ONWARD: Final = frozenset({Trigger.ALWAYS, Trigger.WHEN, Trigger.OTHERWISE})

Refuse = Callable[[str], None]
"""Notes what no document can say."""


def is_onward(edge: Edge) -> bool:
    """Whether it leads on where the node has done its work."""
    return edge.trigger in _ONWARD


def write_ways(edges: Sequence[Edge], refuse: Refuse, *, onward: bool = True) -> dict[str, Json]:
    """The keys of all edges that leave one node; those that lead on may be said by other keys."""
    for edge in edges:
        if complaint := _complain(edge):
            refuse(f"`{edge.source}` → `{edge.target}`: {complaint}")
    ways = {
        "then": [_write_target(edge) for edge in edges if onward and is_onward(edge)],
        "repeat": [_write_target(edge) for edge in edges if edge.trigger is Trigger.REPEAT],
        "on_limit": [edge.target for edge in edges if edge.trigger is Trigger.LIMIT],
        "on_error": [_write_target(edge) for edge in edges if edge.trigger is Trigger.ERROR],
    }
    return {key: _shorten(key, targets) for key, targets in ways.items() if targets}


def write_decisions(edges: Iterable[Edge], decisions: Sequence[str]) -> dict[str, Json] | None:
    """The ways on from an approval by its decisions, if they say both its decisions and its edges."""
    found: dict[str, list[str]] = {}
    last = None
    for edge in filter(is_onward, edges):
        match = _DECISION.fullmatch(edge.condition or "") if edge.trigger is Trigger.WHEN else None
        if match is None or (match[1] in found and match[1] != last):
            return None
        last = match[1]
        found.setdefault(last, []).append(edge.target)
    if [decision for decision in found if decision != TIMEOUT] != list(decisions):
        return None
    return {decision: _one_or_all(targets) for decision, targets in found.items()}


def _write_target(edge: Edge) -> Json:
    """Where an edge leads, by its name alone if nothing else is to be said."""
    written: dict[str, Json] = {"to": edge.target}
    if edge.condition is not None:
        written["when"] = edge.condition
    if edge.trigger is Trigger.OTHERWISE:
        written["otherwise"] = True
    if edge.max_iterations is not None:
        written["max_iterations"] = edge.max_iterations
    return edge.target if len(written) == 1 else written


def _shorten(key: str, targets: list[Json]) -> Json:
    is_short = len(targets) == 1 and (key == "repeat" or isinstance(targets[0], str))
    return targets[0] if is_short else targets


def _one_or_all(targets: list[str]) -> Json:
    return targets[0] if len(targets) == 1 else targets


def _complain(edge: Edge) -> str:
    """Why no document can say the edge."""
    wants = edge.trigger in (Trigger.WHEN, Trigger.REPEAT)
    if wants and edge.condition is None:
        return f"`{edge.trigger}` without a condition"
    if edge.condition is not None and not wants and edge.trigger is not Trigger.ERROR:
        return f"`{edge.trigger}` with a condition"
    if edge.max_iterations is not None and edge.trigger is not Trigger.REPEAT:
        return f"`{edge.trigger}` with `max_iterations`"
    return ""

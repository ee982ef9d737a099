"""The order of a definition's edges: one for the same workflow, wherever and however it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pectin.core.definition import Edge, Trigger

_WORDS: Final = {Trigger.REPEAT: 1, Trigger.LIMIT: 2, Trigger.ERROR: 3}
"""The turns of the edges of one node. Those that lead on come first, as they were said."""


def turns_of(nodes: Iterable[str]) -> dict[str, int]:
    """The turns of nodes, by their names."""
    return {name: turn for turn, name in enumerate(nodes)}


def turn_of(edge: Edge, turns: Mapping[str, int]) -> tuple[int, int]:
    """Where an edge stands: by its source, in the order of the nodes, and of one source by its word."""
    return turns[edge.source], _WORDS.get(edge.trigger, 0)

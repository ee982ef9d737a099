"""The order of a definition's edges."""

from __future__ import annotations

from pectin.authoring.order import turn_of, turns_of
from pectin.core.definition import Edge, Trigger


def test_edges_stand_by_their_sources_and_words() -> None:
    turns = turns_of(["b", "a"])
    edges = [
        Edge("a", "b", Trigger.ERROR),
        Edge("a", "b", Trigger.LIMIT),
        Edge("a", "b", Trigger.REPEAT, "true"),
        Edge("a", "x", Trigger.OTHERWISE),
        Edge("a", "b"),
        Edge("b", "a", Trigger.ERROR),
    ]
    ordered = sorted(edges, key=lambda edge: turn_of(edge, turns))
    assert [edges.index(edge) for edge in ordered] == [5, 3, 4, 2, 1, 0], "those that lead on stay as they were said"

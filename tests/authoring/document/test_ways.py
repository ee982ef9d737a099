"""How a node leads on."""

from __future__ import annotations

import pytest

from pectin.authoring.document.reading import read_text
from pectin.core.definition import Edge, Trigger
from tests.authoring.document.transcript import HEAD


@pytest.mark.parametrize(
    ("said", "edges"),
    [
        ("then: b", [Edge("a", "b")]),
        ("then: [b, end]", [Edge("a", "b"), Edge("a", "end")]),
        ("then: {to: b, when: state.x}", [Edge("a", "b", Trigger.WHEN, "state.x")]),
        ("then: [{to: b, otherwise: true}]", [Edge("a", "b", Trigger.OTHERWISE)]),
        ("repeat: {to: a, when: true, max_iterations: 3}", [Edge("a", "a", Trigger.REPEAT, "true", 3)]),
        ("on_limit: [b, end]", [Edge("a", "b", Trigger.LIMIT), Edge("a", "end", Trigger.LIMIT)]),
        ("on_error: [b, {to: end, when: x}]", [Edge("a", "b", Trigger.ERROR), Edge("a", "end", Trigger.ERROR, "x")]),
        ("on_error: b, then: end", [Edge("a", "end"), Edge("a", "b", Trigger.ERROR)]),
    ],
)
def test_ways_become_edges(said: str, edges: list[Edge]) -> None:
    draft = read_text(f"{HEAD}nodes: {{a: {{run: f, {said}}}, b: {{run: f}}}}\n", "w.yaml")[0].draft
    assert draft.problems == []
    assert [edge for edge, _ in draft.edges] == edges


def test_an_edge_stands_at_its_target_and_its_condition_where_it_is() -> None:
    text = f"{HEAD}nodes: {{a: {{run: f, then: [{{to: end, when: state.x}}]}}}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    ((_, place),) = draft.edges
    line = text.split("\n")[2]
    assert place.column == line.index("end") + 1
    assert draft.parts[place]["condition"].column == line.index("state.x") + 1

"""Nodes that only lead on."""

from __future__ import annotations

from pectin.authoring.document.reading import read_text
from tests.authoring.document.transcript import HEAD


def test_a_condition_leads_once_to_each_target() -> None:
    branches = "[{when: state.a, to: b}, {when: state.b, to: end}, {when: state.c, to: b}]"
    text = f"{HEAD}nodes: {{a: {{condition: {branches}, default: end}}, b: {{run: f}}}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    assert [(edge.target, edge.trigger) for edge, _ in draft.edges] == [("b", "always"), ("end", "always")]
    assert [branch["to"] for branch in draft.nodes["a"].config["branches"]] == ["b", "end", "b"]


def test_joins() -> None:
    text = (
        f"{HEAD}nodes: {{a: {{join: all}}, b: {{join: first}}, c: {{join: {{wait_for: [a], fires_when: 'true'}}}}}}\n"
    )
    nodes = read_text(text, "w.yaml")[0].draft.nodes
    assert [(node.wait_for, node.at_least, node.fires_when) for node in nodes.values()] == [
        (None, None, None),
        (None, 1, None),
        (("a",), None, "true"),
    ]

"""Nodes as JamJet's records."""

from __future__ import annotations

import pytest

from pectin.authoring.jamjet.written_kinds import Unsaid, write_kind
from pectin.core.definition import END, Definition, Each, Edge, Join, Node, Trigger
from pectin.core.schema import Bool, Field, Object

STATE = Object({"ok": Field(Bool())})


def way(target: str, decision: str) -> Edge:
    return Edge("n", target, Trigger.WHEN, f"output.decision == '{decision}'")


ON = (way("a", "approved"), way(END, "rejected"))
ASK = {"prompt": "?"}


@pytest.mark.parametrize(
    ("node", "ways", "what"),
    [
        (Node("n", "of_another_day"), (), "the kind `of_another_day` of `n` is not written to JamJet's IR"),
        (Node("n", "policy", {"rules": []}), (), "the rules of `n`"),
        (Node("n", "tool", {"tool": "t", "output": {"a": "output"}}), (), "the `output` of `n`"),
        (Node("n", "condition", {"branches": [{"when": "!state.ok", "to": "a"}]}), (), "the condition `!state.ok`"),
        (Node("n", "parallel", each=Each("state.items", "one")), (), "the map `n`"),
        (Node("n", "join", join=Join(("a", "b", "c"), at_least=2)), (), "when the join `n` fires"),
        (Node("n", "join", join=Join(("a", "b"), fires_when="size(arrivals) > 0")), (), "when the join `n` fires"),
        (Node("n", "human_approval", {**ASK, "decisions": ["yes", "no"]}), (), "the decisions of `n`"),
        (Node("n", "human_approval", {**ASK, "editable": ["ok"]}), ON, "what may be changed at `n`"),
        (Node("n", "human_approval", ASK), (ON[0], way("a", "rejected")), "where `n` leads when it is rejected"),
        (
            Node("n", "human_approval", ASK),
            (*ON, way("a", "timeout"), way("b", "timeout")),
            "where `n` leads when it is late",
        ),
        (Node("n", "human_approval", ASK), (*ON, Edge("n", "a")), "an edge of `n` that no decision is taken on"),
        (Node("n", "human_approval", {**ASK, "deadline_ms": 1_500}), ON, "`deadline_ms` of `n` is no whole number"),
        (Node("n", "wait", {"signal": "go"}), (), "the `signal` of `n`"),
        (Node("n", "wait", {"until": "state.at"}), (), "the `until` of `n`"),
        (Node("n", "wait", {"duration_ms": 5}), (), "`duration_ms` of `n` is no whole number of seconds"),
    ],
)
def test_what_has_no_words(node: Node, ways: tuple[Edge, ...], what: str) -> None:
    with pytest.raises(Unsaid) as caught:
        write_kind(node, ways, Definition("w", "1.0.0", STATE, "n", (node,), ways))
    assert what in caught.value.what

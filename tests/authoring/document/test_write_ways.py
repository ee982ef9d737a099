"""The ways on from a node in the words of a document."""

from __future__ import annotations

import pytest

from pectin.authoring.document.write_ways import write_decisions, write_ways
from pectin.core.definition import END, Edge, Json, Trigger
from tests.definitions import on_error, on_limit, otherwise, repeat, when

REVIEW = ("approved", "rejected")


def decided(decision: str, target: str) -> Edge:
    return when("a", target, f"output.decision == '{decision}'")


@pytest.mark.parametrize(
    ("edges", "keys"),
    [
        ([Edge("a", "b")], {"then": "b"}),
        ([Edge("a", "b"), Edge("a", END)], {"then": ["b", "end"]}),
        ([when("a", "b", "x")], {"then": [{"to": "b", "when": "x"}]}),
        (
            [when("a", "b", "x"), otherwise("a", "c"), Edge("a", "d")],
            {"then": [{"to": "b", "when": "x"}, {"to": "c", "otherwise": True}, "d"]},
        ),
        ([repeat("a", "b", "x", 5)], {"repeat": {"to": "b", "when": "x", "max_iterations": 5}}),
        (
            [repeat("a", "b", "x", None), repeat("a", "c", "y", 1)],
            {"repeat": [{"to": "b", "when": "x"}, {"to": "c", "when": "y", "max_iterations": 1}]},
        ),
        ([on_limit("a", "b"), on_limit("a", "c")], {"on_limit": ["b", "c"]}),
        ([on_error("a", "b")], {"on_error": "b"}),
        ([on_error("a", "b", "x"), on_error("a", "c")], {"on_error": [{"to": "b", "when": "x"}, "c"]}),
    ],
)
def test_edges_by_their_words(edges: list[Edge], keys: Json) -> None:
    refused: list[str] = []
    assert write_ways(edges, refused.append) == keys
    assert refused == []


@pytest.mark.parametrize(
    ("edge", "reason"),
    [
        (Edge("a", "b", Trigger.WHEN), "`a` → `b`: `when` without a condition"),
        (Edge("a", "b", Trigger.REPEAT), "`a` → `b`: `repeat` without a condition"),
        (Edge("a", "b", Trigger.OTHERWISE, "x"), "`a` → `b`: `otherwise` with a condition"),
        (Edge("a", "b", Trigger.ALWAYS, max_iterations=2), "`a` → `b`: `always` with `max_iterations`"),
    ],
)
def test_an_edge_that_no_document_can_say_is_refused(edge: Edge, reason: str) -> None:
    refused: list[str] = []
    write_ways([edge], refused.append)
    assert refused == [reason]


@pytest.mark.parametrize(
    ("edges", "decisions"),
    [
        ([decided("approved", "b"), decided("rejected", END)], {"approved": "b", "rejected": "end"}),
        (
            [decided("approved", "b"), decided("timeout", "c"), decided("timeout", END), decided("rejected", END)],
            {"approved": "b", "timeout": ["c", "end"], "rejected": "end"},
        ),
        ([decided("rejected", END), decided("approved", "b")], None),
        ([decided("approved", "b")], None),
        ([decided("approved", "b"), decided("rejected", END), decided("approved", "c")], None),
        ([decided("approved", "b"), decided("rejected", END), Edge("a", "c")], None),
        ([when("a", "b", "output.decision != 'approved'"), decided("rejected", END)], None),
    ],
)
def test_decisions_say_the_edges_where_they_say_them_in_their_order(edges: list[Edge], decisions: Json) -> None:
    assert write_decisions([*edges, on_error("a", "x")], REVIEW) == decisions

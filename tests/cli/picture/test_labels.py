"""What stands on arrows and in boxes."""

from __future__ import annotations

import pytest

from pectin.cli.picture.labels import caption_of, decision_of, details_of, items_of, label_of
from pectin.core.definition import Child, Each, Edge, Effect, Join, Node, RunOn, Trigger
from tests.cli.picture.drawn import every_kind


def function(effect: Effect = Effect.IDEMPOTENT, kind: str = "python_fn", run_on: RunOn | None = None) -> Node:
    return Node("f", kind, {"function": "f"}, effect, run_on=run_on)


@pytest.mark.parametrize(
    ("node", "caption"),
    [
        (function(), []),
        (function(Effect.KEYED), ["keyed"]),
        (function(kind="finalizer", run_on=RunOn.ALWAYS), ["finalizer, always"]),
        (function(kind="finalizer", run_on=RunOn.FAILURE), ["finalizer, on failure"]),
        (Node("n", "condition", {"branches": []}), ["condition"]),
        (Node("n", "human_approval", {"prompt": "?"}), ["approval"]),
        (Node("n", "human_approval", {"prompt": "?", "deadline_ms": 60_000}), ["approval, 1 min"]),
        (Node("n", "wait", {"duration_ms": 5_000}), ["waits for 5 s"]),
        (Node("n", "wait", {"until": "state.at"}), ["waits until state.at"]),
        (Node("n", "wait", {"signal": "go", "deadline_ms": 5_000}), ["waits for signal go, at most 5 s"]),
        (Node("n", "join", join=Join(("a", "b"))), ["all of them"]),
        (Node("n", "join", join=Join(("a", "b"), at_least=1)), ["first of them"]),
        (Node("n", "join", join=Join(("a", "b", "c"), at_least=2)), ["at least 2"]),
        (Node("n", "join", join=Join(("a", "b"), fires_when="size(arrivals) > 1")), ["when size(arrivals) > 1"]),
        (Node("n", "subgraph", child=Child("inner", "1.0.0")), ["runs inner 1.0.0"]),
        (Node("n", "limit_exceeded", {"message": "m"}), ["ends the execution"]),
        (Node("n", "parallel"), ["parallel"]),
        (Node("n", "of_another_day"), ["of another day"]),
    ],
)
def test_captions(node: Node, caption: list[str]) -> None:
    assert caption_of(node) == caption


def test_a_map_has_the_caption_of_its_items_too() -> None:
    map = Node("score", "parallel", each=Each("state.items", "score-item", 4))
    item = Node("score-item", "python_fn", {"function": "f"}, Effect.PURE)
    assert caption_of(map, item) == ["each of state.items, 4 at once", "pure"]
    child = Node("one", "subgraph", child=Child("inner", "1.0.0"))
    assert caption_of(map, child) == ["each of state.items, 4 at once", "runs one", "inner 1.0.0"]
    assert items_of(Node("n", "parallel")) == ""


@pytest.mark.parametrize(
    ("edge", "label"),
    [
        (Edge("look", "write"), ""),
        (Edge("check", "again"), "when state.ok"),
        (Edge("check", "score"), "otherwise"),
        (Edge("look", "write", Trigger.WHEN, "state.n > 1"), "when state.n > 1"),
        (Edge("review", "ship", Trigger.WHEN, 'output.decision == "approved"'), "approved"),
        (Edge("look", "write", Trigger.OTHERWISE), "otherwise"),
        (Edge("look", "write", Trigger.ERROR), "on_error"),
        (Edge("look", "write", Trigger.ERROR, "error.attempt > 1"), "on_error when error.attempt > 1"),
        (Edge("again", "write", Trigger.REPEAT, "state.ok"), "repeat when state.ok"),
        (Edge("again", "write", Trigger.REPEAT, "state.ok", 3), "repeat when state.ok, at most 3"),
        (Edge("write", "stop", Trigger.LIMIT), "on_limit"),
    ],
)
def test_labels(edge: Edge, label: str) -> None:
    assert label_of(every_kind(), edge) == label


def test_a_condition_that_only_looks_like_a_decision_is_none() -> None:
    assert decision_of(Edge("a", "b", Trigger.WHEN, "output.decision == 'go' || state.ok")) is None
    assert details_of(Node("n", "human_approval")) == []

"""Nodes in the words of a document, and what no document can say of them."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.document.write_nodes import write_nodes
from pectin.core.definition import (
    END,
    Definition,
    Each,
    Edge,
    Effect,
    Json,
    Node,
    OnItemFailure,
    RunOn,
)
from pectin.core.retry import PRESETS, Backoff, RetryPolicy
from tests.definitions import approval, collect, define, each, finalizer, fn, limit_exceeded, node, subgraph, wait, when

APPROVED = when("review", "a", "output.decision == 'approved'")
REJECTED = when("review", END, "output.decision == 'rejected'")
BRANCHES = [{"when": "state.done", "to": "a"}, {"when": "true", "to": END}]


def write(*parts: Node | Edge) -> tuple[dict[str, Json], list[str]]:
    refused: list[str] = []
    return write_nodes(define(*parts), refused.append), refused


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([fn("a", effect=Effect.IDEMPOTENT)], {"run": "a"}),
        (
            [Node("a", "python_fn", {"function": "b"}, Effect.ONCE, PRESETS["io_default"], 1_500, "x", reconcile="c")],
            {
                "run": "b",
                "effect": "once",
                "retry": "io_default",
                "timeout": "1s500ms",
                "reconcile": "c",
                "output_key": "x",
            },
        ),
        (
            [fn("a", retry=RetryPolicy(max_attempts=2, retryable_on=("x",)))],
            {"run": "a", "effect": "pure", "retry": {"max_attempts": 2, "retryable_on": ["x"]}},
        ),
        (
            [
                fn(
                    "a",
                    retry=RetryPolicy(
                        max_attempts=2, backoff=Backoff.FIXED, initial_delay_ms=0, max_delay_ms=90_000, jitter=False
                    ),
                )
            ],
            {
                "run": "a",
                "effect": "pure",
                "retry": {
                    "max_attempts": 2,
                    "backoff": "fixed",
                    "initial_delay": "0s",
                    "max_delay": "1m30s",
                    "jitter": False,
                },
            },
        ),
        ([finalizer("a", RunOn.FAILURE)], {"run": "a", "run_on": "failure", "effect": "pure"}),
        (
            [subgraph("a", {"x": "state.x"}, {"y": "output.y"}, output_key="z")],
            {
                "child": {"workflow": "ship", "version": "1.0.0"},
                "input": {"x": "state.x"},
                "output": {"y": "output.y"},
                "output_key": "z",
            },
        ),
        ([node("a", "parallel")], {"parallel": True}),
        ([node("a", "parallel"), Edge("a", "b"), Edge("a", END)], {"parallel": ["b", "end"]}),
        (
            [node("a", "parallel"), Edge("a", "b"), when("a", "c", "x")],
            {"parallel": True, "then": ["b", {"to": "c", "when": "x"}]},
        ),
        (
            [each("a", item="a-item", max_concurrency=2), fn("a-item", timeout_ms=1_000)],
            {"run": "a-item", "each": "state.items", "effect": "pure", "timeout": "1s", "max_concurrency": 2},
        ),
        (
            [
                Node("a", "parallel", each=Each("x", "a-item", None, OnItemFailure.WAIT), output_key="k"),
                subgraph("a-item"),
            ],
            {
                "child": {"workflow": "ship", "version": "1.0.0"},
                "each": "x",
                "on_item_failure": "wait",
                "output_key": "k",
            },
        ),
        ([collect("a", "b", "c"), Edge("b", "a"), Edge("c", "a")], {"join": "all"}),
        ([collect("a", "c", "b"), Edge("b", "a"), Edge("c", "a")], {"join": {"wait_for": ["c", "b"]}}),
        ([collect("a", "b", at_least=1), Edge("b", "a")], {"join": "first"}),
        ([collect("a", "b", fires_when="x"), Edge("b", "a")], {"join": {"fires_when": "x"}}),
        (
            [approval("review", decisions=["approved", "rejected"], editable=["x"]), APPROVED, REJECTED],
            {"approval": "Well?", "editable": ["x"], "decisions": {"approved": "a", "rejected": "end"}},
        ),
        (
            [approval("review", decisions=["rejected", "approved"], deadline_ms=60_000), APPROVED, REJECTED],
            {
                "approval": "Well?",
                "deadline": "1m",
                "options": ["rejected", "approved"],
                "then": [
                    {"to": "a", "when": "output.decision == 'approved'"},
                    {"to": "end", "when": "output.decision == 'rejected'"},
                ],
            },
        ),
        ([wait("a", duration_ms=1)], {"wait": {"duration": "1ms"}}),
        (
            [wait("a", event="parcel", correlation="k", signal="go", deadline_ms=1_000, output_key="x")],
            {"wait": {"event": "parcel", "key": "k", "signal": "go"}, "deadline": "1s", "output_key": "x"},
        ),
        (
            [node("a", "condition", {"branches": BRANCHES, "default": END}), Edge("a", "a"), Edge("a", END)],
            {"condition": BRANCHES, "default": "end"},
        ),
        ([limit_exceeded("a")], {"limit_exceeded": "Too much."}),
    ],
)
def test_one_key_says_the_kind(parts: list[Any], written: Json) -> None:
    others = [fn(name) for name in ("b", "c") if all(getattr(part, "id", "") != name for part in parts)]
    found, refused = write(*parts, *others)
    assert next(iter(found.values())) == written
    assert refused == []


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([fn("a"), fn("a")], "two nodes are named `a`"),
        ([node("a", "model")], "no document can say the kind of `a`, 'model'"),
        ([node("a", "python_fn", {"function": "a", "x": 1})], "no document can say the setting `x` of `a`"),
        ([fn("a", run_on=RunOn.ALWAYS)], f"no document can say `run_on` of `a`, a python_fn: {RunOn.ALWAYS!r}"),
        ([finalizer("a", None)], "the finalizer `a` doesn't say which ends it runs on"),
        (
            [Node("a", "finalizer", {"function": "a"}, run_on=RunOn.ALWAYS, reconcile="x")],
            "no document can say `reconcile` of `a`, a finalizer: 'x'",
        ),
        ([each("a", item="b"), fn("b")], "the item node of `a` is `b`, and that of a document is `a-item`"),
        (
            [each("a", item="a-item"), fn("b"), fn("a-item")],
            "the item node of `a` doesn't stand directly after it",
        ),
        ([each("a", item="a-item"), wait("a-item", signal="x")], "the item node `a-item` is a wait"),
        (
            [each("a", item="a-item"), fn("a-item", output_key="x")],
            "no document can say `output_key` of `a-item`, a python_fn: 'x'",
        ),
        (
            [Node("a", "parallel", each=Each("x", "a-item", None, OnItemFailure.FAIL)), fn("a-item")],
            "`on_item_failure` of `a` says what is so anyway: `fail`",
        ),
        ([approval("a")], "the approval `a` doesn't say its decisions"),
        ([approval("a", decisions=["x"], editable=[])], "`editable` of the approval `a` names nothing; leave it out"),
        ([node("a", "join")], "the join `a` doesn't say what it waits for"),
        ([node("a", "subgraph")], "`a` doesn't say which workflow it runs"),
        (
            [node("a", "condition", {"branches": BRANCHES, "default": None}), Edge("a", "a"), Edge("a", END)],
            "`default` of the condition `a` is null; leave it out",
        ),
        (
            [node("a", "condition", {"branches": BRANCHES}), Edge("a", END), Edge("a", "a")],
            "the edges of the condition `a` aren't those of its branches, in their order",
        ),
    ],
)
def test_what_no_document_can_say_is_refused_by_name(parts: list[Any], reason: str) -> None:
    _, refused = write(*parts)
    assert reason in refused


def test_all_reasons_are_told_at_once() -> None:
    _, refused = write(node("a", "model"), fn("b", join=None, run_on=RunOn.ALWAYS), finalizer("c", None))
    assert len(refused) == 3


def test_a_definition_without_nodes_has_none() -> None:
    assert write_nodes(Definition("a", "1.0.0", define().state, "", ()), list[str]().append) == {}

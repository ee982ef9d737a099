"""Ids, versions, kinds and the words of edges."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Definition, Edge, Trigger, WorkflowLimits
from pectin.nodes import KINDS, LATER
from tests.definitions import define, fn, found, node, on_error, on_limit, otherwise, repeat, when

KINDS_TOLD = f"there are {', '.join(f'`{kind.NAME}`' for kind in KINDS)}"

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("a"), id="my refund"),
        [
            (
                "E001",
                "",
                ("the workflow's id 'my refund' can't be used; use letters, digits, `_` and `-`; begin with no digit"),
            )
        ],
    ),
    (
        define(fn("a"), id=""),
        [("E001", "", ("the workflow's id '' can't be used; use letters, digits, `_` and `-`; begin with no digit"))],
    ),
    (
        define(fn("a"), id="a" * 129),
        [
            (
                "E001",
                "",
                (
                    "the workflow's id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa … "
                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is longer than 128 characters; "
                    "shorten it"
                ),
            )
        ],
    ),
    (
        define(fn("a"), version="v1"),
        [("E001", "", ('\'v1\' is no version; write a semantic one, such as "1.0.0" or "0.0.0-dev"'))],
    ),
    (
        define(fn("a"), version="1.0"),
        [("E001", "", ('\'1.0\' is no version; write a semantic one, such as "1.0.0" or "0.0.0-dev"'))],
    ),
    (
        define(fn("a"), version="1.01.0"),
        [("E001", "", ('\'1.01.0\' is no version; write a semantic one, such as "1.0.0" or "0.0.0-dev"'))],
    ),
    (define(), [("E002", "", "the workflow has no nodes; give it one to start at")]),
    (define(fn("a"), start=""), [("E002", "", "the workflow has no start; say at which node it starts")]),
    (
        define(fn("look_up"), start="look_upp"),
        [("E002", "", "the start, `look_upp`, is no node; did you mean `look_up`?")],
    ),
    (
        define(fn("a"), fn("end"), Edge("a", "end")),
        [
            (
                "E004",
                "",
                (
                    "a node can't be named `end`, which is where an edge leads that leads "
                    "nowhere further; give it another name"
                ),
            ),
            ("E008", "", ("no way leads from the start, `a`, to `end`; lead an edge to it, or delete it")),
        ],
    ),
    (
        define(fn("2nd")),
        [("E004", "", ("a node's name, '2nd', can't be used; use letters, digits, `_` and `-`; begin with no digit"))],
    ),
    (
        define(fn("größe")),
        [
            (
                "E004",
                "",
                ("a node's name, 'größe', can't be used; use letters, digits, `_` and `-`; begin with no digit"),
            )
        ],
    ),
    (
        define(fn("a" * 129)),
        [
            (
                "E004",
                "",
                (
                    "a node's name, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa … "
                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', is longer than 128 characters; "
                    "shorten it"
                ),
            )
        ],
    ),
    (define(fn("a"), fn("a")), [("E005", "", "two nodes are named `a`; give each a name of its own")]),
    (define(fn("a"), fn("a"), fn("a")), [("E005", "", "3 nodes are named `a`; give each a name of its own")]),
    (define(node("ask", "model")), [("E023", "", f"node `ask`: kind `model` is not there yet; {KINDS_TOLD}")]),
    (
        define(node("ask", "python_fnn", {"function": "f"})),
        [("E003", "", "node `ask`: there is no kind `python_fnn`; did you mean `python_fn`?")],
    ),
    (
        define(node("ask", "magic")),
        [("E003", "", f"node `ask`: there is no kind `magic`; {KINDS_TOLD}")],
    ),
    (define(fn("a"), Edge(END, "a")), [("E012", "end → a", "no edge leads away from `end`; begin it at a node")]),
    (define(fn("pay"), Edge("payy", "pay")), [("E006", "payy → pay", "unknown node `payy`; did you mean `pay`?")]),
    (define(fn("pay"), Edge("pay", "ship")), [("E006", "pay → ship", "unknown node `ship`; name a node, or `end`")]),
    (define(fn("pay"), Edge("pay", "ends")), [("E006", "pay → ends", "unknown node `ends`; did you mean `end`?")]),
    (
        define(fn("a"), repeat("a", END)),
        [("E010", "a → end", ("`repeat` leads back to a node, and `end` is none; name the loop's first node"))],
    ),
    (
        define(fn("a"), when("a", END, None)),
        [("E013", "a → end", "`when` has no condition; say when the edge is taken")],
    ),
    (
        define(fn("a"), repeat("a", "a", None)),
        [("E013", "a → a", "`repeat` has no condition; say when the edge is taken")],
    ),
    (
        define(fn("a"), Edge("a", END, condition="state.done")),
        [("E013", "a → end", "`always` takes no condition; write `when`, or delete the condition")],
    ),
    (
        define(fn("a"), when("a", END, "state.done"), Edge("a", END, Trigger.OTHERWISE, "state.done")),
        [("E013", "a → end", "`otherwise` takes no condition; write `when`, or delete the condition")],
    ),
    (
        define(fn("a"), repeat("a", "a", limit=None)),
        [("E013", "a → a", "`repeat` has no limit; write `max_iterations`")],
    ),
    (
        define(fn("a"), repeat("a", "a", limit=0)),
        [("E013", "a → a", "`max_iterations` is 0; write a whole number from 1 on")],
    ),
    (
        define(fn("a"), Edge("a", END, Trigger.WHEN, "state.done", 3)),
        [("E013", "a → end", "`when` takes no `max_iterations`; only `repeat` does")],
    ),
    (
        define(fn("a"), otherwise("a", END)),
        [("E013", "a → end", ("`otherwise` stands without a `when`; add one, or lead on without a word"))],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), Edge("a", "b")),
        [("E007", "a → b", "this edge stands twice; delete one")],
    ),
    (
        define(fn("a"), when("a", END, "state.done"), when("a", END, "state.done")),
        [("E007", "a → end", "this edge stands twice; delete one")],
    ),
    (
        define(fn("a"), repeat("a", "a"), Edge("a", END, Trigger.LIMIT, "state.done")),
        [("E013", "a → end", "`on_limit` takes no condition; write `when`, or delete the condition")],
    ),
    (
        define(fn("a"), repeat("a", "a"), Edge("a", END, Trigger.LIMIT, None, 3)),
        [("E013", "a → end", "`on_limit` takes no `max_iterations`; only `repeat` does")],
    ),
    (
        define(fn("a"), repeat("a", "a"), on_limit("a", END), on_limit("a", END)),
        [("E007", "a → end", "this edge stands twice; delete one")],
    ),
    (
        define(fn("a"), repeat("a", "a"), on_limit("a", "sory"), fn("sorry")),
        [("E006", "a → sory", "unknown node `sory`; did you mean `sorry`?")],
    ),
    (
        define(fn("a"), repeat("a", "a", limit=None), limits=WorkflowLimits(wall_time_ms=5)),
        [("E013", "a → a", "`repeat` has no limit; write `max_iterations`")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


@pytest.mark.parametrize("version", ["0.0.0-dev", "1.0.0", "10.20.30-rc.1+build.5", "1.0.0--x"])
def test_semantic_versions_are_fine(version: str) -> None:
    assert found(define(fn("a"), version=version)) == []


@pytest.mark.parametrize("name", ["a", "_", "look-up", "End", "a" * 128])
def test_names_are_fine(name: str) -> None:
    assert found(define(fn(name), id=name)) == []


def test_the_same_target_by_two_words_is_fine() -> None:
    parts = (fn("a"), fn("b"), Edge("a", "b"), on_error("a", "b"), on_error("a", "b", "error.type == 'OSError'"))
    assert found(define(*parts)) == []


def test_a_loop_without_a_limit_has_the_workflow_s() -> None:
    assert found(define(fn("a"), repeat("a", "a", limit=None), limits=WorkflowLimits(max_iterations=5))) == []


@pytest.mark.parametrize("kind", LATER)
def test_a_kind_that_is_not_there_yet_is_refused_by_name(kind: str) -> None:
    told = f"node `a`: kind `{kind}` is not there yet; {KINDS_TOLD}"
    assert found(define(node("a", kind))) == [("E023", "", told)]


def test_everything_is_told_at_once() -> None:
    definition = define(fn("a"), fn("end"), Edge("a", "b"), when("a", END, "state.x"), id="1", version="2", start="x")
    assert sorted(code for code, _, _ in found(definition)) == ["E001", "E001", "E002", "E004", "E006", "E014"]

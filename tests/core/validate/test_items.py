"""Nodes that are reached by name: the items of maps, and finalizers."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Definition, Edge, WorkflowLimits
from pectin.nodes import KINDS
from tests.definitions import (
    approval,
    define,
    each,
    finalizer,
    fn,
    found,
    limit_exceeded,
    node,
    on_error,
    subgraph,
    wait,
)

KINDS_TOLD = ", ".join(f"`{kind.NAME}`" for kind in KINDS)
ONLY = "only a python_fn, a tool or a subgraph can be one"
NOT_YET = f"node `one`: kind `a2a_task` is not there yet; there are {KINDS_TOLD}"

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(each("label", item="onee"), fn("one")),
        [("E025", "", "map `label`: unknown item node `onee`; did you mean `one`?")],
    ),
    (
        define(each("label", item="one"), approval("one")),
        [
            (
                "E025",
                "",
                (f"map `label`: its item node `one` is a human_approval; {ONLY}"),
            ),
            ("E015", "", ("approval `one` has no way on for `approved`; lead it to a node, or to the end")),
            ("E015", "", ("approval `one` has no way on for `rejected`; lead it to a node, or to the end")),
        ],
    ),
    (define(each("label"), node("one", "a2a_task")), [("E023", "", NOT_YET)]),
    (
        define(each("label"), fn("one", output_key="labels")),
        [
            (
                "E025",
                "",
                ("item node `one` has an `output_key`; items don't write the state; put it on the map `label`"),
            )
        ],
    ),
    (
        define(each("label"), fn("one"), Edge("label", "one")),
        [("E012", "label → one", ("no edge leads to `one`, the item node of `label`; it is reached by name"))],
    ),
    (
        define(each("label"), fn("one"), Edge("one", END)),
        [("E012", "one → end", "no edge leaves `one`, the item node of `label`; it is reached by name")],
    ),
    (
        define(fn("a"), finalizer("tidy"), Edge("a", "tidy")),
        [("E012", "a → tidy", "no edge leads to `tidy`, a finalizer; it is reached by name")],
    ),
    (
        define(fn("a"), finalizer("tidy"), Edge("tidy", "a")),
        [("E012", "tidy → a", "no edge leaves `tidy`, a finalizer; it is reached by name")],
    ),
    (define(finalizer("tidy")), [("E002", "", "the start, `tidy`, is a finalizer; start at a node with edges")]),
    (
        define(fn("one"), each("label"), Edge("one", "label")),
        [
            ("E012", "one → label", "no edge leaves `one`, the item node of `label`; it is reached by name"),
            ("E002", "", ("the start, `one`, is the item node of `label`; start at a node with edges")),
        ],
    ),
    (
        define(fn("a"), fn("sorry"), limits=WorkflowLimits(on_limit="sory")),
        [("E038", "", "`on_limit` of the limits: unknown node `sory`; did you mean `sorry`?")],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(on_limit="end")),
        [("E038", "", "`on_limit` of the limits: unknown node `end`; name a node")],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(on_limit="a")),
        [("E038", "", ("`on_limit` of the limits: `a` is the start; name a node of its own, that no edge leads to"))],
    ),
    (
        define(each("label"), fn("one"), limits=WorkflowLimits(on_limit="one")),
        [
            (
                "E038",
                "",
                (
                    "`on_limit` of the limits: `one` is the item node of `label`; name a node of its "
                    "own, that no edge leads to"
                ),
            )
        ],
    ),
    (
        define(fn("a"), finalizer("tidy"), limits=WorkflowLimits(on_limit="tidy")),
        [
            (
                "E038",
                "",
                ("`on_limit` of the limits: `tidy` is a finalizer; name a node of its own, that no edge leads to"),
            )
        ],
    ),
    (
        define(fn("a"), fn("sorry"), Edge("a", "sorry"), limits=WorkflowLimits(on_limit="sorry")),
        [
            (
                "E012",
                "a → sorry",
                "no edge leads to `sorry`, which `on_limit` of the limits names; it is reached by name",
            )
        ],
    ),
    (
        define(
            fn("a"),
            fn("sorry"),
            fn("b"),
            Edge("sorry", "b"),
            on_error("b", "sorry"),
            limits=WorkflowLimits(on_limit="sorry"),
        ),
        [
            (
                "E012",
                "b → sorry",
                "no edge leads to `sorry`, which `on_limit` of the limits names; it is reached by name",
            ),
            (
                "E009",
                "b → sorry",
                (
                    "`sorry → b → sorry` goes round without `repeat`; make `b → sorry` a `repeat`, with "
                    "a condition and a limit"
                ),
            ),
        ],
    ),
    (
        define(each("label"), wait("one", duration_ms=1)),
        [("E025", "", f"map `label`: its item node `one` is a wait; {ONLY}")],
    ),
    (
        define(each("label"), limit_exceeded("one")),
        [
            (
                "E025",
                "",
                (f"map `label`: its item node `one` is a limit_exceeded; {ONLY}"),
            )
        ],
    ),
    (
        define(each("label"), node("one", "parallel")),
        [
            (
                "E025",
                "",
                f"map `label`: its item node `one` is a parallel; {ONLY}",
            )
        ],
    ),
    (
        define(each("label"), finalizer("one")),
        [
            (
                "E025",
                "",
                f"map `label`: its item node `one` is a finalizer; {ONLY}",
            )
        ],
    ),
    (
        define(each("ship_all"), subgraph("one", output_key="receipt")),
        [
            (
                "E025",
                "",
                ("item node `one` has an `output_key`; items don't write the state; put it on the map `ship_all`"),
            )
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_two_maps_may_share_an_item_node() -> None:
    assert found(define(each("label"), each("sort"), fn("one"), Edge("label", "sort"))) == []


def test_finalizers_and_items_need_no_edge() -> None:
    assert found(define(each("label"), fn("one"), finalizer("tidy"), finalizer("tell"))) == []

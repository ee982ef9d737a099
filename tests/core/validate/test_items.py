"""Nodes that are reached by name: the items of maps, and finalizers."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Definition, Edge
from pectin.nodes import KINDS
from tests.definitions import approval, define, each, finalizer, fn, found, node

KINDS_TOLD = ", ".join(f"`{kind.NAME}`" for kind in KINDS)
NOT_YET = f"node `one`: kind `tool` is not there yet; there are {KINDS_TOLD}"

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(each("label", item="onee"), fn("one")),
        [("E025", "", "map `label`: unknown item node `onee`; did you mean `one`?")],
    ),
    (
        define(each("label", item="one"), approval("one")),
        [
            ("E025", "", ("map `label`: its item node `one` is a human_approval; only a python_fn can be one")),
            ("E015", "", ("approval `one` has no way on for `approved`; lead it to a node, or to the end")),
            ("E015", "", ("approval `one` has no way on for `rejected`; lead it to a node, or to the end")),
        ],
    ),
    (define(each("label"), node("one", "tool")), [("E023", "", NOT_YET)]),
    (
        define(each("label"), fn("one", output_key="labels")),
        [("E025", "", ("item node `one` has an `output_key`; items don't write the state; put it on the map `label`"))],
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
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_two_maps_may_share_an_item_node() -> None:
    assert found(define(each("label"), each("sort"), fn("one"), Edge("label", "sort"))) == []


def test_finalizers_and_items_need_no_edge() -> None:
    assert found(define(each("label"), fn("one"), finalizer("tidy"), finalizer("tell"))) == []

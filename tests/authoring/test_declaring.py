"""Nodes that run functions, and maps, as they are noted down."""

from __future__ import annotations

from typing import Any

from pectin.authoring.declaring import function_node, plain, set_items
from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Effect, OnItemFailure, Place
from pectin.core.retry import PRESETS
from tests.authoring.orders import Item, Order

PLACE = Place("a.py", 3)
OPTIONS: dict[str, Any] = {"effect": "idempotent", "retry": None, "timeout": None}


def keep(state: Order) -> Order:
    return state


def label(item: Item) -> str: ...


def test_a_function_is_noted_with_its_line_and_the_names_around_it() -> None:
    near = Order
    draft = Draft("orders", PLACE)
    node = function_node(draft, keep, "python_fn", name=None, effect="once", retry="io_default", timeout="30s")
    assert (node.name, node.kind, node.effect) == ("keep", "python_fn", Effect.ONCE)
    assert (node.retry, node.timeout_ms) == (PRESETS["io_default"], 30_000)
    assert node.function is not None
    assert (node.function.function, node.function.place) == (keep, node.place)
    assert node.function.names["near"] is near
    assert node.place.file.endswith("test_declaring.py")


def test_a_node_is_named_like_its_function_where_nothing_else_is_said() -> None:
    draft = Draft("orders", PLACE)
    assert function_node(draft, keep, "python_fn", name="other", **OPTIONS).name == "other"
    assert function_node(draft, lambda: None, "python_fn", name=None, **OPTIONS).name == "function"


def test_a_node_becomes_a_map() -> None:
    draft, node = Draft("orders", PLACE), DraftNode(name="m", kind="parallel", place=PLACE)
    set_items(draft, node, "state.items", max_concurrency=3, on_item_failure="wait", output_key="labels")
    assert (node.items, node.max_concurrency, node.output_key) == ("state.items", 3, "labels")
    assert node.on_item_failure is OnItemFailure.WAIT
    assert draft.problems == []


def test_what_was_declared_once_is_declared_again_as_its_function() -> None:
    wf = Workflow("orders", version="1.0.0", state=Order)
    assert plain(keep) is keep
    assert plain(wf.node(keep)) is keep
    assert plain(wf.each("state.items")(label)) is label
    assert plain(wf.finalizer()(keep)) is keep

"""Handles: the edges that they declare, and the functions that they still are."""

from __future__ import annotations

import inspect
from typing import Any

from pectin.authoring.handle import END
from pectin.core.definition import Edge, Trigger
from pectin.ports.context import Context
from tests.authoring.orders import Item, Order, new_workflow


def keep(state: Order) -> Order:
    """Keeps it."""
    state.risk = "high"
    return state


async def pay(state: Order, ctx: Context) -> Order:
    state.receipt = ctx.key
    return state


def label(item: Item) -> str:
    return str(item.price)


async def test_a_node_is_its_function() -> None:
    wf = new_workflow()
    node = wf.node(keep)
    order = Order(id="A")
    assert node(order) is order
    assert order.risk == "high"
    assert (await wf.node(pay)(Order(id="A"), Context(key="k"))).receipt == "k"
    assert wf.each("state.items")(label)(Item.model_validate({"price": "1.5"})) == "1.5"
    assert getattr(node, "__name__", "") == "keep"
    assert node.__doc__ == "Keeps it."
    assert inspect.signature(node) == inspect.signature(keep)


def test_a_finalizer_is_its_function() -> None:
    finalizer = new_workflow().finalizer()(keep)
    assert finalizer(Order(id="A")).risk == "high"  # pyright: ignore[reportOptionalMemberAccess]


def test_each_word_declares_its_edge_and_returns_the_handle() -> None:
    wf = new_workflow()
    one, two = wf.node(keep, name="one"), wf.node(keep, name="two")
    assert one.then(two, END, when="state.risk == 'high'") is one
    assert one.otherwise(END) is one
    assert one.on_error(two, when="error.error_class == 'timeout'") is one
    assert two.then(END) is two
    assert two.repeat(two, when="state.risk == 'low'", max_iterations=3) is two
    high, late = "state.risk == 'high'", "error.error_class == 'timeout'"
    assert wf.build().definition.edges == (
        Edge("one", "two", Trigger.WHEN, high),
        Edge("one", "end", Trigger.WHEN, high),
        Edge("one", "end", Trigger.OTHERWISE),
        Edge("one", "two", Trigger.ERROR, late),
        Edge("two", "end"),
        Edge("two", "two", Trigger.REPEAT, "state.risk == 'low'", 3),
    )


def test_a_decision_may_lead_to_several_targets() -> None:
    wf = new_workflow()
    review = wf.approval("review", "Refund?", deadline="72h")
    one, two = wf.node(keep, name="one"), wf.node(keep, name="two")
    assert review.on(approved=(one, two), rejected=END).on(timeout=END) is review
    edges: list[Any] = [(edge.target, edge.condition) for edge in wf.build().definition.edges]
    assert edges == [
        ("one", "output.decision == 'approved'"),
        ("two", "output.decision == 'approved'"),
        ("end", "output.decision == 'rejected'"),
        ("end", "output.decision == 'timeout'"),
    ]

"""What can stand in for a node, and what can't."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from pectin import END, Workflow
from pectin.authoring.blueprint import Blueprint
from pectin.core.error import BadValue
from pectin.ports.context import Context
from pectin.ports.function import Function, Request, Result
from pectin.runtime.simulation import BadSimulation, Simulations


@dataclass
class Order:
    number: str = "A-1"
    cents: int = 0
    notes: list[str] = field(default_factory=list[str])
    receipt: str | None = None


def keep(state: Order) -> Order:
    return state


def buy(state: Order) -> str:
    return "bought"


def label(item: str) -> str:
    return item


def tidy(state: Order) -> None: ...


def workflow() -> Workflow[Order]:
    wf = Workflow("order", version="1.0.0", state=Order, reducers={"notes": "append"})
    pay = wf.node(keep, name="pay")
    sure = wf.node(keep, name="sure", effect="pure")
    bought = wf.node(buy, output_key="receipt")
    labels = wf.each("state.notes")(label)
    review = wf.approval("review", "Go on?")
    fan = wf.parallel("fan")
    pay.then(sure)
    sure.then(bought)
    bought.then(labels)
    labels.then(fan)
    fan.then(review)
    review.on(approved=END, rejected=END)
    wf.finalizer()(tidy)
    return wf


STATE = {"number": "A-1", "cents": 5, "notes": ["old"], "receipt": None}


def find(simulations: Simulations, blueprint: Blueprint[Any], name: str) -> Function | None:
    """What runs a node; of a map, each of its items."""
    nodes = blueprint.program.nodes
    return simulations.find(blueprint.program, nodes.get(f"{name}-item", nodes[name]))


def call(node: str, given: object, **request: Any) -> Result:
    function = find(Simulations(blueprint := workflow().build(), {node: given}), blueprint, node)
    assert function is not None
    result = function.call(Request(STATE, Context(), **request))
    assert isinstance(result, Result)
    return result


def test_a_value_is_what_the_node_would_give() -> None:
    assert call("pay", {"cents": 7}) == Result({"cents": 7})
    assert call("pay", None) == Result({})
    assert call("buy", "r-1") == Result({"receipt": "r-1"})
    assert call("label", "x", item="old") == Result(output="x")
    assert call("tidy", {"cents": 1}) == Result({"cents": 1})


def test_a_function_sees_what_the_node_would_see() -> None:
    def change(state: Order) -> Order:
        state.cents += 2
        state.notes.append("new")
        return state

    def receipt(state: Order) -> str:
        return f"{state.number} {state.cents}"

    def shout(item: str) -> str:
        return item.upper()

    assert call("pay", change) == Result({"cents": 7, "notes": ["new"]})
    assert call("buy", receipt) == Result({"receipt": "A-1 5"})
    assert call("label", shout, item="old") == Result(output="OLD")


def test_what_it_raises_is_raised_in_the_node_s_place() -> None:
    def fail(state: Order) -> None:
        raise OSError("the line is down")

    with pytest.raises(OSError, match="the line is down"):
        call("pay", fail)


async def later(state: Order) -> Order:
    return state


@pytest.mark.parametrize(
    ("node", "given", "told"),
    [
        ("payy", 1, "simulate, `payy`: there is no such node; did you mean `pay`?"),
        ("fan", 1, "simulate, `fan`: it only leads on; leave it out"),
        ("label-item", 1, "simulate, `label-item`: it is called `label`; "),
        ("pay", 5, "simulate, `pay`: 5 sets nothing; give the keys of the state that it sets"),
        ("pay", {"cnts": 5}, "simulate, `pay`: the state has no `cnts`"),
        ("pay", {"cents": "five"}, "simulate, `pay`: $.cents"),
        ("pay", {"notes": ["other"]}, "simulate, `pay`: `notes`: "),
        ("pay", Decimal(5), "simulate, `pay`: Decimal('5') is neither JSON nor a Order"),
        ("pay", {"cents": Decimal(5)}, "simulate, `pay`: "),
        ("buy", 5, "simulate, `buy`: $.receipt"),
    ],
)
def test_what_can_t_stand_in_is_refused(node: str, given: object, told: str) -> None:
    with pytest.raises(BadValue) as refused:
        call(node, given)
    assert str(refused.value).startswith(told)


def test_an_async_function_can_t_stand_in() -> None:
    with pytest.raises(BadSimulation, match="is an async function"):
        call("pay", later)


def test_pure_functions_run_and_no_others() -> None:
    simulations = Simulations(blueprint := workflow().build(), {})
    assert find(simulations, blueprint, "sure") is not None
    assert find(simulations, blueprint, "pay") is None
    assert simulations.unable() == {"pay", "buy", "label-item", "tidy"}
    assert Simulations(workflow().build(), {"label": 1, "buy": "r"}).unable() == {"pay", "tidy"}


def test_a_pure_function_may_be_stood_in_for_too() -> None:
    assert call("sure", {"cents": 1}) == Result({"cents": 1})

"""A function as a worker calls it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from pectin.authoring.function import BadItem, BadState
from pectin.authoring.workflow import Workflow
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Function, Request, Result
from tests.authoring.orders import Item, Order, SomeOfOrder, new_workflow, stored


def assess(state: Order) -> Order:
    state.risk = "high"
    return state


async def pay(state: Order, ctx: Context) -> SomeOfOrder:
    return {"receipt": f"{ctx.key}, {ctx.attempt}"}


async def look_up(state: Order) -> list[Item]:
    raise ConnectionError("the shop is away")


async def price(item: Item, ctx: Context) -> str:
    return f"{item.price}, {ctx.key}"


def functions() -> dict[str, Function]:
    wf = new_workflow()
    first = wf.node(assess)
    second = wf.node(pay)
    third = wf.node(look_up, output_key="items")
    fourth = wf.each("state.items", output_key="labels")(price)
    first.then(second, third, fourth)
    return dict(wf.build().functions)


FUNCTIONS = functions()


async def call(name: str, request: Request) -> Result:
    function = FUNCTIONS[name]
    result = function.call(request)
    assert isinstance(result, Awaitable) is function.is_async
    concluded = await result if isinstance(result, Awaitable) else result
    assert isinstance(concluded, Result)
    return concluded


async def test_a_sync_function_gives_its_result() -> None:
    state = stored()
    assert await call("assess", Request(state, Context())) == Result({"risk": "high"})
    assert state == stored()


async def test_an_async_function_gets_the_context() -> None:
    result = await call("pay", Request(stored(), Context(key="k", attempt=2)))
    assert result == Result({"receipt": "k, 2"})


async def test_the_function_of_a_map_gets_an_item_and_no_state() -> None:
    result = await call("price", Request({}, Context(key="k"), {"price": "1.50"}))
    assert result == Result(output="1.50, k")


async def test_what_the_function_raises_is_raised() -> None:
    with pytest.raises(ConnectionError, match="the shop is away"):
        await call("look_up", Request(stored(), Context()))


async def test_a_state_of_another_type_is_told_before_the_function_runs() -> None:
    with pytest.raises(BadState, match="the state is no Order for `assess`: id: is missing"):
        await call("assess", Request({}, Context()))


async def test_an_item_of_another_type_is_told_before_the_function_runs() -> None:
    with pytest.raises(BadItem, match="the item is no Item for `price`: price: is missing") as caught:
        await call("price", Request({}, Context(), {}))
    assert caught.value.error_class == "bad_items"


def test_each_call_has_an_object_of_its_own() -> None:
    seen: list[dict[str, Any]] = []

    def grow(state: dict[str, Any]) -> dict[str, Any]:
        seen.append(state)
        state["list"].append(1)
        return state

    wf = Workflow("loose", version="1.0.0", state=dict[str, Any])
    wf.node(grow)
    function = wf.build().functions["grow"]
    request = Request({"list": []}, Context())
    assert function.call(request) == function.call(request) == Result({"list": [1]})
    assert seen[0] is not seen[1]


def test_a_result_that_is_no_json_names_the_key() -> None:
    def spoil(state: dict[str, Any]) -> dict[str, Any]:
        return {"parts": [{"price": float("nan")}]}

    wf = Workflow("loose", version="1.0.0", state=dict[str, Any])
    wf.node(spoil)
    with pytest.raises(BadResult, match=r"`spoil` .*parts\[0\]\.price: nan"):
        wf.build().functions["spoil"].call(Request({}, Context()))

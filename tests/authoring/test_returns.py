"""From what a function returned to what it changed, and what is said of what can't be stored."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.returns import (
    Returns,
    ReturnsKeys,
    ReturnsOutput,
    ReturnsState,
    ReturnsValue,
    changes,
    conclude,
    same,
)
from pectin.authoring.state_model import state_model_of
from pectin.authoring.values import Values
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Request, Result
from tests.authoring.orders import Order, OrderDict, SomeOfOrder, stored

MODEL = state_model_of(Order)
STATE = ReturnsState(MODEL)
KEYS = ReturnsKeys(MODEL, Values(SomeOfOrder, "SomeOfOrder"))
RECEIPT = ReturnsValue(MODEL, "receipt", Values(str, "str"))
LABELS = ReturnsValue(MODEL, "labels", Values(list[str], "list[str]"))
OUTPUT = ReturnsOutput(Values(Decimal, "Decimal"))
FINALIZER = ReturnsState(MODEL, may_be_none=True)

Body = Callable[[Order], Any]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


def run(returns: Returns, function: Body, before: dict[str, Any] | None = None) -> Result:
    state = stored() if before is None else before
    request = Request(state, Context())
    given = MODEL.read(state)
    return conclude(returns, "`f`", request, given, function(given))


def changed(**values: Any) -> Callable[[Order], Order]:
    def change(order: Order) -> Order:
        for name, value in values.items():
            setattr(order, name, value)
        return order

    return change


PATCHES: list[tuple[Returns, Body, Result]] = [
    (STATE, changed(), Result()),
    (STATE, changed(risk="low"), Result()),
    (STATE, changed(risk="high"), Result({"risk": "high"})),
    (STATE, changed(amount=Decimal("1299.00")), Result({"amount": "1299.00"})),
    (STATE, changed(amount=5), Result({"amount": "5"})),
    (STATE, lambda order: order.model_copy(update={"receipt": "r"}), Result({"receipt": "r"})),
    (KEYS, lambda order: {"risk": "high"}, Result({"risk": "high"})),
    (KEYS, lambda order: {"risk": "low"}, Result()),
    (KEYS, lambda order: {}, Result()),
    (RECEIPT, lambda order: "r", Result({"receipt": "r"})),
    (LABELS, lambda order: [], Result({"labels": []})),
    (OUTPUT, lambda order: Decimal("1.0"), Result(output="1.0")),
    (FINALIZER, lambda order: None, Result()),
    (FINALIZER, changed(receipt="r"), Result({"receipt": "r"})),
]


@pytest.mark.parametrize(("returns", "function", "result"), PATCHES)
def test_what_changed_is_the_patch(returns: Returns, function: Body, result: Result) -> None:
    assert run(returns, function) == result


def change_and_return(value: Any) -> Body:
    def change(order: Order) -> Any:
        order.risk = "high"
        return value

    return change


def another(order: Order) -> Order:
    copy = order.model_copy()
    order.risk = "high"
    return copy


BAD_RESULTS: list[tuple[Returns, Body, str]] = [
    (
        STATE,
        change_and_return(None),
        "`f` changed `risk` in the state it was given but returned None: return the state",
    ),
    (FINALIZER, change_and_return(None), "`f` changed `risk` in the state it was given but returned None"),
    (STATE, another, "`f` changed `risk` in the state it was given but returned another one without that"),
    (KEYS, change_and_return({}), "`f` changed `risk` in the state it was given but returned keys"),
    (RECEIPT, change_and_return("r"), "`f` changed `risk` in the state it was given but returned only `receipt`"),
    (STATE, lambda order: None, "`f` returned None: return the state"),
    (STATE, lambda order: {"id": "A"}, '`f` returned what is no Order: {"id":"A"} is no Order'),
    (STATE, changed(risk="hgih"), "`f` returned what is no Order: risk: should be 'low' or 'high', got \"hgih\""),
    (STATE, changed(receipt="\ud800"), "`f` returned a state that can't be stored: receipt: text with half"),
    (STATE, changed(amount=2**64), "`f` returned a state that can't be stored: amount: an integer beyond 64 bits"),
    (STATE, changed(amount=math.nan), "`f` returned what is no Order: amount: Decimal input should be"),
    (KEYS, lambda order: {"rsik": "high"}, "`f` returned `rsik`, which Order lacks; did you mean `risk`?"),
    (KEYS, lambda order: {"risk": "hgih"}, "`f` risk: should be 'low' or 'high'"),
    (KEYS, lambda order: None, "`f` returned null instead of SomeOfOrder"),
    (RECEIPT, lambda order: 3, "`f` returned what is no str: the value: should be a string, got 3"),
    (OUTPUT, lambda order: "x", '`f` returned what is no Decimal: the value: should be a decimal, got "x"'),
    (OUTPUT, lambda order: math.nan, "`f` returned what is no Decimal: the value: Decimal input should be"),
]


@pytest.mark.parametrize(("returns", "function", "text"), BAD_RESULTS)
def test_what_cant_be_stored_is_told(returns: Returns, function: Body, text: str) -> None:
    with pytest.raises(BadResult) as caught:
        run(returns, function)
    assert text in str(caught.value)
    msgspec.json.encode(caught.value.output)


def test_a_forgotten_await_is_told() -> None:
    async def later(order: Order) -> Order:
        return order

    with pytest.raises(BadResult, match="`f` returned a coroutine: make it `async def`"):
        run(STATE, later)


def test_a_state_of_older_code_is_no_change_of_the_functions() -> None:
    older = stored()
    del older["receipt"]
    assert run(LABELS, lambda order: ["a"], older) == Result({"receipt": None, "labels": ["a"]})


def test_a_key_that_a_dict_state_lost_is_removed() -> None:
    returns = ReturnsState(state_model_of(dict))
    request = Request({"a": 1, "b": 2}, Context())
    given = {"a": 1, "b": 2}
    assert conclude(returns, "`f`", request, given, {"b": 3, "c": None}) != Result()
    del given["a"]
    given["b"] = 3
    assert conclude(returns, "`f`", request, given, given) == Result({"b": 3}, ("a",))


def test_a_typed_dict_state_keeps_its_keys() -> None:
    returns = ReturnsState(state_model_of(OrderDict))
    state = {"id": "A", "risk": "low"}
    with pytest.raises(BadResult, match="risk: is missing"):
        conclude(returns, "`f`", Request(state, Context()), dict(state), {"id": "A"})


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), ([1], [True]), ({"a": 0}, {"a": False})])
def test_numbers_of_other_kinds_are_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


@given(JSON, JSON)
def test_same_is_the_same_json(one: Any, other: Any) -> None:
    def write(value: Any) -> bytes:
        return msgspec.json.encode(value, order="deterministic")

    assert same(one, one)
    assert same(one, other) == (write(one) == write(other))


@given(st.dictionaries(st.sampled_from("abcd"), JSON), st.dictionaries(st.sampled_from("abcd"), JSON))
def test_changes_lead_from_one_state_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch = changes(before, after)
    kept = {key: value for key, value in before.items() if key in after}
    assert same(kept | patch, after)
    assert not any(key in before and same(before[key], value) for key, value in patch.items())

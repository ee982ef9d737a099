"""From what a function returned to what it changed, and what is said of what can't be stored."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pectin.authoring.returns import (
    Returns,
    ReturnsKeys,
    ReturnsOutput,
    ReturnsState,
    ReturnsValue,
    ReturnsVerdict,
    changes,
    conclude,
    same,
)
from pectin.authoring.state_model import state_model_of
from pectin.authoring.values import Values
from pectin.core.definition import Reducer
from pectin.ports.context import Context
from pectin.ports.function import BadResult, DidNot, Happened, Request, Result, Unknown, Verdict
from tests.authoring.orders import Order, OrderDict, SomeOfOrder, stored

MODEL = state_model_of(Order)
STATE = ReturnsState(MODEL)
KEYS = ReturnsKeys(MODEL, Values(SomeOfOrder, "SomeOfOrder"))
RECEIPT = ReturnsValue(MODEL, "receipt", Values(str, "str"))
LABELS = ReturnsValue(MODEL, "labels", Values(list[str], "list[str]"))
OUTPUT = ReturnsOutput(Values(Decimal, "Decimal"))
FINALIZER = ReturnsState(MODEL, may_be_none=True)

Body = Callable[[Order], Any]


class Added(TypedDict, total=False):
    labels: list[str]
    amount: Decimal
    risk: Literal["low", "high"]


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


# -- keys with a reducer -------------------------------------------------------------------------------------------

REDUCERS = {"labels": Reducer.APPEND, "amount": Reducer.ADD}
ADDING = ReturnsState(MODEL, reducers=REDUCERS)
ADDED_KEYS = ReturnsKeys(MODEL, Values(Added, "Added"), reducers=REDUCERS)
ADDED_LABELS = ReturnsValue(MODEL, "labels", Values(list[str], "list[str]"), adds=True)


def grow(order: Order) -> Order:
    order.labels.append("new")
    order.amount += Decimal("0.50")
    order.risk = "high"
    return order


def test_what_a_state_grew_by_is_what_is_added() -> None:
    before = stored() | {"labels": ["old"], "amount": "10.00"}
    assert run(ADDING, grow, before) == Result({"labels": ["new"], "amount": "0.50", "risk": "high"})
    assert run(ADDING, changed(), before) == Result()


def test_what_is_returned_by_its_key_is_added_as_it_is() -> None:
    before = stored() | {"labels": ["old"], "amount": "10.00"}
    returned = {"labels": ["old"], "risk": "low"}
    assert run(ADDED_KEYS, lambda order: returned, before) == Result({"labels": ["old"]})
    assert run(ADDED_LABELS, lambda order: [], before) == Result({"labels": []})


def test_what_no_addition_makes_is_told() -> None:
    before = stored() | {"labels": ["old"]}
    with pytest.raises(BadResult, match=r"`f` returned a state whose `labels` can't be stored: .*`append` only adds"):
        run(ADDING, changed(labels=["other"]), before)


def test_a_key_that_is_added_to_cannot_be_removed() -> None:
    returns = ReturnsState(state_model_of(dict), reducers={"notes": Reducer.APPEND})
    given: dict[str, Any] = {}
    with pytest.raises(BadResult, match="`f` removed `notes`: its reducer `append` only adds"):
        conclude(returns, "`f`", Request({"notes": [1]}, Context()), given, given)


# -- a part of the state -------------------------------------------------------------------------------------------


class Part(BaseModel, extra="forbid"):
    risk: Literal["low", "high"]


PART = state_model_of(Part)


def test_a_part_of_the_state_is_returned_as_a_whole_one_is() -> None:
    given = PART.read({"risk": "low"})
    given.risk = "high"
    returns = ReturnsState(PART)
    assert conclude(returns, "`f`", Request({"risk": "low"}, Context()), given, given) == Result({"risk": "high"})


@pytest.mark.parametrize(
    ("returns", "returned"),
    [
        (ReturnsKeys(MODEL, Values(SomeOfOrder, "SomeOfOrder"), given=PART), {"receipt": "r"}),
        (ReturnsValue(MODEL, "receipt", Values(str, "str"), given=PART), "r"),
    ],
)
def test_who_is_given_a_part_may_return_other_keys_and_must_not_forget_its_own(returns: Returns, returned: Any) -> None:
    request = Request(stored(), Context())
    given = PART.read({"risk": "low"})
    assert conclude(returns, "`f`", request, given, returned) == Result({"receipt": "r"})
    given.risk = "high"
    with pytest.raises(BadResult, match="changed `risk` in the state it was given"):
        conclude(returns, "`f`", request, given, returned)


# -- verdicts ------------------------------------------------------------------------------------------------------

VERDICTS: list[tuple[Returns, Any, Verdict]] = [
    (RECEIPT, Happened("r"), Verdict(True, Result({"receipt": "r"}))),
    (KEYS, Happened({"risk": "high"}), Verdict(True, Result({"risk": "high"}))),
    (OUTPUT, Happened(Decimal("1.0")), Verdict(True, Result(output="1.0"))),
    (RECEIPT, DidNot(), Verdict(False)),
    (RECEIPT, Unknown(), Verdict(None)),
]


@pytest.mark.parametrize(("returns", "returned", "verdict"), VERDICTS)
def test_what_has_happened_is_concluded_as_if_the_function_had_returned_it(
    returns: Returns, returned: Any, verdict: Verdict
) -> None:
    request = Request(stored(), Context())
    assert conclude(ReturnsVerdict(returns), "`f`", request, MODEL.read(stored()), returned) == verdict


def test_a_state_that_has_happened_is_the_one_that_was_given_and_changed() -> None:
    order = MODEL.read(stored())
    order.risk = "high"
    verdict = conclude(ReturnsVerdict(STATE), "`f`", Request(stored(), Context()), order, Happened(order))
    assert verdict == Verdict(True, Result({"risk": "high"}))


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        (None, r"`f` returned null: return Happened\(result\), DidNot\(\) or Unknown\(\)"),
        (True, "`f` returned true: return Happened"),
        (DidNot, "`f` returned .*DidNot.*: return Happened"),
        (Happened(3), "`f` returned what is no str: the value: should be a string, got 3"),
    ],
)
def test_what_is_no_verdict_is_told(returned: Any, text: str) -> None:
    with pytest.raises(BadResult, match=text):
        conclude(ReturnsVerdict(RECEIPT), "`f`", Request(stored(), Context()), MODEL.read(stored()), returned)


# -- keys that are all there -----------------------------------------------------------------------------------------


class BothOfOrder(TypedDict):
    risk: Literal["low", "high"]
    receipt: str | None


def test_who_returns_none_of_the_keys_that_must_be_there_is_told_of_all() -> None:
    with pytest.raises(BadResult, match="`f` risk: is missing; receipt: is missing"):
        run(ReturnsKeys(MODEL, Values(BothOfOrder, "BothOfOrder")), lambda order: {})

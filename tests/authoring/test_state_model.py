"""States of all four sorts: read, written, completed from an input."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NotRequired, TypedDict

import pytest
from pydantic import BaseModel, computed_field

from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.schema_of import NoSchema
from pectin.authoring.state_model import DictModel, state_model_of
from tests.authoring.orders import Item, Order, OrderData, OrderDict, stored

MODELS: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (Order, {"id": "A"}, stored()),
    (OrderData, {"id": "A"}, {"id": "A", "amount": "0", "items": []}),
    (OrderDict, {"id": "A", "risk": "low"}, {"id": "A", "risk": "low"}),
    (dict[str, Any], {"id": "A"}, {"id": "A"}),
    (dict, {}, {}),
]


@pytest.mark.parametrize(("state", "given", "complete"), MODELS)
def test_an_input_is_completed_and_comes_back(state: Any, given: dict[str, Any], complete: dict[str, Any]) -> None:
    model = state_model_of(state)
    assert model.complete(given) == complete
    assert model.complete(complete) == complete
    assert model.dump(model.read(complete)) == complete
    assert model.settle(complete) == complete


def test_an_object_is_an_input() -> None:
    order = Order(id="A", items=[Item(price=Decimal(1))])
    assert state_model_of(Order).complete(order) == stored(items=[{"price": "1"}])
    assert state_model_of(OrderData).complete(OrderData("A", Decimal(2)))["amount"] == "2"


def test_reading_gives_a_private_copy() -> None:
    state = {"list": [1]}
    DictModel().read(state)["list"].append(2)
    assert state == {"list": [1]}


@pytest.mark.parametrize(
    ("state", "given", "problems"),
    [
        (Order, {"x": "A"}, ["x: there is no such field"]),
        (Order, {"idd": "A"}, ["idd: there is no such field; did you mean `id`?"]),
        (Order, {"amount": "x"}, ["id: is missing", 'amount: should be a decimal, got "x"']),
        (Order, {"id": "A", "risk": "hgih"}, ["risk: should be 'low' or 'high', got \"hgih\""]),
        (Order, {"id": "A", "items": [{"price": "1"}, {}]}, ["items.1.price: is missing"]),
        (Order, [1], ["[1] is neither a Order nor a JSON object"]),
        (Order, None, ["null is neither a Order nor a JSON object"]),
        (Order, {"id": 2**64}, ["input.id: an integer beyond 64 bits; write it as text"]),
        (OrderDict, {"id": "A"}, ["risk: is missing"]),
        (dict, {"a": float("nan")}, ["input.a: nan is no JSON number; use null, or text"]),
        (dict, {"a": Decimal(1)}, ["input.a: Decimal is no JSON type; write str(value)"]),
    ],
)
def test_a_bad_input_is_told_by_field(state: Any, given: Any, problems: list[str]) -> None:
    with pytest.raises(TypeMismatch) as caught:
        state_model_of(state).complete(given)
    assert list(caught.value.problems) == problems


@pytest.mark.parametrize(
    ("state", "returned", "text"),
    [
        (Order, None, "null is no Order"),
        (Order, {"id": "A"}, "is no Order"),
        (OrderDict, {"id": "A", "risk": "low", "x": 1}, "x: there is no such field"),
        (OrderDict, {"id": "A"}, "risk: is missing"),
        (dict, [], r"\[\] is no dict"),
    ],
)
def test_what_is_no_state_at_all_is_told(state: Any, returned: Any, text: str) -> None:
    with pytest.raises(TypeMismatch, match=text):
        state_model_of(state).dump(returned)


class Computed(BaseModel):
    price: int

    @computed_field
    @property
    def double(self) -> int:
        return 2 * self.price


def test_computed_fields_are_no_part_of_the_state() -> None:
    assert state_model_of(Computed).complete({"price": 2}) == {"price": 2}


class Partial(TypedDict):
    risk: NotRequired[str]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (int, "int is no type for a state"),
        (list[str], "is no type for a state"),
        (dict[int, str], "the keys of a state are names"),
        (Partial, "`risk` is NotRequired"),
    ],
)
def test_what_can_be_no_state_is_refused(state: Any, text: str) -> None:
    with pytest.raises(NoSchema, match=text):
        state_model_of(state)

"""A state of which only the schema is known behaves as one of a class with that schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from pectin.authoring.declared_state import DeclaredModel
from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.state_model import state_model_of
from pectin.core.schema import Any as AnySchema
from pectin.core.schema import Field, Object, String


class Line(BaseModel):
    sku: str
    count: int | None


class Refund(BaseModel):
    order: str
    amount: Decimal = Decimal(0)
    risk: Literal["unknown", "low"] = "unknown"
    lines: list[Line] = []
    notes: dict[str, Any] = {}


TYPED = state_model_of(Refund)
DECLARED = state_model_of(TYPED.schema)


@pytest.mark.parametrize(
    "given",
    [
        {"order": "A"},
        {"order": "A", "amount": 12, "lines": [{"sku": "x", "count": None}], "notes": {"a": [1]}},
        {"order": "A", "amount": "12.50"},
    ],
)
def test_an_input_becomes_the_same_state(given: dict[str, Any]) -> None:
    assert isinstance(DECLARED, DeclaredModel)
    assert DECLARED.complete(given) == TYPED.complete(given)


@pytest.mark.parametrize(
    "given",
    [{}, {"order": 5}, {"order": "A", "amount": "x"}, {"order": "A", "risk": "high"}, {"order": "A", "ordr": "B"}, [1]],
)
def test_a_wrong_input_is_wrong_for_both(given: Any) -> None:
    told: list[tuple[str, ...]] = []
    for model in (DECLARED, TYPED):
        with pytest.raises(TypeMismatch) as caught:
            model.complete(given)
        told.append(caught.value.problems)
    assert [text.split(":")[0] for text in told[0]] == [text.split(":")[0] for text in told[1]] or given == [1]


def test_it_is_read_as_a_private_copy_of_its_json() -> None:
    state = DECLARED.complete({"order": "A", "notes": {"a": []}})
    read = DECLARED.read(state)
    read["notes"]["a"].append(1)
    assert state["notes"] == {"a": []}
    assert DECLARED.dump(read) is read
    assert DECLARED.settle({**read, "amount": 3})["amount"] == "3"
    for wrong in ({}, {**read, "more": 1}, [read]):
        with pytest.raises(TypeMismatch):
            DECLARED.dump(wrong)


def test_fields_can_be_checked_alone() -> None:
    part = DECLARED.part(["amount", "risk"])
    assert part is not None
    assert part.settle({"amount": 5}) == {"amount": "5"}
    with pytest.raises(TypeMismatch):
        part.settle({"risk": "high"})


def test_what_is_open_lets_more_pass() -> None:
    model = DeclaredModel(
        Object({"a": Field(AnySchema()), "b": Field(Object({"c": Field(String(), False)}))}, open=True)
    )
    assert model.complete({"a": 1, "b": {}, "d": 2}) == {"a": 1, "b": {}, "d": 2}
    with pytest.raises(TypeMismatch, match="e"):
        model.complete({"a": 1, "b": {"e": 1}})

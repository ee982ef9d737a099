"""Values of types, from and to JSON, and what is said of wrong ones."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.values import Values, show, tell


class Note(BaseModel):
    price: Decimal = Decimal(0)
    weight: float = 0
    at: datetime | None = None
    more: Any = None


@given(
    st.builds(
        Note,
        price=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9),
        weight=st.floats(allow_nan=False, allow_infinity=False),
        at=st.datetimes(timezones=st.just(UTC)),
        more=st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé😀"), st.lists, max_leaves=5),
    )
)
def test_what_is_written_is_read_again(note: Note) -> None:
    values = Values(Note, "note")
    written = values.settle(note)
    assert values.read(written) == note
    assert values.settle(values.read(written)) == written


def test_money_is_text_and_time_is_rfc_3339() -> None:
    written = Values(Note, "note").settle(Note(price=Decimal("1299.00"), at=datetime(2026, 11, 26, 9, 14, tzinfo=UTC)))
    assert written["price"] == "1299.00"
    assert written["at"] == "2026-11-26T09:14:00Z"


def test_reading_gives_a_private_copy() -> None:
    stored = {"price": "0", "weight": 0.0, "at": None, "more": {"list": [1]}}
    Values(Note, "note").read(stored).more["list"].append(2)
    assert stored["more"] == {"list": [1]}


def test_a_value_of_another_type_is_put_into_the_types_form() -> None:
    assert Values(Decimal, "price").settle(5) == "5"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"weight": math.nan}, r"note\.weight: nan is no JSON number"),
        ({"more": math.inf}, r"note\.more: inf is no JSON number"),
        ({"more": {"a": [1, math.nan]}}, r"note\.more\.a\[1\]: nan is no JSON number"),
        ({"more": "\ud800"}, r"note\.more: text with half a surrogate pair"),
        ({"more": 2**64}, r"note\.more: an integer beyond 64 bits"),
        ({"more": object}, "Unable to serialize unknown type"),
        ({"price": "x"}, 'price: should be a decimal, got "x"'),
        ({"weight": None, "price": []}, "price: .*; weight: should be a number, got null"),
    ],
)
def test_what_is_no_json_or_no_note_is_told(changes: dict[str, Any], text: str) -> None:
    note = Note()
    for name, value in changes.items():
        setattr(note, name, value)
    with pytest.raises(TypeMismatch, match=text):
        Values(Note, "note").settle(note)


class Line(TypedDict):
    price: Decimal


@pytest.mark.parametrize("key", [None, 1, (1, 2), frozenset[str]()])
def test_a_key_that_is_no_text_is_told(key: Any) -> None:
    for line in ({key: 1}, {"price": "1", key: 1}):
        with pytest.raises(TypeMismatch):
            Values(Line, "line").settle(line)
        with pytest.raises(TypeMismatch):
            Values(list[Line], "lines").settle([line])
        assert show(line)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 100, '"' + "x" * 56 + "…"),
        (math.nan, '"nan"'),
        ("\ud800", "\"'\\\\ud800'\""),
        (Decimal("1.0"), '"1.0"'),
        ([1, None], "[1,null]"),
    ],
)
def test_any_value_can_be_shown(value: Any, shown: str) -> None:
    assert show(value) == shown


def test_what_json_cant_say_is_told_as_text() -> None:
    assert tell({"a": object}) == {"a": "<class 'object'>"}
    assert tell(2**70) == str(2**70)


@pytest.mark.parametrize("levels", [200, 3_000])
def test_what_is_too_deep_to_be_written_is_told_in_few_words(levels: int) -> None:
    deep: list[Any] = []
    for _ in range(levels):
        deep = [deep]
    values = Values(list[Any], "values")
    with pytest.raises(TypeMismatch):
        values.settle(deep)
    assert len(str(tell(deep))) < 500
    assert tell(10**5_000) == "a huge int"


def test_an_integer_that_no_float_can_hold_is_no_value_of_its_type() -> None:
    with pytest.raises(TypeMismatch):
        Values(float, "weight").settle(10**5_000)

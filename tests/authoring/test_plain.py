"""Types that are read as the JSON that they are: what comes of it is what their text would give, and a copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import core_schema

from pectin.authoring.adapter import adapter_of
from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.plain import is_json, is_plain
from pectin.authoring.values import Values


class Line(TypedDict):
    text: str
    price: NotRequired[float | None]


@dataclass
class Part:
    text: str


@dataclass
class Order:
    key: str
    count: int = 1
    lines: list[Part] = field(default_factory=list[Part])


class Basket(BaseModel):
    order: Order | None = None
    flags: dict[str, bool] = {}
    tries: int = 0


class Meta(type):
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.any_schema()


@dataclass
class Made(metaclass=Meta):
    items: list[int]


@dataclass
class Older:
    items: list[int]

    @classmethod
    def __get_validators__(cls) -> Any:
        yield cls


class Bound(BaseModel):
    tries: int = Field(default=0, ge=0)


class Tree(BaseModel):
    branches: list[Tree] = []


class Colour(StrEnum):
    RED = "red"


JSON: list[Any] = [
    str,
    int,
    float,
    bool,
    list[int],
    dict[str, list[float]],
    str | None,
    Line,
    Order,
    Basket,
    list[Line],
]
OTHER: list[Any] = [
    Any,
    date,
    Decimal,
    Colour,
    Literal[1],
    int | str,
    list,
    list[Any],
    set[str],
    tuple[int, ...],
    Tree,
    Bound,
    Made,
    Older,
]

scalars = st.sampled_from([str, int, float, bool, type(None)])
types = st.recursive(
    scalars,
    lambda inner: (
        inner.map(lambda each: list[each])
        | inner.map(lambda each: dict[str, each])
        | inner.map(lambda each: each | None)
    ),
    max_leaves=3,
) | st.sampled_from(JSON)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([1.0, 0.5, -0.0, 1e300, "", "1", "1.0", "yes", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "price", "key", "count", "lines", "order", "flags"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("annotation", JSON)
def test_a_type_of_json(annotation: Any) -> None:
    assert is_json(annotation)


@pytest.mark.parametrize("annotation", OTHER)
def test_a_type_that_its_text_may_say_more_of(annotation: Any) -> None:
    assert not is_json(annotation)


@given(types, values)
def test_it_is_read_as_its_text_is(annotation: Any, value: Any) -> None:
    assume(is_json(annotation))
    adapter = adapter_of(annotation)
    try:
        read = adapter.validate_json(msgspec.json.encode(value))
    except ValidationError:
        with pytest.raises(TypeMismatch):
            Values(annotation, "it").read(value)
    else:
        assert repr(Values(annotation, "it").read(value)) == repr(read)


def test_what_is_read_is_a_copy() -> None:
    stored: dict[str, Any] = {"key": "k", "count": 1, "lines": [{"text": "a"}]}
    before = msgspec.json.encode(stored)
    order = Values(Order, "order").read(stored)
    order.lines[0].text = "b"
    order.lines.append(Part("c"))
    assert msgspec.json.encode(stored) == before


def test_plain_types_mean_what_they_say() -> None:
    assert is_plain(list[Decimal | None])
    assert is_plain(dict[str, Any])
    assert not is_plain(Colour)
    assert not is_plain(list[Order])

"""How types relate."""

import pytest

from pectin.core.expression import value
from pectin.core.expression.parse import METHODS
from pectin.core.expression.types import SIGNATURES, accepts, arithmetic, common, comparable, is_read
from pectin.core.schema import (
    Any,
    Bool,
    Decimal,
    Field,
    Float,
    Integer,
    List,
    Map,
    Null,
    Nullable,
    Object,
    Schema,
    String,
)

POINT = Object({"x": Field(Integer()), "y": Field(Integer(), False)})
LOW = String(("low",))
RISK = String(("low", "high"))


@pytest.mark.parametrize(
    ("wanted", "given", "fine"),
    [
        (Integer(), Integer((3,)), True),
        (Integer((3,)), Integer(), False),
        (RISK, LOW, True),
        (LOW, RISK, False),
        (RISK, String(), False),
        (Decimal(), Integer(), True),
        (Float(), Integer(), True),
        (Integer(), Float(), False),
        (Decimal(), String(), False),
        (Nullable(Integer()), Null(), True),
        (Nullable(Integer()), Nullable(Integer((1,))), True),
        (Integer(), Nullable(Integer()), False),
        (Any(), POINT, True),
        (POINT, Any(), True),
        (List(Float()), List(Integer()), True),
        (List(Integer()), List(String()), False),
        (Map(Integer()), POINT, True),
        (Map(String()), POINT, False),
        (POINT, Map(Integer()), True),
        (POINT, Object({"x": Field(Integer())}), True),
        (POINT, Object({"y": Field(Integer())}), False),
        (POINT, Object({"x": Field(Integer()), "z": Field(Integer())}), False),
        (POINT, Object({"x": Field(String())}), False),
        (Bool(), Integer(), False),
    ],
)
def test_what_may_stand_where(wanted: Schema, given: Schema, fine: bool) -> None:
    assert accepts(wanted, given) is fine


@pytest.mark.parametrize(
    ("one", "other", "fine"),
    [
        (Integer(), Float(), True),
        (Integer(), Decimal(), True),
        (Float(), Decimal(), False),
        (String(), Decimal(), False),
        (Bool(), Integer(), False),
        (Null(), Integer(), True),
        (Nullable(String()), LOW, True),
        (List(Integer()), List(String()), False),
        (POINT, Map(String()), True),
        (Any(), Bool(), True),
    ],
)
def test_what_may_be_compared(one: Schema, other: Schema, fine: bool) -> None:
    assert comparable(one, other) is comparable(other, one) is fine


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (LOW, String(("high",)), RISK),
        (LOW, String(), String()),
        (String(format="date"), String(), String()),
        (Integer((1,)), Integer((2,)), Integer((1, 2))),
        (Integer(), Decimal(), Decimal()),
        (Integer(), Float(), Any()),
        (Null(), Integer(), Nullable(Integer())),
        (Nullable(Integer()), Decimal(), Nullable(Decimal())),
        (List(Integer()), List(Decimal()), List(Decimal())),
        (Map(Integer()), Map(String()), Map(Any())),
        (String(), Integer(), Any()),
        (POINT, POINT, POINT),
    ],
)
def test_what_two_have_in_common(one: Schema, other: Schema, both: Schema) -> None:
    assert common(one, other) == both


@pytest.mark.parametrize(
    ("sign", "one", "other", "result"),
    [
        ("+", Integer(), Integer((2,)), Integer()),
        ("/", Float(), Float(), Float()),
        ("*", Decimal(), Integer(), Decimal()),
        ("-", Integer(), Decimal(), Decimal()),
        ("+", String(), LOW, String()),
        ("+", List(Integer()), List(Decimal()), List(Decimal())),
        ("+", Any(), String(), Any()),
        ("%", Integer(), Any(), Any()),
        ("+", Integer(), Float(), None),
        ("%", Float(), Float(), None),
        ("%", Decimal(), Integer(), None),
        ("-", String(), String(), None),
        ("-", Any(), String(), None),
        ("+", Bool(), Bool(), None),
        ("+", Any(), Bool(), None),
    ],
)
def test_what_arithmetic_gives(sign: str, one: Schema, other: Schema, result: Schema | None) -> None:
    assert arithmetic(sign, one, other) == result


def test_what_has_to_be_read() -> None:
    assert is_read(Object({"a": Field(List(Map(Nullable(Decimal()))))}))
    assert is_read(Float())
    assert not is_read(Object({"a": Field(List(Integer()))}, open=True))


def test_what_can_be_written_can_be_evaluated() -> None:
    assert SIGNATURES.keys() == value.FUNCTIONS.keys()
    assert set(METHODS) == value.METHODS.keys()

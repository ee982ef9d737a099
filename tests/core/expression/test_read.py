"""Between JSON and values."""

import json
from decimal import Decimal as Number

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.expression.error import EvaluationError
from pectin.core.expression.read import reader, scalar_reader, to_json
from pectin.core.schema import Any, Decimal, Field, Float, Integer, List, Map, Nullable, Object, Schema, String

NESTED = Object({"a": Field(List(Map(Nullable(Decimal())))), "b": Field(Float()), "c": Field(Integer())}, open=True)


def test_a_value_is_read_where_its_schema_says_so_and_nowhere_else() -> None:
    read = reader(NESTED)
    assert read is not None
    value = {"a": [{"x": "1.50", "y": None}], "b": 3, "c": 3, "z": "1.50"}
    result = read(value)
    assert repr(result) == "{'a': [{'x': Decimal('1.50'), 'y': None}], 'b': 3.0, 'c': 3, 'z': '1.50'}"
    assert read(result) == result
    assert value["b"] == 3


@pytest.mark.parametrize("declared", [Integer(), String(), Any(), List(Integer()), Object({}, open=True)])
def test_most_schemas_need_no_reading(declared: Schema) -> None:
    assert reader(declared) is None
    assert scalar_reader(declared) is None


def test_a_decimal_that_is_none_is_an_error() -> None:
    read = scalar_reader(Nullable(Decimal()))
    assert read is not None
    assert read(None) is None
    with pytest.raises(EvaluationError, match="'abc' can't be read as a decimal"):
        read("abc")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(json_values)
def test_json_stays_what_it_is_and_becomes_its_own(value: object) -> None:
    result = to_json(value)
    assert json.dumps(result) == json.dumps(value)
    assert not isinstance(value, list | dict) or result is not value


def test_decimals_are_written_as_strings() -> None:
    assert to_json([Number("1.50"), {"a": Number("1E+3")}]) == ["1.50", {"a": "1E+3"}]
    assert to_json(3, Decimal()) == "3"
    assert to_json({"a": [{"x": 3}], "b": 1}, NESTED) == {"a": [{"x": "3"}], "b": 1.0}


@pytest.mark.parametrize("value", [float("inf"), float("nan"), [float("inf")], 2**63, {"a": object()}])
def test_what_json_can_not_write(value: object) -> None:
    with pytest.raises(EvaluationError):
        to_json(value)

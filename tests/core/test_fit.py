"""What fits a schema, and the state that an input makes."""

from __future__ import annotations

from typing import Any as Json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.codec import canonical
from pectin.core.fit import MISFITS_MAX, complete, misfits, show_json
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

ITEM = Object({"sku": Field(String()), "price": Field(Decimal())}, name="Item")
STATE = Object(
    {
        "order": Field(String()),
        "amount": Field(Decimal()),
        "count": Field(Integer(), False, 0),
        "risk": Field(Nullable(String(("low", "high"))), False, None),
        "items": Field(List(ITEM), False, []),
    }
)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (Any(), {"a": [None]}),
        (Null(), None),
        (Bool(), False),
        (Bool((True,)), True),
        (Integer(), -(2**63)),
        (Integer((1, 2)), 2),
        (Float(), 3),
        (Float(), 1.5),
        (Decimal(), "1299.00"),
        (Decimal(), "-1E+3"),
        (String(), ""),
        (String(("low", "high")), "low"),
        (String(format="date"), "2024-02-29"),
        (String(format="time"), "23:59:59.123456+02:00"),
        (String(format="date-time"), "2024-02-29T12:00:00Z"),
        (String(format="uuid"), "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41"),
        (List(Integer()), []),
        (List(Nullable(Integer())), [1, None]),
        (Map(Decimal()), {"a b": "1"}),
        (ITEM, {"sku": "x", "price": "1"}),
        (Object({}, open=True), {"more": 1}),
        (Object({"note": Field(String(), False)}), {}),
        (Nullable(ITEM), None),
    ],
)
def test_what_fits(schema: Schema, value: Json) -> None:
    assert misfits(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        (Decimal(), "abc", "$: 'abc' is no decimal"),
        (Decimal(), 12, '$: 12 is no decimal; write "12"'),
        (Decimal(), 12.5, '$: 12.5 is no decimal; write "12.5"'),
        (Decimal(), "NaN", "$: 'NaN' is no decimal"),
        (Decimal(), "1E+1001", "$: '1E+1001' is no decimal"),
        (Nullable(Decimal()), 12, '$: 12 is no decimal or null; write "12"'),
        (Null(), 0, "$: 0 is not null"),
        (Bool(), 1, "$: 1 is no bool"),
        (Bool(), "true", "$: 'true' is no bool"),
        (Bool((True,)), False, "$: false is not true"),
        (Integer(), True, "$: true is no int"),
        (Integer(), 3.0, "$: 3.0 is no int"),
        (Integer(), "3", "$: '3' is no int; write it without quotes"),
        (Integer(), 2**63, "$: 9223372036854775808 is no int"),
        (Integer((1, 2)), 3, "$: 3 is not 1 or 2"),
        (Integer((1, 2)), True, "$: true is not 1 or 2"),
        (Float(), "1.5", "$: '1.5' is no double; write it without quotes"),
        (Float(), False, "$: false is no double"),
        (String(), 12, '$: 12 is no string; write "12"'),
        (String(), None, "$: null is no string"),
        (String(("low", "high")), "medium", "$: 'medium' is not 'low' or 'high'"),
        (Nullable(String(("low",))), "medium", "$: 'medium' is not 'low' or null"),
        (String(format="date"), "2024-02-30", "$: '2024-02-30' is no string (date)"),
        (String(format="date"), "20240229", "$: '20240229' is no string (date)"),
        (String(format="time"), "24:00", "$: '24:00' is no string (time)"),
        (String(format="date-time"), "2024-02-29", "$: '2024-02-29' is no string (date-time)"),
        (String(format="uuid"), "0199f3c2", "$: '0199f3c2' is no string (uuid)"),
        (List(Integer()), {}, "$: {} is no list of ints"),
        (List(Integer()), [1, "x"], "$[1]: 'x' is no int"),
        (Map(Integer()), [], "$: [] is no map"),
        (Map(Integer()), {"a b": None}, '$["a b"]: null is no int'),
        (ITEM, [], "$: [] is no Item"),
        (List(ITEM), [{"sku": "x"}], "$[0].price: is missing; write a decimal"),
        (ITEM, {"sku": "x", "price": "1", "nr": 1}, "$.nr: there is no such field"),
        (ITEM, {"sku": "x", "prise": "1"}, "$.price: is missing; write a decimal"),
    ],
)
def test_what_does_not_fit(schema: Schema, value: Json, told: str) -> None:
    assert misfits(schema, value)[0] == told


def test_a_misspelt_field_is_found() -> None:
    assert misfits(ITEM, {"sku": "x", "prise": "1"}, "$.item") == [
        "$.item.price: is missing; write a decimal",
        "$.item.prise: there is no such field; did you mean `price`?",
    ]


def test_not_more_misfits_are_told_than_anybody_reads() -> None:
    assert len(misfits(List(Integer()), ["x"] * 100)) == MISFITS_MAX


@pytest.mark.parametrize(("value", "shown"), [("é'", '"é\'"'), ({"é": [1.0, None]}, '{"é":[1.0,null]}'), ({1}, "{1}")])
def test_a_value_in_a_message(value: Json, shown: str) -> None:
    assert show_json(value) == shown
    assert len(show_json(["x" * 1000])) == 80


def test_an_input_is_completed_with_the_defaults() -> None:
    state, wrong = complete(STATE, {"order": "A-1", "amount": "12.50", "count": 2})
    assert wrong == []
    assert state == {"order": "A-1", "amount": "12.50", "count": 2, "risk": None, "items": []}


def test_an_input_that_does_not_fit_is_told_whole() -> None:
    _, wrong = complete(STATE, {"amount": 12, "risc": "low", "items": [{"sku": 1, "price": "x"}]})
    assert wrong == [
        "$.order: is missing; write a string",
        '$.amount: 12 is no decimal; write "12"',
        '$.items[0].sku: 1 is no string; write "1"',
        "$.items[0].price: 'x' is no decimal",
        "$.risc: there is no such field",
    ]


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_a_state_is_an_object(value: object) -> None:
    assert complete(STATE, value) == ({}, [f"$: {show_json(value)} is no object"])


def test_an_open_state_takes_what_there_is() -> None:
    assert complete(Object({"a": Field(Integer(), False, 1)}, open=True), {"b": [1]}) == ({"a": 1, "b": [1]}, [])


leaves: st.SearchStrategy[Schema] = st.sampled_from(
    (Any(), Null(), Bool(), Integer(), Float(), Decimal(), String(), String(("a", "b")), String(format="date"))
)
schemas = st.recursive(
    leaves,
    lambda inner: (
        st.builds(List, inner)
        | st.builds(Map, inner)
        | st.builds(Nullable, inner.filter(lambda one: not isinstance(one, Any | Null | Nullable)))
        | st.builds(
            Object, st.dictionaries(st.sampled_from("abc"), st.builds(Field, inner, st.booleans())), st.booleans()
        )
    ),
    max_leaves=5,
)
FITTING: dict[type, st.SearchStrategy[Json]] = {
    Any: st.none() | st.integers(0, 9) | st.just({"any": [None]}),
    Null: st.none(),
    Bool: st.booleans(),
    Integer: st.integers(-(2**63), 2**63 - 1),
    Float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
}


def values_of(schema: Schema) -> st.SearchStrategy[Json]:
    """Values that fit, made from the schema by other means than the check's."""
    match schema:
        case String(format="date"):
            return st.dates().map(str)
        case String():
            return st.sampled_from(schema.values) if schema.values else st.text(max_size=3)
        case List():
            return st.lists(values_of(schema.item), max_size=2)
        case Map():
            return st.dictionaries(st.text(max_size=2), values_of(schema.value), max_size=2)
        case Nullable():
            return st.none() | values_of(schema.inner)
        case Object():
            needed = {name: values_of(field.schema) for name, field in schema.fields.items() if field.required}
            others = {name: values_of(field.schema) for name, field in schema.fields.items() if not field.required}
            return st.fixed_dictionaries(needed, optional=others)
        case _:
            return FITTING[type(schema)]


@given(st.data())
def test_values_made_for_a_schema_fit(data: st.DataObject) -> None:
    schema = data.draw(schemas)
    assert misfits(schema, data.draw(values_of(schema))) == []


@given(st.data())
def test_a_state_is_complete_already(data: st.DataObject) -> None:
    fields: dict[str, Field] = {}
    for name in data.draw(st.sets(st.sampled_from("abcd"))):
        schema = data.draw(schemas)
        has_default = data.draw(st.booleans())
        fields[name] = Field(schema, False, data.draw(values_of(schema))) if has_default else Field(schema)
    state_schema = Object(fields, data.draw(st.booleans()))
    given_input = data.draw(values_of(state_schema))
    before = canonical(given_input)
    state, wrong = complete(state_schema, given_input)
    assert wrong == []
    assert state.keys() == fields.keys()
    assert complete(state_schema, state) == (state, [])
    assert canonical(given_input) == before

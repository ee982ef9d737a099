"""The text that describes the state."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.jamjet.state import (
    BadSchema,
    read_object,
    read_state_schema,
    read_value,
    write_object,
    write_state_schema,
    write_value,
)
from pectin.core import schema
from pectin.core.schema import Field, Object

PLAIN = st.sampled_from(
    [
        schema.Any(),
        schema.Bool(),
        schema.Integer((1, 2)),
        schema.Float(),
        schema.Decimal(),
        schema.String(),
        schema.String(("low", "high")),
        schema.String((), "date"),
    ]
)


def objects(inner: st.SearchStrategy[schema.Schema]) -> st.SearchStrategy[Object]:
    fields = st.dictionaries(st.text(max_size=5), st.builds(Field, inner, st.booleans()), max_size=3)
    return st.builds(Object, fields, st.booleans(), st.sampled_from(["", "Refund", "two words"]))


SCHEMAS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds(schema.List, inner), st.builds(schema.Map, inner), st.builds(schema.nullable, inner), objects(inner)
    ),
    max_leaves=6,
)


@given(objects(SCHEMAS))
def test_what_is_written_is_read_as_the_same(state: Object) -> None:
    assert read_state_schema(write_state_schema(state)) == state


@pytest.mark.parametrize("name", ["", "schemas.Refund", "app.models:State", "State"])
def test_a_name_is_an_open_object_of_this_name(name: str) -> None:
    state = read_state_schema(name)
    assert state == Object({}, open=True, name=name)
    assert write_state_schema(state) == name


def test_what_json_schema_takes_for_granted() -> None:
    document = {
        "type": "object",
        "properties": {
            "note": {"type": ["string", "null"], "default": None},
            "tags": {"type": "array"},
            "more": {"type": "object"},
            "by_name": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["tags"],
    }
    assert read_state_schema(json.dumps(document)) == Object(
        {
            "note": Field(schema.Nullable(schema.String()), required=False, default=None),
            "tags": Field(schema.List(schema.Any())),
            "more": Field(Object({}, open=True), required=False),
            "by_name": Field(schema.Map(schema.Integer()), required=False),
        },
        open=True,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two words", "neither a JSON Schema nor a name"),
        ('{"query": "str"}', 'no JSON Schema of an object: it has no `"type": "object"`'),
        ("[]", "no JSON Schema of an object"),
        ('{"type": "object", "$defs": {}}', r"the state has '\$defs', of which nothing would be kept"),
        ('{"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}', "the state.n has 'minimum'"),
        ('{"type": "object", "properties": {"n": {"type": "integer", "title": "N"}}}', "the state.n has 'title'"),
        ('{"type": "object", "properties": {"n": {"type": ["string", "integer"]}}}', "the state.n has several types"),
        ('{"type": "object", "properties": {"n": {"type": "complex"}}}', "n: no type 'complex'"),
        ('{"type": "object", "properties": {"n": {"anyOf": [{}, {}]}}}', "not in the canonical form"),
        ('{"type": "object", "additionalProperties": {}}', "it describes a map"),
        ('{"type": "object", "properties": 3}', "`properties` is no object"),
        ('{"type": "object", "required": 3}', "`required` is no list"),
        ('{"type":"object","properties":{"a":' * 50_000, "nested too deep"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadSchema, match=message):
        read_state_schema(text)


@given(SCHEMAS)
def test_values_of_tools_come_back_too(value: schema.Schema) -> None:
    assert read_value(write_value(value), "it") == value
    if isinstance(value, Object):
        assert read_object(write_object(value), "it") == value


def test_what_is_not_said_is_anything() -> None:
    assert (read_value(None, "it"), read_value("", "it")) == (schema.Any(), schema.Any())
    assert read_object(None, "it") == Object({}, open=True)
    assert read_value("schemas.Sum", "it") == Object({}, open=True, name="schemas.Sum")
    assert (write_value(schema.Any()), write_object(Object({}, open=True))) == (None, None)
    for text, message in (("a b", "neither a JSON Schema nor a name"), ("3", "no JSON Schema")):
        with pytest.raises(BadSchema, match=message):
            read_value(text, "it")

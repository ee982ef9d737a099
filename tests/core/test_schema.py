"""The canonical schema: its document, and how it is said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    SchemaError,
    String,
    describe,
    from_document,
    nullable,
    to_document,
)

names = st.text("abcdef_-é", min_size=1, max_size=4)
plain: st.SearchStrategy[Schema] = st.one_of(
    st.builds(Any),
    st.builds(Null),
    st.builds(Bool),
    st.builds(Bool, st.just((True,))),
    st.builds(Integer),
    st.builds(Integer, st.lists(st.integers(-5, 5), min_size=1, unique=True).map(tuple)),
    st.builds(Float),
    st.builds(Decimal),
    st.builds(String, format=st.sampled_from(("", "date", "date-time", "time", "uuid"))),
    st.builds(String, st.lists(names, min_size=1, unique=True).map(tuple)),
)


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    fields = st.builds(Field, inner, st.booleans()) | st.builds(Field, inner, st.just(False), st.integers(0, 9))
    return st.one_of(
        st.builds(List, inner),
        st.builds(Map, inner),
        inner.map(nullable),
        st.builds(Object, st.dictionaries(names, fields, max_size=3), st.booleans(), st.sampled_from(("", "Refund"))),
    )


schemas: st.SearchStrategy[Schema] = st.recursive(plain, nested, max_leaves=8)

ITEM = Object({"price": Field(Decimal()), "note": Field(Nullable(String()))})
STATE = Object(
    {
        "order": Field(String()),
        "amount": Field(Decimal(), False, "0"),
        "risk": Field(String(("unknown", "low", "high")), False, "unknown"),
        "items": Field(List(ITEM), False, []),
        "tags": Field(Map(Integer()), False),
    },
    name="Refund",
)


@given(schemas)
def test_a_document_reads_back_as_its_schema(schema: Schema) -> None:
    document = to_document(schema)
    again = from_document(json.loads(json.dumps(document)))
    assert again == schema
    assert to_document(again) == document


def test_the_document_is_json_schema_in_the_order_of_names() -> None:
    document = to_document(STATE)
    assert list(document["properties"]) == ["amount", "items", "order", "risk", "tags"]  # type: ignore[call-overload]
    assert document == {
        "type": "object",
        "title": "Refund",
        "properties": {
            "amount": {"type": "string", "format": "decimal", "default": "0"},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                        "price": {"type": "string", "format": "decimal"},
                    },
                    "required": ["note", "price"],
                    "additionalProperties": False,
                },
                "default": [],
            },
            "order": {"type": "string"},
            "risk": {"type": "string", "enum": ["unknown", "low", "high"], "default": "unknown"},
            "tags": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["order"],
        "additionalProperties": False,
    }


def test_without_titles_the_names_of_objects_are_left_out_and_fields_are_not() -> None:
    def named(name: str) -> Schema:
        inner = Object({"title": Field(Integer())}, name=name)
        return Object({"a": Field(Nullable(List(inner))), "b": Field(Map(inner), False, {})}, name=name)

    assert to_document(named("One"), titles=False) == to_document(named("Two"), titles=False) == to_document(named(""))


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"type": "tuple"},
        {"type": "string", "format": "email"},
        {"type": "string", "minLength": 3},
        {"type": "array"},
        {"type": "object"},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": 1}, "required": [], "additionalProperties": False},
        {"type": "object", "properties": {}, "required": ["a"], "additionalProperties": False},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": []},
        {"$ref": "#"},
    ],
)
def test_another_document_is_refused(document: object) -> None:
    with pytest.raises(SchemaError):
        from_document(document)


def test_a_schema_in_words() -> None:
    assert describe(String(("low", "high", "none"))) == "'low', 'high' or 'none'"
    assert describe(Nullable(Integer((1,)))) == "1 or null"
    assert describe(STATE) == "a Refund"
    assert describe(List(STATE)) == "a list of Refunds"
    assert describe(List(Any())) == describe(List(Nullable(Integer()))) == "a list"


MISREAD: list[dict[str, object]] = [
    {"type": "integer", "enum": ["a"]},
    {"type": "boolean", "enum": [1]},
    {"type": "string", "enum": [[]]},
    {"type": "array", "items": {}, "additionalProperties": {}},
    {"type": "array", "items": {"type": "string", "default": ""}},
    {"type": "string", "default": ""},
    {"type": "object", "title": [], "properties": {}, "required": [], "additionalProperties": False},
]


@pytest.mark.parametrize("document", MISREAD)
def test_what_would_be_read_as_something_else_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(SchemaError):
        from_document(document)


def test_a_schema_without_end_is_refused() -> None:
    document: dict[str, object] = {}
    for _ in range(5_000):
        document = {"type": "array", "items": document}
    with pytest.raises(SchemaError, match="more than 128 levels deep"):
        from_document(document)

"""The types of a state in the words of a document, and that they come back."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from pectin.authoring.document.layout import Sheet, lay_out
from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping, Source
from pectin.authoring.document.types import read_state
from pectin.authoring.document.write_types import write_state
from pectin.authoring.document.write_yaml import write_yaml
from pectin.authoring.document.yaml import read_yaml
from pectin.authoring.draft import Draft
from pectin.core.definition import Json, Place
from pectin.core.schema import (
    Any as AnyValue,
)
from pectin.core.schema import (
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
from tests.authoring.document.drawn_types import draw_state


def read(state: Json) -> Object:
    source = Source(write_yaml([Sheet(lay_out({"state": state}))]), "a.yaml")
    page = Page(source, Draft("w", Place("a.yaml", 1)))
    (tree,) = read_yaml(source)
    assert isinstance(tree, Mapping)
    found = read_state(page, tree.entries[0][1])
    assert page.draft.problems == []
    return found


def written(schema: Schema, default: Any = UNSET) -> tuple[Json, list[str]]:
    refused: list[str] = []
    state = write_state(Object({"x": Field(schema, default is UNSET, default)}), refused.append)
    return state["x"], refused


@given(st.integers(0, 2**32))
def test_every_state_comes_back(seed: int) -> None:
    state = draw_state(Random(seed))
    refused: list[str] = []
    assert read(write_state(state, refused.append)) == state
    assert refused == []


SHORT: list[tuple[Schema, Any, Json]] = [
    (String(), UNSET, "string"),
    (String(), "unknown", "string = unknown"),
    (String(), "two words", 'string = "two words"'),
    (String(), "true", 'string = "true"'),
    (Decimal(), "0", "decimal = 0"),
    (Decimal(), "1299.00", "decimal = 1299.00"),
    (Decimal(), "1E+3", 'decimal = "1E+3"'),
    (Float(), 1.0, "float = 1.0"),
    (String(("low", "high")), "low", "low | high = low"),
    (String(("low", "int", "it's")), UNSET, "low | 'int' | 'it''s'"),
    (String(("low",)), UNSET, "'low'"),
    (Integer((1, 2)), UNSET, "1 | 2"),
    (Integer((1,)), UNSET, {"$values": [1]}),
    (String(("2026-11-23",), "date"), UNSET, {"$type": "date", "$values": ["2026-11-23"]}),
    (Bool((True, False)), UNSET, "true | false"),
    (Nullable(String()), None, "string?"),
    (Nullable(String()), "a", "string? = a"),
    (Nullable(String()), UNSET, {"$type": "string?"}),
    (Nullable(String(("a", "b"))), None, "a | b | null"),
    (List(Nullable(Map(AnyValue()))), [], "list[map[any]?] = []"),
    (List(Integer()), [1, 2], {"$type": "list[int]", "$default": [1, 2]}),
    (List(Object({"a": Field(Integer())})), UNSET, [{"a": "int"}]),
    (Map(Object({"a": Field(Integer(), False)})), UNSET, {"$map": {"a?": "int"}}),
    (Object({}), UNSET, {}),
    (Object({}, open=True), UNSET, {"$fields": {}, "$open": True}),
    (Object({"$a": Field(Null())}), UNSET, {"$fields": {"$a": "null"}}),
    (Nullable(Object({})), UNSET, {"$fields": {}, "$nullable": True}),
    (Nullable(List(Object({}))), None, {"$type": [{}], "$nullable": True, "$default": None}),
    (String(format="date-time"), "2026-11-23T09:14:03Z", 'datetime = "2026-11-23T09:14:03Z"'),
]


@pytest.mark.parametrize(("schema", "default", "text"), SHORT)
def test_the_short_form_where_it_says_the_same(schema: Schema, default: Any, text: Json) -> None:
    found, refused = written(schema, default)
    assert (found, refused) == (text, [])
    assert read({"x": found}).fields["x"] == Field(schema, default is UNSET, default)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Object({"x": Field(String(), True, "a")}), "state.x: a field of the state with a default isn't required"),
        (Object({"x": Field(String(), False)}), "state.x: a field of the state is always there"),
        (Object({"x?": Field(String())}), "state.x?: 'x?' can't be the name of a field"),
        (Object({"": Field(String())}), "state.: '' can't be the name of a field"),
        (
            Object({"x": Field(Object({"y": Field(String(), False, "a")}))}),
            "state.x.y: a field of an inner object has no default",
        ),
        (Object({"x": Field(List(Nullable(AnyValue())))}), "state.x[]: no document can say Nullable(inner=Any())"),
        (
            Object({"x": Field(Map(String(format="email")))}),
            "state.x.*: no document can say String(values=(), format='email')",
        ),
    ],
)
def test_what_no_document_can_say_is_refused_by_name(state: Object, reason: str) -> None:
    refused: list[str] = []
    write_state(state, refused.append)
    assert refused == [reason]

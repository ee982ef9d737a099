"""The state as a document declares it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from pectin.authoring.document.reading import read_text
from pectin.core import schema
from pectin.core.schema import Field, Object

STRING, INTEGER = schema.String(), schema.Integer()
INNER = Object({"b": Field(INTEGER)})


def state_of(text: str) -> Any:
    (document,) = read_text(f"workflow: w\nversion: 1.0.0\nstate: {text}\nnodes: {{a: {{run: f}}}}\n", "w.yaml")
    assert document.draft.problems == []
    return document.draft.state


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{}", Object({})),
        ("{a: string}", Object({"a": Field(STRING)})),
        ("{a: string?}", Object({"a": Field(schema.Nullable(STRING), False, None)})),
        ("{a: int = 3}", Object({"a": Field(INTEGER, False, 3)})),
        ("{a: [int]}", Object({"a": Field(schema.List(INTEGER))})),
        ("{a: [{b: int?, 'c?': int}]}", Object({"a": Field(schema.List(Object(
            {"b": Field(schema.Nullable(INTEGER)), "c": Field(INTEGER, False)})))})),
        ("{a: {$type: string, $nullable: true}}", Object({"a": Field(schema.Nullable(STRING))})),
        ("{a: {$list: {b: int}, $default: []}}", Object({"a": Field(schema.List(INNER), False, [])})),
        ("{a: {$map: {$list: int}}}", Object({"a": Field(schema.Map(schema.List(INTEGER)))})),
        ("{a: {$fields: {b: int}, $open: true, $name: B}}", Object({"a": Field(Object(INNER.fields, True, "B"))})),
        ("{a: {$fields: {$b: int}}}", Object({"a": Field(Object({"$b": Field(INTEGER)}))})),
        ("{a: {$values: [low]}}", Object({"a": Field(schema.String(("low",)))})),
        ("{a: {$values: [true]}}", Object({"a": Field(schema.Bool((True,)))})),
        ("{a: {$type: date, $values: [2026-01-01]}}", Object({"a": Field(schema.String(("2026-01-01",), "date"))})),
        ("{a: {$type: decimal, $default: 1.50}}", Object({"a": Field(schema.Decimal(), False, "1.50")})),
        ("{$fields: {a: int}, $open: true, $name: S}", Object({"a": Field(INTEGER)}, True, "S")),
        ("{on: string, 'null': int}", Object({"on": Field(STRING), "null": Field(INTEGER)})),
    ],
)  # fmt: skip
def test_what_a_mapping_means(text: str, wanted: Object) -> None:
    assert state_of(text) == wanted


def test_without_a_state_it_is_any_object() -> None:
    (document,) = read_text("workflow: w\nversion: 1.0.0\nnodes: {a: {run: f}}\n", "w.yaml")
    assert document.draft.state is dict


def test_nothing_is_null_only_in_short() -> None:
    state = state_of("{a: string?, b: {$type: string?}}")
    assert state.fields["a"].default is None
    assert state.fields["b"].default is UNSET

"""Types in one line. What is refused stands in `broken/state.txt`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from pectin.authoring.document.shorthand import NAMES, BadType, Declared, read_type
from pectin.core import schema


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_type(name: str) -> None:
    assert read_type(name) == Declared(NAMES[name])
    assert read_type(f" list[ {name} ] ") == Declared(schema.List(NAMES[name]))
    assert read_type(f"map[{name}?]") == Declared(schema.Map(schema.nullable(NAMES[name])))


@pytest.mark.parametrize(
    ("text", "wanted", "default"),
    [
        ("string?", schema.Nullable(schema.String()), UNSET),
        ("string | null", schema.Nullable(schema.String()), UNSET),
        ("string??", schema.Nullable(schema.String()), UNSET),
        ("low | high = low", schema.String(("low", "high")), "low"),
        ("'int' | \"a b\"", schema.String(("int", "a b")), UNSET),
        ("'it''s' | x", schema.String(("it's", "x")), UNSET),
        ("'low'", schema.String(("low",)), UNSET),
        ("low | high | null = null", schema.Nullable(schema.String(("low", "high"))), None),
        ("(low | high)? = low", schema.Nullable(schema.String(("low", "high"))), "low"),
        ("list[low | high] = []", schema.List(schema.String(("low", "high"))), []),
        ("1 | -2 = -2", schema.Integer((1, -2)), -2),
        ("true | false", schema.Bool((True, False)), UNSET),
        ("decimal = 0", schema.Decimal(), "0"),
        ("decimal = 1.50", schema.Decimal(), "1.50"),
        ('decimal = "1.50"', schema.Decimal(), "1.50"),
        ("decimal = 123456789012345678901234567890", schema.Decimal(), "123456789012345678901234567890"),
        ("float = 1", schema.Float(), 1.0),
        ("string = hello, world", schema.String(), "hello, world"),
        ('string = ""', schema.String(), ""),
        ("string = 'null'", schema.String(), "null"),
        ('any = {"a": [1]}', schema.Any(), {"a": [1]}),
        ("any? = null", schema.Any(), None),
        (
            "uuid = 0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41",
            schema.String(format="uuid"),
            "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41",
        ),
    ],
)
def test_what_a_line_means(text: str, wanted: schema.Schema, default: Any) -> None:
    found = read_type(text)
    assert found == Declared(wanted, default)
    assert type(found.default) is type(default)


@given(st.text(st.sampled_from("ab string|[]?=()'\"{}1.-\\ list"), max_size=30) | st.text(max_size=30))
def test_any_text_is_a_type_or_refused(text: str) -> None:
    try:
        found = read_type(text)
    except BadType as refused:
        found = refused
    if isinstance(found, BadType):
        assert 0 <= found.start <= found.end <= max(len(text), 1)


def test_a_type_has_a_limited_length_and_depth() -> None:
    for text in ("x" * 5_000, "list[" * 100 + "int" + "]" * 100, "(" * 100):
        with pytest.raises(BadType):
            read_type(text)

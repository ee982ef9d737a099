"""What may enter, where a refusal points, and the one way to write a value."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.codec import DEPTH_MAX, canonical, check_text, check_value, decode_json, digest, same
from pectin.core.error import BadValue

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def nested(levels: int) -> Any:
    value: Any = 0
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    check_value(value)
    written = canonical(value)
    back = decode_json(written, bytes_max=len(written) + 1_000)
    assert repr(back) == repr(json.loads(json.dumps(value, sort_keys=True)))
    assert canonical(back) == written
    assert digest(value) == sha256(written).hexdigest()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [1.0, None, True]}, b'{"a":[1.0,null,true],"b":1}'),
        ("é\x00\n", '"é\\u0000\\n"'.encode()),
        ([0.0, -0.0, 0, 1e16, 0.1], b"[0.0,-0.0,0,1e+16,0.1]"),
        ({"ä": 1, "z": 2, "Z": 3}, '{"Z":3,"z":2,"ä":1}'.encode()),
    ],
)
def test_canonical_bytes_never_change(value: Any, written: bytes) -> None:
    assert canonical(value) == written


@given(st.dictionaries(TEXT, INTEGERS, min_size=2))
def test_the_order_of_keys_does_not_count(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


BAD: list[tuple[Any, str]] = [
    (float("nan"), "$: nan is no JSON number; use null, or text"),
    ({"a": [0, float("inf")]}, "$.a[1]: inf is no JSON number; use null, or text"),
    ([-float("inf")], "$[0]: -inf is no JSON number; use null, or text"),
    ("\ud800", "$: text with half a surrogate pair, which is no character; remove or replace it"),
    ({"a": {"\udfff": 1}}, '$.a["\\udfff"]: text with half a surrogate pair, which is no character'),
    ({"n": 2**63}, "$.n: an integer beyond 64 bits; write it as text"),
    ({"n": -(2**63) - 1}, "$.n: an integer beyond 64 bits; write it as text"),
    ({"a b": {1: 2}}, '$["a b"]: the key 1 is of type int; make every key a str'),
    ({"a": (1,)}, "$.a: tuple is no JSON type; make it a list"),
    ({"a": {1}}, "$.a: set is no JSON type; make it a list, in an order you choose"),
    (b"x", "$: bytes is no JSON type; make it text, base64 for instance"),
    ([Decimal(1)], "$[0]: Decimal is no JSON type; write str(value)"),
    ([datetime(2026, 11, 23)], "$[0]: datetime is no JSON type; write value.isoformat()"),  # noqa: DTZ001
    (object(), "$: object is no JSON type; use null, bool, int, float, str, list or dict"),
]


@pytest.mark.parametrize(("value", "message"), BAD, ids=[message for _, message in BAD])
def test_what_is_not_json_is_refused_with_its_path(value: Any, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        check_value(value)
    assert str(refusal.value).startswith(message)


def test_a_path_starts_where_the_caller_says() -> None:
    with pytest.raises(BadValue, match=r"^result\.a: nan"):
        check_value({"a": float("nan")}, "result")


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {1, 2}, {"a": 1, 2: 3}])
def test_what_is_not_json_has_no_canonical_bytes(value: Any) -> None:
    with pytest.raises(BadValue):
        canonical(value)


def test_the_deepest_value_passes_and_the_next_does_not() -> None:
    check_value(nested(DEPTH_MAX))
    for levels in (DEPTH_MAX + 1, 5_000):
        with pytest.raises(BadValue, match="more than 128 levels deep; make it flatter") as refusal:
            check_value(nested(levels))
        assert len(refusal.value.path) <= 200


def test_a_value_that_holds_itself_is_too_deep() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(BadValue, match="more than 128 levels deep"):
        check_value(value)
    with pytest.raises(BadValue, match="more than 128 levels deep"):
        canonical(value)


def test_a_size_is_looked_at_when_it_is_bounded() -> None:
    check_value("é" * 4, bytes_max=10)
    with pytest.raises(BadValue, match=r"\$: 12 bytes, and 10 are allowed; store it elsewhere"):
        check_value("é" * 5, bytes_max=10)


BAD_TEXTS: list[tuple[bytes | str, str]] = [
    ("", "line 1, column 1: not JSON: Expecting value; write one JSON value"),
    ("{'a': 1}", "line 1, column 2: not JSON: Expecting property name enclosed in double quotes"),
    ("[1,\n 2,]", "line 2, column 4: not JSON: Expecting value"),
    ('"\x01"', "line 1, column 2: not JSON: Invalid control character;"),
    ("1 2", "line 1, column 3: not JSON: Extra data"),
    ("\ufeff1", "line 1, column 1: a byte order mark; save it as UTF-8 without one"),
    (b"\xef\xbb\xbf1", "line 1, column 1: a byte order mark"),
    (b'{"a":\n "\xff"}', "line 2, column 3: byte 0xff is not UTF-8; save it as UTF-8"),
    (b"\xff\xfe1\x00", "line 1, column 1: byte 0xff is not UTF-8"),
    ('{"a": 1,\n "a": 2}', "line 2, column 2: the key 'a' stands twice in one object; keep one"),
    ('{"a": 1, "\\u0061" : 2}', "line 1, column 10: the key 'a' stands twice"),
    ('{"a": {"b": "a"}, "c": [{"a": ":{"}, {"a": 1}], "c": 0}', "line 1, column 49: the key 'c' stands twice"),
    ('["NaN", {"a\\"": NaN}]', "line 1, column 17: NaN is no JSON number; use null, or text"),
    ("[-Infinity]", "line 1, column 2: -Infinity is no JSON number"),
    ("[1e999]", "$[0]: inf is no JSON number"),
    ('{"n": 18446744073709551616}', "$.n: an integer beyond 64 bits; write it as text"),
    ("1" * 5_000, "input: an integer beyond 64 bits"),
    ('{"a": "\\ud800"}', "$.a: text with half a surrogate pair"),
    ("[" * 5_000, "line 1, column 129: more than 128 levels deep; make it flatter"),
    (json.dumps(nested(DEPTH_MAX + 1)), "$"),
    (" " * 9_000 + " " * 1_001, "input: 10001 bytes, and 10000 are allowed"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS, ids=[message for _, message in BAD_TEXTS])
def test_bad_json_is_refused_with_its_place(text: bytes | str, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        decode_json(text, bytes_max=10_000)
    assert str(refusal.value).startswith(message)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,\\ aN0-\n', max_size=30))
def test_any_input_is_read_or_refused(data: bytes | str) -> None:
    try:
        value = decode_json(data, bytes_max=100)
    except BadValue:
        return
    check_value(value)


@pytest.mark.parametrize("text", [None, "", " ", "x" * 8, "\0", "é"])
def test_a_text_that_can_be_kept_passes(text: str | None) -> None:
    check_text(text, "by", 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [("x" * 9, "by: has 9 characters"), ("\ud800", "by: "), ("", "by: is empty"), (" \t", "by: is empty")],
)
def test_a_text_that_cannot_be_kept_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        check_text(text, "by", 8, may_be_blank=False)


@pytest.mark.parametrize("odd", ["\ud800", "é\udfff", float("nan"), {1}, 2**64, ["\ud800"]])
def test_a_long_list_of_text_is_looked_through_like_a_short_one(odd: Any) -> None:
    plain: list[Any] = ["a"] * 100
    check_value(plain)
    check_value([*plain, "é", None, 1])
    with pytest.raises(BadValue, match=re.escape("$[57]")):
        check_value([*plain[:57], odd, *plain[57:]])


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ([1], [True])])
def test_lists_are_the_same_if_their_items_are(one: Any, other: Any) -> None:
    assert same(["a", None, one], ["a", None, one])
    assert not same(["a", None, one], ["a", None, other])
    assert same(["a", None], ["a", None])
    assert not same(["a", None], ["a", ""])
    assert not same({"a": ["b", one]}, {"a": ["b", other]})

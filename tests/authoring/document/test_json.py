"""JSON as a tree. What is refused stands in `broken/json.txt`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin import DefinitionError
from pectin.authoring.document.json import read_json
from pectin.authoring.document.tree import Scalar, Source, plain, walk

VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
ALLOWED = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x7f\ufeff")


def read(text: str) -> list[Any]:
    return [plain(tree) for tree in read_json(Source(text, "w.json"))]


@given(VALUES, st.sampled_from([None, 2]))
def test_what_json_writes_is_read(value: Any, indent: int | None) -> None:
    assert read(json.dumps([value], indent=indent)) == [value]


@given(st.text(ALLOWED))
def test_characters_need_no_escapes(text: str) -> None:
    if text.isprintable():
        assert read(json.dumps([text], ensure_ascii=False)) == [text]


def test_one_object_or_a_list_of_them() -> None:
    assert read('{"a": 1}') == [{"a": 1}]
    assert read(' [{"a": 1}, {"b": 2}] ') == [{"a": 1}, {"b": 2}]
    assert read(" \n") == []


def test_scalars_know_their_places() -> None:
    text = '{"a": ["\\ud834\\udd1e\\n", 1.50, true]}'
    (tree,) = read_json(Source(text, "w.json"))
    shown = {node.text: text[node.start : node.end] for node in walk(tree) if isinstance(node, Scalar)}
    assert shown == {"a": '"a"', "𝄞\n": '"\\ud834\\udd1e\\n"', "1.50": "1.50", "true": "true"}


def test_a_document_has_a_limited_depth() -> None:
    with pytest.raises(DefinitionError, match="more than 64 levels deep"):
        read("[" * 10_000)

"""A document as YAML: its form, and that every text comes back."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.document.layout import Sheet, lay_out
from pectin.authoring.document.tree import Source, plain
from pectin.authoring.document.write_yaml import write_yaml
from pectin.authoring.document.yaml import read_yaml
from pectin.core.definition import Json
from tests.authoring.document.drawn_types import TEXTS

TEXT = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NUMBER = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
"""Values of any form."""


def write(*documents: Json) -> str:
    return write_yaml([Sheet(lay_out(document)) for document in documents])


def read(text: str) -> list[Json]:
    return [plain(tree) for tree in read_yaml(Source(text, "a.yaml"))]


@given(st.lists(st.dictionaries(st.sampled_from(TEXTS), JSON, min_size=1, max_size=4), min_size=1, max_size=3))
def test_everything_comes_back(documents: list[Json]) -> None:
    found = read(write(*documents))
    assert found == documents
    assert repr(found) == repr(documents), "1, 1.0 and true are three things"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("state.risk == 'high'", "state.risk == 'high'"),
        ("!state.done", '"!state.done"'),
        ("a: b", '"a: b"'),
        ("12:30", "12:30"),
        ("on", "on"),
        ("1.0.0", "1.0.0"),
        ("1.0", '"1.0"'),
        ("true", '"true"'),
        ("", '""'),
        ("-1", '"-1"'),
        ("-x", "-x"),
        ('say "so" # it\'s', "'say \"so\" # it''s'"),
        ("tab\t", '"tab\\t"'),
        ("\x07", '"\\u0007"'),
        ({}, "{}"),
        ([], "[]"),
        ([1, "1"], '[1, "1"]'),
        (1e16, "1e+16"),
    ],
)
def test_quotes_stand_only_where_they_are_needed(value: Json, written: str) -> None:
    assert write({"a": value}) == f"a: {written}\n"


def node(**keys: Any) -> str:
    return write({"nodes": {"n": keys}}).removeprefix("nodes:\n  n:").removesuffix("\n")


def test_a_short_node_stands_in_one_line() -> None:
    assert (
        node(run="look_up", retry="io_default", then=["a", "b"]) == " {run: look_up, retry: io_default, then: [a, b]}"
    )


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        ({"run": "a" * 90}, f"\n    run: {'a' * 90}"),
        ({"repeat": {"to": "a", "when": "x"}}, "\n    repeat:\n      to: a\n      when: x"),
        ({"approval": "Well?"}, "\n    approval: Well?"),
        ({"run": "a", "then": "b, c"}, "\n    run: a\n    then: b, c"),
        ({"a": ["b"], "c": ["d"]}, "\n    a: [b]\n    c: [d]"),
        (
            {"then": [{"to": "a", "when": "x"}, {"to": "b", "otherwise": True}, "c"]},
            "\n    then:\n      - to: a\n        when: x\n      - to: b\n        otherwise: true\n      - c",
        ),
    ],
)
def test_what_is_long_or_a_condition_has_lines_of_its_own(keys: dict[str, Any], written: str) -> None:
    assert node(**keys) == written


def test_texts_of_several_lines_and_long_ones_are_blocks() -> None:
    text = write({"description": "One line.\n\nAnother.\n", "name": "word " * 30 + "end"})
    assert text == dedent(
        """\
        description: |
          One line.

          Another.
        name: >-
          word word word word word word word word word word word word word word word word word word word
          word word word word word word word word word word word end
        """
    )


def test_documents_are_set_apart() -> None:
    assert write({"a": 1}, {"nodes": {}, "b": 2}) == "a: 1\n---\nnodes: {}\nb: 2\n"

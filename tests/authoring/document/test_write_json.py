"""A document as JSON."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest
from hypothesis import given

from pectin.authoring.document.json import read_json
from pectin.authoring.document.layout import Branch, Entry, Leaf, Sheet, lay_out
from pectin.authoring.document.tree import Source, plain
from pectin.authoring.document.write_json import write_json
from pectin.core.definition import Json
from tests.authoring.document.test_write_yaml import JSON


@given(JSON)
def test_everything_comes_back(value: Json) -> None:
    text = write_json([Sheet(lay_out({"a": value}))])
    assert repr(json.loads(text)) == repr({"a": value})
    assert repr([plain(tree) for tree in read_json(Source(text, "a.json"))]) == repr([{"a": value}])


def test_what_is_short_stands_in_one_line() -> None:
    document = {"state": {"a": "int"}, "nodes": {"n": {"run": "n", "then": ["a", "b"]}}, "name": "x" * 80, "limits": {}}
    assert write_json([Sheet(lay_out(document))]) == dedent(
        f"""\
        {{
          "state": {{
            "a": "int"
          }},
          "nodes": {{
            "n": {{"run": "n", "then": ["a", "b"]}}
          }},
          "name": "{"x" * 80}",
          "limits": {{}}
        }}
        """
    )


def test_several_documents_are_a_list() -> None:
    text = write_json([Sheet(lay_out({"a": 1})), Sheet(lay_out({"b": [2]}))])
    assert text == '[\n  {\n    "a": 1\n  },\n  {\n    "b": [2]\n  }\n]\n'


@pytest.mark.parametrize(
    ("written", "number"),
    [("1", "1"), ("0x1f", "31"), ("0o17", "15"), (".5", "0.5"), ("+3", "3"), ("1.", "1"), ("1e5", "1e5")],
)
def test_numbers_of_yaml_become_those_of_json(written: str, number: str) -> None:
    assert write_json([Sheet(Branch([Entry("a", Leaf(written, is_raw=True))]))]) == f'{{\n  "a": {number}\n}}\n'


@pytest.mark.parametrize(("written", "word"), [("", "null"), ("~", "null"), ("NULL", "null"), ("True", "true")])
def test_words_of_yaml_become_those_of_json(written: str, word: str) -> None:
    assert write_json([Sheet(Branch([Entry("a", Leaf(written, is_raw=True))]))]) == f'{{\n  "a": {word}\n}}\n'

"""Where a character of a text stands in the file."""

from __future__ import annotations

import pytest

from pectin.authoring.document.json import read_json
from pectin.authoring.document.offset import offset_in_file
from pectin.authoring.document.tree import Mapping, Scalar, Source
from pectin.authoring.document.yaml import read_yaml

WRITTEN = [
    "a: state.first and state.last",
    "a: 'state.first ''x'' state.last'",
    'a: "state.first \\"x\\" \\u00e9 \\x41 \\\\ state.last"',
    "a: state.first\n  and state.last",
    "a: state.first\n\n  and state.last",
    'a: "state.first\n\n  and \\\n  state.last"',
    "a: 'state.first\n  and state.last'",
    "a: |\n  state.first\n    and\n  state.last\n",
    "a: |-\n    state.first\n\n    state.last",
    "a: >\n  state.first\n  and\n\n  state.last\n",
    "a: >2-\n    state.first\n    state.last\n",
    "a: | # a comment\n  state.first\n  state.last\n",
    "a: |\r\n  state.first\r\n  state.last\r\n",
]


def scalar_of(source: Source) -> Scalar:
    (tree,) = read_json(source) if source.file.endswith(".json") else read_yaml(source)
    assert isinstance(tree, Mapping)
    value = tree.find("a")
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize("written", WRITTEN)
def test_words_are_found_where_they_stand(written: str) -> None:
    source = Source(written, "w.yaml")
    scalar = scalar_of(source)
    for word in ("state.first", "state.last"):
        start = offset_in_file(source, scalar, scalar.text.index(word))
        end = offset_in_file(source, scalar, scalar.text.index(word) + len(word) - 1) + 1
        assert written[start:end] == word


def test_escapes_of_json() -> None:
    text = '{"a": "\\ud834\\udd1e\\n\\u00e9x"}'
    source = Source(text, "w.json")
    scalar = scalar_of(source)
    assert text[offset_in_file(source, scalar, scalar.text.index("x"))] == "x"


def test_the_end_of_a_text() -> None:
    source = Source("a: 'x''y'", "w.yaml")
    assert offset_in_file(source, scalar_of(source), 3) == 8
    assert offset_in_file(Source("a: ''", "w.yaml"), scalar_of(Source("a: ''", "w.yaml")), 0) == 3

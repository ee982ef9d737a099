"""A document as it was written."""

from __future__ import annotations

import pytest

from pectin.authoring.document.tree import Mapping, Scalar, Sequence, Source, is_empty, name_of, plain, walk
from pectin.authoring.document.yaml import read_yaml
from pectin.core.definition import Place


def test_places_and_offsets_are_inverse() -> None:
    source = Source("ab\n\nc\r\nd", "w.yaml")
    places = [source.place(offset) for offset in range(len(source.text) + 1)]
    assert [(place.line, place.column) for place in places][:4] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert [source.offset(place) for place in places] == list(range(len(source.text) + 1))
    assert [source.line(number) for number in (1, 2, 3, 4)] == ["ab", "", "c", "d"]
    assert source.place(4) == Place("w.yaml", 3, 1)


def test_walking_and_plain_values() -> None:
    (tree,) = read_yaml(Source("a: [1, x]\nb: {c: null}\n", "w.yaml"))
    assert plain(tree) == {"a": [1, "x"], "b": {"c": None}}
    assert isinstance(tree, Mapping)
    assert sorted(part.text for part in walk(tree) if isinstance(part, Scalar)) == ["1", "a", "b", "c", "null", "x"]
    assert isinstance(tree.find("a"), Sequence)
    assert tree.find("z") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[1]", "a list"),
        ("{a: 1}", "a mapping"),
        ("null", "null"),
        ("true", "the boolean true"),
        ("1.0", "the number 1.0"),
        ("'1.0'", "the text `1.0`"),
        ("x" * 50, f"the text `{'x' * 40}…`"),
        ('"a\\nb"', "the text `a…`"),
    ],
)
def test_what_something_is_called(text: str, name: str) -> None:
    (tree,) = read_yaml(Source(text, "w.yaml"))
    assert name_of(tree) == name


def test_nothing_is_empty_and_an_empty_text_is_not() -> None:
    assert is_empty(Scalar("", None, 0, 0))
    assert not is_empty(Scalar("", "", 0, 2, '"'))

"""Single values and mappings of a document. What is said of wrong ones stands in `broken/`."""

from __future__ import annotations

import pytest

from pectin.authoring.document.page import Fields, Page, list_keys
from pectin.authoring.document.tree import Mapping, Source
from pectin.authoring.document.yaml import read_yaml
from pectin.authoring.draft import Draft
from pectin.core.definition import Effect, Place


def page_of(text: str) -> tuple[Page, Mapping]:
    source = Source(text, "w.yaml")
    (tree,) = read_yaml(source)
    assert isinstance(tree, Mapping)
    return Page(source, Draft("w", Place("w.yaml", 1, 1))), tree


def test_values_of_each_sort() -> None:
    page, tree = page_of("{text: x, name: 5, duration: 90, number: 3, boolean: true, word: keyed, names: [a, b]}")
    fields = Fields(page, tree, "it", [key.text for key, _ in tree.entries])
    assert fields.read("text", page.text) == "x"
    assert fields.read("name", page.name) == "5"
    assert fields.read("name", page.expression) == "5"
    assert fields.read("duration", page.duration) == 90_000
    assert fields.read("number", page.number) == 3
    assert fields.read("boolean", page.boolean) is True
    assert fields.read("word", page.word, Effect, "E026") is Effect.KEYED
    assert fields.read("names", page.names) == ("a", "b")
    assert fields.read("other", page.text) is None
    assert page.draft.problems == []


@pytest.mark.parametrize("reader", ["text", "name", "expression", "duration", "number", "boolean", "names"])
def test_what_is_of_another_sort_is_noted_at_its_place(reader: str) -> None:
    page, tree = page_of("a: {b: c}")
    fields = Fields(page, tree, "it", ["a"])
    assert not fields.read("a", getattr(page, reader))
    assert [problem.place for problem in page.draft.problems] == [Place("w.yaml", 1, 4)]


def test_a_misspelt_key_is_not_missed_too() -> None:
    page, tree = page_of("{verison: 1, b: 2}")
    fields = Fields(page, tree, "it", ["version", "b", "c"])
    assert fields.has_unknown
    assert fields.require("version", "1.0.0") is None
    assert len(page.draft.problems) == 1
    assert fields.require("c", "3") is None
    assert page.draft.problems[-1].hint == "add `c: 3`"
    assert "b" in fields
    assert list_keys(["a", "b"]) == "there are `a`, `b`"


def test_parts_are_kept_by_what_they_belong_to() -> None:
    page, tree = page_of("{a: 1, b: 2}")
    subject = page.draft.place
    page.point(subject, "timeout_ms", tree.entries[1][1])
    assert page.draft.parts == {subject: {"timeout_ms": Place("w.yaml", 1, 11)}}

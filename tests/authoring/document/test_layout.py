"""Plain data, laid out."""

from __future__ import annotations

from pectin.authoring.document.layout import Branch, Entry, Leaf, lay_out


def test_texts_are_told_from_what_looks_like_them() -> None:
    assert lay_out("1") == Leaf("1")
    assert [lay_out(value) for value in (1, 1.0, True, None)] == [
        Leaf(text, is_raw=True) for text in ("1", "1.0", "true", "null")
    ]


def test_lists_have_entries_without_keys() -> None:
    assert lay_out({"a": ["b"]}) == Branch([Entry("a", Branch([Entry(None, Leaf("b"))], is_list=True))])


def test_an_empty_line_alone_needs_no_line_of_its_own() -> None:
    assert not Entry("a", Leaf("b"), above=[""]).has_comments
    assert Entry("a", Leaf("b"), above=["", "# c"]).has_comments
    assert Entry("a", Leaf("b"), beside="# c").has_comments

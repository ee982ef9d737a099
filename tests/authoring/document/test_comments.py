"""Comments and empty lines, found between the tokens."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pectin.authoring.document.comments import comments_of, find_marks
from pectin.authoring.document.tree import Source


def found(text: str) -> list[tuple[int, str, bool]]:
    source = Source(dedent(text), "a.yaml")
    return [(source.place(start).line, text, is_alone) for start, text, is_alone in find_marks(source).remarks]


def test_comments_and_empty_lines_with_their_lines() -> None:
    text = """\
        # one
        a: 1  # two

        b: [x,  # three
            # four
            y]
        # five"""
    assert found(text) == [
        (1, "# one", True),
        (2, "# two", False),
        (3, "", True),
        (4, "# three", False),
        (5, "# four", True),
        (7, "# five", True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: x#y",
        "a: 'x # y'",
        'a: "x # y"',
        'a: "x\n\n  # y"',
        "a: |\n  # y\n\n  # z",
        "a: |+\n  # y\n\n",
        "a: >-\n  x # y\n\n  z",
        "a: x\n  y",
    ],
)
def test_what_stands_in_a_text_is_none(text: str) -> None:
    assert [each for each in found(text) if each[1]] == []
    assert [each for each in found(f"{text}\n") if not each[1] and each[0] < text.count("\n")] == []


def test_behind_the_sign_of_a_block_stands_a_comment_and_empty_lines_behind_a_block_are_not_in_it() -> None:
    assert found("a: |  # one\n  x # no\n\nb: 1\n") == [(1, "# one", False), (3, "", True), (5, "", True)]
    assert found("a: |+\n  x\n\nb: 1")[:1] == []


def test_a_carriage_return_is_no_part_of_a_comment() -> None:
    assert comments_of(find_marks(Source("a: 1 # x\r\n# y \r\n", "a.yaml"))) == ["# x", "# y"]


def test_dashes_and_documents() -> None:
    marks = find_marks(Source("- a\n- - b\n---\nc: 1\n", "a.yaml"))
    assert marks.dashes == (0, 4, 6)
    assert (marks.dash_before(2), marks.dash_before(6), marks.dash_before(8), marks.dash_before(0)) == (0, 4, 6, None)
    assert (marks.documents, marks.document_before(0), marks.document_before(14)) == ((10,), 0, 10)

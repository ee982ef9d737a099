"""What YAML and JSON have in common."""

from __future__ import annotations

import pytest

from pectin import DefinitionError
from pectin.authoring.document.syntax import BYTES_MAX, Reading, Unreadable, check_text, decode, problem_at
from pectin.authoring.document.tree import Source


def test_a_file_is_utf_8_of_a_limited_size() -> None:
    assert decode("é".encode(), "w.yaml") == decode("\ufeffé".encode(), "w.yaml") == "é"
    with pytest.raises(DefinitionError, match=r"w\.yaml:1:2: error: the byte 0xe9 is no UTF-8"):
        decode("aé".encode("latin-1"), "w.yaml")
    with pytest.raises(DefinitionError, match="4,194,305 bytes, and 4,194,304 are allowed"):
        decode(b"x" * (BYTES_MAX + 1), "w.yaml")


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\ud800", "\ufeff", "\ufffe"])
def test_characters_that_do_not_belong_in_a_text(sign: str) -> None:
    with pytest.raises(DefinitionError, match="can't stand in a document"):
        check_text(Source(f"a{sign}", "w.yaml"))


def test_a_mark_ends_with_its_line() -> None:
    problem = problem_at(Source("abc\ndef", "w.yaml"), 1, 7, "E043", "it", None)
    assert (problem.source, problem.start, problem.end) == ("abc", 1, 3)


def test_of_one_place_one_thing_is_told() -> None:
    reading = Reading(Source("abc\ndef", "w.yaml"))
    reading.note(0, 1, "one", "")
    reading.note(0, 2, "two", "")
    assert [problem.message for problem in reading.problems] == ["one"]
    assert len(reading.refuse(Unreadable(2, 3, "of the same line", "")).problems) == 1
    assert len(reading.refuse(Unreadable(5, 6, "of another", "")).problems) == 2


@pytest.mark.parametrize(("digits", "base", "value"), [("7", 10, 7), ("ff", 16, 255), ("9" * 5000, 10, 0)])
def test_numbers_have_64_bits(digits: str, base: int, value: int) -> None:
    reading = Reading(Source(digits, "w.yaml"))
    assert reading.number(0, 1, int, digits, base) == value
    assert bool(reading.problems) is (value == 0)

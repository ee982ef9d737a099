"""Did-you-mean and carets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.hint import GUESSES_MAX, LINE_WIDTH_MAX, Guesses, closest, did_you_mean, picture


@pytest.mark.parametrize(
    ("word", "found"),
    [("rsik", "risk"), ("payy", "pay"), ("aproved", "approved"), ("RISK", "risk"), ("xyz", None), ("", None)],
)
def test_the_word_that_was_meant(word: str, found: str | None) -> None:
    assert closest(word, ["pay", "risk", "approved"]) == found


def test_a_tie_goes_to_the_first_by_name_whatever_the_order() -> None:
    assert closest("ab1", ["ab3", "ab2"]) == closest("ab1", ["ab2", "ab3"])


def test_a_very_long_word_is_no_typing_mistake() -> None:
    assert closest("a" * 101, ["a" * 100]) is None


def test_the_hint_in_words() -> None:
    assert did_you_mean("rsik", ["risk"]) == "did you mean `risk`?"
    assert did_you_mean("zzz", ["risk"]) == ""


def test_a_picture_has_carets_under_the_place_and_the_note_beside_them() -> None:
    assert picture("state.rsik == 'high'", 6, 10, "did you mean `risk`?") == (
        "state.rsik == 'high'\n"
        "      ^^^^  did you mean `risk`?"
    )  # fmt: skip


def test_a_place_on_a_later_line_shows_that_line_only() -> None:
    assert picture("one\r\n\ttwo three\r\nfour", 6, 9) == " two three\n ^^^"


def test_a_place_over_lines_is_marked_to_the_end_of_its_first() -> None:
    assert picture("one two\nthree", 4, 12) == "one two\n    ^^^"


def test_a_long_line_is_cut_around_the_place() -> None:
    line, marks = picture("a" * 300 + "HERE" + "b" * 300, 300, 304).split("\n")
    assert len(line) <= LINE_WIDTH_MAX + 2
    assert line[marks.index("^") :][:4] == "HERE"
    assert line.startswith("…")
    assert line.endswith("…")


@given(st.text(max_size=300), st.integers(0, 320), st.integers(0, 320))
def test_every_place_has_a_picture(source: str, start: int, length: int) -> None:
    line, _, marks = picture(source, start, start + length).rpartition("\n")
    assert marks.strip(" ").strip("^") == ""
    assert marks.count("^") >= 1
    assert len(marks) <= len(line) + 1


def test_a_picture_can_be_written_down() -> None:
    assert picture("a \ud800 b", 2, 3).encode() == b"a ? b\n  ^"


def test_among_many_names_those_that_begin_alike_are_compared() -> None:
    names = [f"node_{number}" for number in range(5_000)]
    assert closest("node_4999x", names) is not None
    assert closest("zode_4999", names) is None
    assert closest("zode_4999", names[:100]) is not None


def test_the_first_words_are_guessed() -> None:
    guess = Guesses(["risk"])
    assert [guess("rsik") for _ in range(GUESSES_MAX + 1)] == ["did you mean `risk`?"] * GUESSES_MAX + [""]

"""Errors as exceptions and as data."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.error import BadValue, ErrorData, PectinError, quote, shorten


def test_a_bad_value_says_where_what_and_what_to_do() -> None:
    error = BadValue("$.items[3]", "set is no JSON type", "make it a list")
    assert str(error) == "$.items[3]: set is no JSON type; make it a list"
    assert isinstance(error, PectinError)
    assert isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.path, copy.what, copy.hint) == (error.path, error.what, error.hint)


def test_a_failure_is_json() -> None:
    failure = ErrorData("timeout", "TimeoutError", "30 s are over", attempt=3)
    document = {"error_class": "timeout", "type": "TimeoutError", "message": "30 s are over", "attempt": 3}
    assert msgspec.to_builtins(failure) == document
    assert msgspec.convert(document, ErrorData) == failure


@given(st.text(), st.integers(0, 40))
def test_shortened_text_fits_and_short_text_stays(text: str, characters_max: int) -> None:
    short = shorten(text, characters_max)
    assert len(short) == min(len(text), characters_max)
    assert len(text) > characters_max or short == text


def test_both_ends_of_a_long_text_are_kept() -> None:
    assert shorten("abcdefghijklmnop", 9) == "abc … nop"


@pytest.mark.parametrize("value", ["x" * 10_000, [10**5_000], [1] * 1_000], ids=["text", "digits", "list"])
def test_a_quoted_value_is_short(value: object) -> None:
    assert len(quote(value)) <= 80

"""Every code says what it means and what to do."""

from __future__ import annotations

import re

import pytest

from pectin.core.audit import MEANINGS, Finding, found


def test_a_finding_says_what_to_do() -> None:
    assert found("gap", "event 3", "event 3 follows event 1") == Finding(
        "gap", "event 3", "event 3 follows event 1", MEANINGS["gap"][1]
    )


def test_a_code_that_means_nothing_is_no_code() -> None:
    with pytest.raises(KeyError):
        found("bad_luck", "everywhere", "it is so")


@pytest.mark.parametrize("code", MEANINGS)
def test_a_code_is_a_word_and_its_meaning_and_its_hint_are_sentences(code: str) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", code)
    for sentence in MEANINGS[code]:
        assert re.fullmatch(r"[A-Z].*[.]", sentence)

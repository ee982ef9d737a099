"""Durations as a document says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.document.durations import write_duration
from pectin.core.duration import DURATION_MS_MAX, parse_duration


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0s"),
        (250, "250ms"),
        (30_000, "30s"),
        (90_000, "1m30s"),
        (5_400_000, "1h30m"),
        (72 * 3_600_000, "72h"),
        (30 * 86_400_000, "30d"),
        (4 * 86_400_000 + 4 * 3_600_000 + 1, "4d4h1ms"),
    ],
)
def test_the_units_are_those_in_which_people_say_it(duration_ms: int, text: str) -> None:
    assert write_duration(duration_ms) == text


@given(st.integers(0, DURATION_MS_MAX))
def test_every_duration_comes_back(duration_ms: int) -> None:
    assert parse_duration(write_duration(duration_ms)) == duration_ms

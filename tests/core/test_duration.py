"""Durations are read exactly, and written so that they never say too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.duration import DURATION_MS_MAX, duration_to_json, format_duration, parse_duration
from pectin.core.error import BadValue

DURATIONS_MS = st.integers(0, DURATION_MS_MAX) | st.integers(0, 200_000)


@pytest.mark.parametrize(
    ("value", "duration_ms"),
    [
        ("250ms", 250),
        ("90s", 90_000),
        ("1h30m", 5_400_000),
        ("1h30min", 5_400_000),
        ("1 h 30 min", 5_400_000),
        ("72h", 259_200_000),
        ("3d", 259_200_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("1.5h", 5_400_000),
        (" 8.2 s ", 8_200),
        ("0s", 0),
        ("PT1H30M", 5_400_000),
        ("P3D", 259_200_000),
        ("P1W", 604_800_000),
        ("P1DT0.5S", 86_400_500),
        (0, 0),
        (90, 90_000),
        (timedelta(minutes=1, milliseconds=2), 60_002),
        ({"secs": 90, "nanos": 0}, 90_000),
        ({"nanos": 5_000_000, "secs": 0}, 5),
        ("36500d", DURATION_MS_MAX),
    ],
)
def test_forms(value: Any, duration_ms: int) -> None:
    assert parse_duration(value) == duration_ms


BAD: list[tuple[Any, str]] = [
    ("", "'' is no duration; write \"250ms\""),
    ("90", "'90' is no duration; write \"90s\" for seconds, or with another unit"),
    ("-5s", "'-5s' is no duration; write \"250ms\""),
    ("5x", "'5x' is no duration"),
    ("5S", "'5S' is no duration"),
    ("٣s", "'٣s' is no duration"),
    ("1s1h", "'1s1h' is no duration"),
    ("1s 1s", "'1s 1s' is no duration"),
    ("P", "'P' is no duration"),
    ("PT", "'PT' is no duration"),
    ("P1DT", "'P1DT' is no duration"),
    ("P1Y", "'P1Y' is no duration; write days: years and months have no fixed length"),
    ("P2M", "'P2M' is no duration; write days: years and months have no fixed length"),
    ("1.5h30m", "'1.5h30m' has a fraction before its last number"),
    ("0.1ms", "'0.1ms' is finer than a millisecond; write whole milliseconds"),
    (timedelta(microseconds=1), "datetime.timedelta(microseconds=1) is finer than a millisecond"),
    (timedelta(seconds=-1), "datetime.timedelta(days=-1, seconds=86399) is negative"),
    ("36501d", "'36501d' is longer than 100 years; write a shorter one"),
    (2**63, "9223372036854775808 is longer than 100 years"),
    (-1, "-1 is negative"),
    (1.5, "1.5 is no duration"),
    (True, "True is no duration"),
    (None, "None is no duration"),
    ([1], "[1] is no duration"),
    ({"secs": 1}, '{\'secs\': 1} is no duration; write {"secs": 90, "nanos": 0}, both integers'),
    ({"secs": 1.5, "nanos": 0}, "{'secs': 1.5, 'nanos': 0} is no duration"),
    ({"secs": -1, "nanos": 0}, "{'secs': -1, 'nanos': 0} is out of range"),
    ({"secs": 0, "nanos": 10**9}, "{'secs': 0, 'nanos': 1000000000} is out of range"),
    ({"secs": 0, "nanos": 1}, "{'secs': 0, 'nanos': 1} is finer than a millisecond"),
]


@pytest.mark.parametrize(("value", "message"), BAD, ids=[message for _, message in BAD])
def test_what_is_no_duration_is_refused(value: Any, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        parse_duration(value, "node.timeout")
    assert str(refusal.value).startswith(f"node.timeout: {message}")


def test_an_integer_of_any_size_is_refused_calmly() -> None:
    with pytest.raises(BadValue, match="a huge int is longer than 100 years"):
        parse_duration(10**10_000)


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0 ms"),
        (2, "2 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (8_299, "8.2 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min"),
        (90_000, "1 min 30 s"),
        (5_400_000, "1 h 30 min"),
        (259_200_000, "72 h"),
        (360_000_000, "4 d 4 h"),
        (604_800_000, "7 d"),
    ],
)
def test_what_people_read(duration_ms: int, text: str) -> None:
    assert format_duration(duration_ms) == text


def test_a_measured_time_keeps_its_tenth() -> None:
    assert format_duration(30_000, measured=True) == "30.0 s"
    assert format_duration(30_000) == "30 s"
    assert format_duration(2, measured=True) == "2 ms"


@given(DURATIONS_MS, st.booleans())
def test_what_is_written_can_be_read_and_is_never_more(duration_ms: int, measured: bool) -> None:
    read_ms = parse_duration(format_duration(duration_ms, measured=measured))
    assert read_ms <= duration_ms
    assert duration_ms - read_ms <= duration_ms / 10
    assert parse_duration(format_duration(read_ms, measured=measured)) == read_ms


@given(DURATIONS_MS)
def test_json_is_read_back(duration_ms: int) -> None:
    written = duration_to_json(duration_ms)
    assert parse_duration(written) == duration_ms
    assert isinstance(written, int) == (duration_ms % 1_000 == 0)


@given(st.text(alphabet="0123456789.hmsdinPTWHMDS -", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        duration_ms = parse_duration(text)
    except BadValue:
        return
    assert 0 <= duration_ms <= DURATION_MS_MAX

"""Points as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin import BadValue
from pectin.testing.crashtest import Point, When, commit_point, parse_point

COMMITS = st.builds(commit_point, st.integers(1, 10**6), st.sampled_from([w for w in When if w.is_of_commit]))
PLACES = st.sampled_from(["pay", "act[2]", "act[2][1]", "score#7", "ship/pack", "ship[1]/pack[2]#0"])
BODIES = st.builds(Point, PLACES, st.integers(1, 99), st.sampled_from([w for w in When if not w.is_of_commit]))


@given(COMMITS | BODIES)
def test_what_is_written_is_read(point: Point) -> None:
    assert parse_point(str(point)) == point


def test_the_first_attempt_goes_without_saying() -> None:
    assert str(Point("pay", 1, When.AFTER_BODY)) == "pay:after-body"
    assert str(Point("pay", 2, When.BEFORE_BODY)) == "pay@2:before-body"
    assert str(commit_point(7, When.INSIDE)) == "commit-7:inside"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pay", "'pay' doesn't say when"),
        ("pay:afterbody", "did you mean `after-body`"),
        ("commit-7:after-body", "a commit has no body"),
        ("commit-0:after", "`commit-0` is no commit"),
        ("pay:inside", "write pay:before-body or after-body"),
        ("7:after-body", "is no point of a run"),
        ("pay@0:after-body", "is no point of a run"),
        ("", "doesn't say when"),
    ],
)
def test_what_is_none_is_told(text: str, says: str) -> None:
    with pytest.raises(BadValue) as told:
        parse_point(text)
    assert says in str(told.value)

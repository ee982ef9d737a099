"""A crash test in one line of a suite."""

from __future__ import annotations

import pytest

from pectin import BadInput
from pectin.testing.crashtest import CrashesFound, check_crashes
from tests.testing.crashtest.flows import State, careless, done, once


def test_the_sound_one_gives_its_report() -> None:
    report = check_crashes(once, State(order="B"), probe=done, simulate=True)
    assert report.ok
    assert report.workflow == "once"


def test_the_unsound_one_fails_with_the_report_and_the_call_that_repeats_it() -> None:
    with pytest.raises(CrashesFound, match="pay did its work twice") as found:
        check_crashes(careless, {"order": "B"}, decide={"review": "approved"}, probe=done, simulate=True)
    assert isinstance(found.value, AssertionError)
    assert not found.value.report.ok
    assert "crashtest(careless, …, at=['pay:after-body'])" in str(found.value)


def test_one_point_may_be_a_text() -> None:
    with pytest.raises(CrashesFound):
        check_crashes(careless, probe=done, at="pay:after-body", simulate=True)
    assert check_crashes(careless, probe=done, at=["pay:before-body"], simulate=True).crashes == 1


def test_an_input_that_is_none_is_refused_before_anything_is_tried() -> None:
    with pytest.raises(BadInput):
        check_crashes(careless, {"ordr": "B"})

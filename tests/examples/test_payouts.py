"""The example that pays twice is found, and its sound versions pass."""

from __future__ import annotations

from typing import Any

import pytest

from examples.payouts import asked, careless, keyed, probe
from pectin.testing.crashtest import CrashesFound, check_crashes


def test_the_careless_one_pays_twice_when_it_is_killed_after_it_paid() -> None:
    with pytest.raises(CrashesFound) as found:
        check_crashes(careless, probe=probe)
    (failure,) = found.value.report.failures
    assert (failure.node, failure.points) == ("pay", ("pay:after-body",))
    assert failure.title == "pay did its work twice."


@pytest.mark.parametrize("workflow", [keyed, asked])
def test_the_sound_ones_pay_once_whatever_happens(workflow: Any) -> None:
    report = check_crashes(workflow, probe=probe)
    assert report.probe == "1 payment"
    assert report.crashes >= 13

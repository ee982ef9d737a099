"""From trials to a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.testing.crashtest import Case, Outcome, parse_point, simulate_trial
from pectin.testing.crashtest.compare import Calm, Difference, Kind, settle_on
from pectin.testing.crashtest.facts import Facts
from pectin.testing.crashtest.report import Report
from pectin.testing.crashtest.summary import Trial, sum_up
from tests.testing.crashtest.flows import careless

NOTHING = (None, None)


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def trial(point: str, *kinds: Kind, activation: str = "pay") -> Trial:
    lives = (parse_point(point),)
    differences = [Difference(kind, activation, f"{kind} it is") for kind in kinds]
    return Trial(lives, simulate_trial(Case(careless), lives), differences, NOTHING)


def calm() -> Calm:
    first: Outcome = simulate_trial(Case(careless))
    return settle_on(first, first, NOTHING)


def summed(*trials: Trial, flaky: bool = False) -> Report:
    def again(trial: Trial, calm: Calm) -> Trial:
        return trial._replace(differences=[]) if flaky else trial

    return sum_up(calm(), trials, Facts(Case(careless)), again, simulated=True)


def test_nothing_wrong_is_a_verdict_for_each_node() -> None:
    report = summed(trial("pay:after-body"), trial("commit-3:after"), trial("price:before-body"))
    assert [(verdict.node, verdict.crashes, verdict.entered, verdict.ok) for verdict in report.verdicts] == [
        ("price", 1, (1, 1), True),
        ("review", 1, None, True),
        ("pay", 1, (1, 2), True),
    ]
    assert report.ok


def test_alike_failures_are_one_and_a_body_is_its_smallest_reproduction() -> None:
    report = summed(trial("commit-4:before", Kind.WORLD), trial("pay:after-body", Kind.WORLD), trial("commit-1:after"))
    (failure,) = report.failures
    assert (failure.points, failure.times, failure.node) == (("pay:after-body",), 2, "pay")


def test_the_gravest_difference_is_told_first_and_hides_what_follows_from_it() -> None:
    report = summed(trial("pay:after-body", Kind.STATE, Kind.LOST), trial("commit-2:after", Kind.STATE))
    assert [failure.kind for failure in report.failures] == [Kind.LOST, Kind.STATE]


def test_what_is_nobodys_is_where_the_crash_was() -> None:
    report = summed(trial("review:before-body", Kind.HUNG, activation=""))
    assert [failure.node for failure in report.failures] == ["review"]


def test_one_that_does_not_fail_again_is_told_so() -> None:
    report = summed(trial("pay:after-body", Kind.WORLD), flaky=True)
    assert not report.failures[0].every_time


def test_what_was_never_reached_is_not_counted() -> None:
    report = summed(trial("pay@9:after-body"), trial("pay:after-body"))
    assert report.crashes == 1
    assert report.notes == ("1 point was never come to again, and not counted",)

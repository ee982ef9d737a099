"""The points of a calm run, and whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.testing.crashtest import Case, Outcome, commit_point, simulate_trial
from pectin.testing.crashtest.facts import Facts
from pectin.testing.crashtest.point import When
from pectin.testing.crashtest.points import find_lives, node_of, side_by_side, some
from tests.testing.crashtest.flows import careless, once, race, wide


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def lives(case: Case, *, has_inside: bool) -> tuple[Outcome, list[str]]:
    calm = simulate_trial(case)
    return calm, [" ".join(map(str, each)) for each in find_lives(calm, Facts(case), has_inside=has_inside)]


def test_every_side_of_every_commit_and_body() -> None:
    calm, found = lives(Case(careless), has_inside=True)
    assert len(found) == len(set(found)) == 3 * len(calm.writes()) + 2 * 2
    assert found[:5] == [
        "commit-1:before",
        "commit-1:inside",
        "commit-1:after",
        "price:before-body",
        "price:after-body",
    ]
    assert not any("inside" in each for each in lives(Case(careless), has_inside=False)[1])


def test_where_a_reconcile_is_asked_it_is_cut_off_too() -> None:
    _, found = lives(Case(once), has_inside=False)
    assert [each for each in found if "reconcile" in each] == [
        "pay:after-body pay:before-reconcile",
        "pay:after-body pay:after-reconcile",
    ]


def test_a_commit_is_its_first_nodes() -> None:
    calm, _ = lives(Case(careless), has_inside=False)
    nodes = [node_of(commit_point(number, When.AFTER), calm) for number in range(1, len(calm.writes()) + 1)]
    assert nodes == ["price", "price", "review", "pay"]
    assert node_of(commit_point(99, When.AFTER), calm) == ""


def test_who_runs_side_by_side() -> None:
    assert side_by_side(simulate_trial(Case(careless))) == []
    assert set(side_by_side(simulate_trial(Case(wide)))) == {"left", "right"}
    assert set(side_by_side(simulate_trial(Case(race)))) == {"hare", "tortoise"}


@given(st.integers(0, 50), st.integers(2, 20))
def test_some_are_spread_evenly(count: int, wanted: int) -> None:
    every = [(commit_point(number, When.AFTER),) for number in range(1, count + 1)]
    chosen = some(every, wanted)
    assert len(chosen) == min(count, wanted)
    assert len(set(chosen)) == len(chosen)
    if every:
        assert (chosen[0], chosen[-1]) == (every[0], every[-1])

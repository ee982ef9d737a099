"""What a failure is told as."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.core.definition import Effect
from pectin.testing.crashtest import Case, explain, parse_point, simulate_trial
from pectin.testing.crashtest.compare import Kind
from pectin.testing.crashtest.facts import Fact
from pectin.testing.crashtest.point import When
from tests.testing.crashtest.flows import careless


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def fact(effect: Effect | None) -> Fact:
    return Fact("ship/pay", "x", effect, False, "flow", "pay_it", None)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("effect", [*Effect, None])
def test_there_is_a_sentence_and_a_way_for_everything(kind: Kind, effect: Effect | None) -> None:
    assert explain.title(kind, "pay", 1).endswith(".")
    ways = explain.mend(kind, fact(effect), ["a", "b"])
    assert ways
    assert (ways == (explain.REPORT,)) is kind.is_ours


def test_the_names_are_those_of_the_file() -> None:
    keyed, once = explain.mend(Kind.WORLD, fact(Effect.IDEMPOTENT), [])
    assert keyed.startswith('1. @flow.node(effect="keyed")')
    assert '@flow.node(effect="once")  and @pay_it.reconcile' in once


@pytest.mark.parametrize("when", list(When))
def test_each_crash_is_told(when: When) -> None:
    calm = simulate_trial(Case(careless))
    place = "commit-3" if when.is_of_commit else "pay"
    said = explain.how([parse_point(f"{place}:{when}")], calm, ran_again=True)
    assert said.endswith(", so it ran again")
    assert ("commit 3 (of `review`, `pay`)" in said) is when.is_of_commit


def test_two_crashes_are_told_one_after_the_other() -> None:
    calm = simulate_trial(Case(careless))
    points = [parse_point("pay:after-body"), parse_point("commit-99:inside")]
    said = explain.how(points, calm, ran_again=False)
    assert said.endswith("before that was recorded; then the process was killed inside commit 99")

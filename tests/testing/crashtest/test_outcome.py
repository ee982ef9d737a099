"""What can be asked of an outcome."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pectin.testing.crashtest import Case, Outcome, parse_point, simulate_trial
from pectin.testing.crashtest.outcome import End, Told
from tests.testing.crashtest.flows import careless, doubtful, wide


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def test_it_goes_from_one_process_to_another_whole() -> None:
    outcome = simulate_trial(Case(wide), [parse_point("left:after-body")])
    again = msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome)
    assert again == outcome
    assert again.entered() == outcome.entered()


def test_it_tells_how_each_activation_settled() -> None:
    outcome = simulate_trial(Case(careless))
    assert outcome.root is not None
    assert outcome.root.outcomes() == {name: Told("completed") for name in ("price", "review", "pay")}
    assert outcome.root.ends() == 1
    assert str(Told("failed", "timeout")) == "failed: timeout"


def test_a_once_body_may_be_entered_again_when_nothing_has_happened() -> None:
    outcome = simulate_trial(Case(doubtful), [parse_point("pay:before-body")])
    assert outcome.root is not None
    assert outcome.root.allowed() == {"pay": 1}


def test_children_are_named_by_their_path() -> None:
    outcome = simulate_trial(Case(wide))
    assert outcome.entered() == {"left": 1, "right": 1, "ship/wrap": 1}
    assert {name for name, _ in outcome.returned()} == {"left", "right", "ship/wrap"}
    assert outcome.path_of(outcome.executions["ship"].execution_id) == "ship"
    assert outcome.path_of("nobody") is None


def test_an_empty_one_has_nothing() -> None:
    outcome = Outcome(End.HUNG)
    assert (outcome.root, outcome.status, outcome.state, outcome.lacks, outcome.stranded) == (None, None, {}, [], [])

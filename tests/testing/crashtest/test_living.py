"""What is done in one life, by whoever stands around the engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from pectin import Workflow, WorkflowStatus
from pectin.testing.crashtest import Case, End, living, simulate_trial
from pectin.testing.script import Script
from tests.testing.crashtest.flows import careless


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


class Count(BaseModel):
    rounds: int = 0


poll = Workflow("poll", version="1.0.0", state=Count)


@poll.node
async def ask(state: Count) -> Count:
    state.rounds += 1
    return state


pause = poll.wait("pause", duration="1h")
ask.then(pause)
pause.repeat(ask, when="state.rounds > 0", max_iterations=1_000)


def test_what_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "ROUNDS_MAX", 20)
    outcome = simulate_trial(Case(poll))
    assert outcome.end is End.BROKEN
    assert "and it has not ended" in outcome.detail
    assert 15 < outcome.state["rounds"] <= 20


def test_what_is_refused_is_noted_and_waits_for_better() -> None:
    outcome = simulate_trial(Case(careless, script=Script(decide={"review": "maybe"})))
    assert outcome.end is End.WAITS
    assert [refused.code for refused in outcome.refused] == ["unknown_decision"]


def test_an_engine_that_can_not_open_is_told() -> None:
    other = Workflow("careless", version="2.0.0", state=Count)
    other.node(_same)
    outcome = simulate_trial(Case(careless, workflows=[other]))
    assert outcome.end is End.BROKEN
    assert "two workflows are called `careless`" in outcome.detail


def _same(state: Count) -> Count:
    return state


def test_edits_go_with_the_decision() -> None:
    outcome = simulate_trial(Case(careless, script=Script(edits={"order": "B-2"})))
    assert (outcome.status, outcome.state["receipt"]) == (WorkflowStatus.COMPLETED, "12 for B-2")

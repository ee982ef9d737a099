"""Crashes in one process and in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from pectin import Happened, WorkflowStatus
from pectin.core.event import DoubtResolved
from pectin.core.need import NeedKind
from pectin.testing.crashtest import Case, End, parse_point, simulate_trial
from pectin.testing.crashtest.ledger import Killed
from pectin.testing.script import Script
from tests.testing.crashtest.flows import State, careless, done, doubtful, once, rows, wide

Where = Literal["memory", "sqlite"]
BOTH = pytest.mark.parametrize("store", ["memory", "sqlite"])


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


@BOTH
def test_a_calm_run_has_one_life(store: Where) -> None:
    outcome = simulate_trial(Case(careless, State(order="B")), store=store)
    assert (outcome.end, outcome.status, outcome.lives) == (End.ENDED, WorkflowStatus.COMPLETED, 1)
    assert outcome.state["receipt"] == "12 for B"
    assert dict(outcome.entered()) == {"price": 1, "pay": 1}
    assert (outcome.findings, outcome.lost, outcome.stranded, outcome.unreached) == ([], [], [], [])
    assert done() == ["paid 12"]


@BOTH
@pytest.mark.parametrize(
    ("point", "paid"),
    [
        ("commit-4:before", 2),
        ("commit-4:after", 1),
        ("pay:before-body", 1),
        ("pay:after-body", 2),
        ("commit-1:after", 1),
    ],
)
def test_a_crash_and_what_is_done_again(store: Where, point: str, paid: int) -> None:
    outcome = simulate_trial(Case(careless), [parse_point(point)], store=store)
    assert (outcome.end, outcome.status, outcome.lives) == (End.ENDED, WorkflowStatus.COMPLETED, 2)
    assert [record.point for record in outcome.ledger if isinstance(record, Killed)] == [parse_point(point)]
    assert done() == ["paid 12"] * paid
    assert outcome.findings == []


def test_inside_of_a_commit_is_before_it(tmp_path: Path) -> None:
    outcome = simulate_trial(Case(careless), [parse_point("commit-4:inside")], store="sqlite")
    assert (outcome.lives, outcome.unreached) == (2, [])
    assert done() == ["paid 12", "paid 12"]


@BOTH
def test_each_life_may_be_killed_once(store: Where) -> None:
    points = [parse_point(text) for text in ("commit-1:before", "price:after-body", "price@2:after-body")]
    outcome = simulate_trial(Case(careless), points, store=store)
    assert (outcome.lives, outcome.status) == (4, WorkflowStatus.COMPLETED)
    assert outcome.entered()["price"] == 3


def test_a_point_that_is_never_reached_is_told() -> None:
    outcome = simulate_trial(Case(careless), [parse_point("pay@7:after-body")])
    assert (outcome.lives, outcome.unreached) == (1, [parse_point("pay@7:after-body")])


@BOTH
def test_days_pass_and_messages_come(store: Where) -> None:
    case = Case(wide, script=Script(send={"parcel": {"at": "door"}}))
    calm = simulate_trial(case, store=store)
    assert calm.status is WorkflowStatus.COMPLETED
    assert set(calm.executions) == {"", "ship"}
    assert calm.executions["ship"].outcomes()["ship/wrap"].how == "completed"
    for number in range(1, len(calm.writes()) + 1):
        outcome = simulate_trial(case, [parse_point(f"commit-{number}:after")], store=store)
        assert (outcome.status, outcome.findings) == (WorkflowStatus.COMPLETED, []), number


def test_nobody_answers_what_is_silent() -> None:
    outcome = simulate_trial(Case(careless, script=Script(silent=["review"])))
    assert outcome.end is End.WAITS
    assert [(lack.activation, lack.kind) for lack in outcome.lacks] == [("review", NeedKind.PERSON)]


@pytest.mark.parametrize(("point", "attempts"), [("pay:before-body", 2), ("pay:after-body", 1)])
def test_a_doubt_is_told_the_truth(point: str, attempts: int) -> None:
    outcome = simulate_trial(Case(doubtful), [parse_point(point)])
    assert (outcome.status, outcome.state["receipt"]) == (WorkflowStatus.COMPLETED, "paid")
    assert done() == ["paid"]
    resolved = [event for event in outcome.executions[""].events if isinstance(event, DoubtResolved)]
    assert [event.happened for event in resolved] == [attempts == 1]


def test_a_doubt_is_told_what_the_script_says() -> None:
    case = Case(doubtful, script=Script(resolve={"pay": Happened("by hand")}))
    outcome = simulate_trial(case, [parse_point("pay:before-body")])
    assert (outcome.state["receipt"], done()) == ("by hand", [])


@pytest.mark.parametrize("second", ["pay:before-reconcile", "pay:after-reconcile", "commit-1:after", "commit-2:before"])
def test_a_reconcile_may_be_cut_off(second: str) -> None:
    outcome = simulate_trial(Case(once), [parse_point("pay:after-body"), parse_point(second)])
    assert (outcome.lives, outcome.status) == (3, WorkflowStatus.COMPLETED)
    assert (done(), outcome.entered()["pay"]) == (["paid"], 1)


def test_the_users_own_tables_are_told() -> None:
    for points in ([], ["book:after-body"], ["commit-2:inside"]):
        outcome = simulate_trial(Case(rows), [parse_point(text) for text in points], store="sqlite")
        assert outcome.tables == {"bookings": [["A-1"]]}


async def test_it_runs_beside_a_loop() -> None:
    assert simulate_trial(Case(careless)).status is WorkflowStatus.COMPLETED


def test_the_same_seed_is_the_same_run() -> None:
    def events(seed: int) -> list[object]:
        return [*simulate_trial(Case(wide), seed=seed).executions[""].events]

    assert events(1) == events(1)

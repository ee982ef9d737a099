"""A whole crash test, from what is asked to the report."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from pydantic import BaseModel

from pectin import BadValue, Workflow
from pectin.testing.crashtest import CalmRunFailed, Case, Plan, ProbeFailed, Report, campaign, try_crashes
from pectin.testing.crashtest.compare import Kind
from pectin.testing.script import Script
from tests.testing.crashtest.flows import (
    State,
    careless,
    denied,
    done,
    dying,
    failing,
    fickle,
    hanging,
    invented,
    mapped,
    once,
    race,
    rows,
    sprint,
    stuck,
    wide,
)


def simulated(case: Case, **plan: object) -> Report:
    return try_crashes(case, Plan(simulate=True, **plan))  # type: ignore[arg-type]


def test_the_double_payment_is_found_with_its_smallest_reproduction() -> None:
    report = simulated(Case(careless), probe=done)
    assert [(failure.kind, failure.node, failure.points) for failure in report.failures] == [
        (Kind.WORLD, "pay", ("pay:after-body",))
    ]
    (failure,) = report.failures
    assert (failure.times, failure.trials, failure.every_time) == (2, 4, True)
    assert failure.title == "pay did its work twice."
    assert "so it ran again" in failure.how
    assert [way[:40] for way in failure.mend] == [
        '1. @careless.node(effect="keyed") and ct',
        '2. @careless.node(effect="once")  and @p',
    ]
    verdicts = {verdict.node: verdict for verdict in report.verdicts}
    assert [verdicts[node].ok for node in ("price", "review", "pay")] == [True, True, False]
    assert verdicts["pay"].entered == (1, 2)
    assert report.crashes == sum(verdict.crashes for verdict in report.verdicts) == 12


def test_real_processes_find_the_same() -> None:
    report = try_crashes(Case(careless, seconds_max=10), Plan(probe=done))
    assert [(failure.kind, failure.node, failure.points) for failure in report.failures] == [
        (Kind.WORLD, "pay", ("pay:after-body",))
    ]
    assert (report.crashes, report.recoveries) == (16, 16)


def test_the_sound_one_passes() -> None:
    report = simulated(Case(once), probe=done)
    assert report.ok
    (verdict,) = (verdict for verdict in report.verdicts if verdict.node == "pay")
    assert (verdict.entered, verdict.words) == ((1, 1), "paid every time, never twice")


def test_rows_of_a_transaction_are_there_once() -> None:
    report = try_crashes(Case(rows), Plan())
    assert report.ok
    assert {verdict.words for verdict in report.verdicts if verdict.node == "book"} == {"same rows every time"}


def test_a_result_that_is_another_one_the_second_time_is_found() -> None:
    report = simulated(Case(fickle))
    assert [(failure.kind, failure.node) for failure in report.failures] == [(Kind.STATE, "draw")]
    assert "in the calm run it is" in report.failures[0].details[0]
    assert "not by time or chance" in report.failures[0].mend[0]


def test_an_outcome_that_depends_on_timing_is_found_unless_it_may() -> None:
    report = simulated(Case(race))
    orders = [failure for failure in report.failures if failure.kind is Kind.ORDER]
    assert orders
    assert orders[0].points == ()
    assert "`hare` and `tortoise` run side by side" in orders[0].mend[0]
    assert report.orders == campaign.ORDERS
    without = simulated(Case(race), any_order=True)
    assert without.orders == 0
    assert all(failure.kind is not Kind.ORDER for failure in without.failures)


def test_a_confluent_one_has_no_order() -> None:
    report = simulated(Case(wide))
    assert (report.ok, report.orders) == (True, campaign.ORDERS)
    assert any("no further" in note for note in report.notes) is False


def test_one_point_is_one_trial() -> None:
    report = simulated(Case(careless), at=["pay:after-body"], probe=done)
    assert (report.crashes, report.recoveries, report.points) == (1, 1, ("pay:after-body",))
    assert not report.ok
    assert simulated(Case(careless), at=["commit-1:after", "pay:before-body"], probe=done).crashes == 2


def test_a_long_run_is_tried_in_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "POINTS_MAX", 5)
    report = simulated(Case(careless))
    assert report.crashes == 5
    assert "5 of 12 points were tried; --all tries all of them" in report.notes
    assert simulated(Case(careless), everything=True).crashes == 12


def test_a_calm_run_that_waits_is_told() -> None:
    report = simulated(Case(careless, script=Script(silent=["review"])))
    assert report.ok
    assert any("goes no further than this: `review` waits for a person" in note for note in report.notes)


def test_progress_is_told() -> None:
    told: list[tuple[int, int, str]] = []

    def tell(through: int, total: int, what: str) -> None:
        told.append((through, total, what))

    try_crashes(Case(once), Plan(simulate=True, at=["pay:after-body"], probe=done), tell)
    assert told == [(0, 0, "the calm run"), (0, 1, "pay:after-body")]


stateless = Workflow("stateless", version="1.0.0", state=BaseModel, session_type="stateless")


@stateless.node
def nothing(state: BaseModel) -> BaseModel:
    return state


@pytest.mark.parametrize(
    ("case", "plan", "error", "says"),
    [
        (
            Case(careless),
            Plan(("commit-9:after",), simulate=True),
            BadValue,
            "the run has 4 commits; write commit-1",
        ),
        (Case(careless), Plan(("pay@2:after-body",), simulate=True), BadValue, "never comes to it; the bodies"),
        (Case(careless), Plan(("payy:after-body",)), BadValue, "did you mean `pay`"),
        (Case(careless, script=Script(decide={"x": "y"})), Plan(), BadValue, "there is no approval `x`"),
        (Case(stateless), Plan(), BadValue, "is stateless"),
        (Case(hanging, seconds_max=0.5), Plan(), CalmRunFailed, "it had not ended after 0.5 s; still running: `hang`"),
        (Case(dying), Plan(), CalmRunFailed, "its process ended with exit code 3"),
        (Case(careless), Plan(probe="exit 3"), ProbeFailed, "exit code 3"),
    ],
)
def test_what_can_not_be_tried_is_told(case: Case, plan: Plan, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as told:
        try_crashes(case, plan)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("lying", "what"),
    [
        (denied, "it said that nothing had happened, and the body had returned"),
        (invented, "it said that it had happened, and the body was never entered"),
    ],
)
def test_a_reconcile_that_lies_is_found_without_a_probe(lying: Workflow[State], what: str) -> None:
    (failure,) = simulated(Case(lying)).failures
    assert (failure.kind, failure.node, failure.details) == (Kind.RECONCILE, "pay", (what,))
    assert ".reconcile find out" in failure.mend[0]


def test_a_probe_says_better_what_a_lie_has_done() -> None:
    (twice,) = simulated(Case(denied), probe=done).failures
    (never,) = simulated(Case(invented), probe=done).failures
    assert (twice.kind, twice.title) == (Kind.WORLD, "pay did its work twice.")
    assert (never.kind, never.title) == (Kind.WORLD, "pay left the outside world different.")


@pytest.mark.parametrize("simulate", [False, True])
def test_bodies_that_are_over_at_once_have_an_order_too(simulate: bool) -> None:
    report = try_crashes(Case(sprint), Plan(simulate=simulate))
    assert report.orders == campaign.ORDERS
    assert Kind.ORDER in [failure.kind for failure in report.failures]


def test_the_remedy_is_for_the_decorator_that_is_there() -> None:
    report = simulated(Case(mapped, {"names": ["a"]}), probe=done)
    ways = {failure.node: failure.mend[0] for failure in report.failures}
    assert ways["pay_all"].startswith('1. @mapped.each(…, effect="keyed")')
    assert ways["tidy"].startswith('1. @mapped.finalizer(…, effect="keyed")')


def test_a_probe_that_says_something_else_every_time_is_told_and_blames_nobody(tmp_path: Path) -> None:
    asked = count()
    with pytest.raises(ProbeFailed, match=r"something else after a second calm run: .*PECTIN_CRASHTEST_DIR"):
        simulated(Case(careless), probe=lambda: [str(next(asked)), *done()])
    accounts = tmp_path / "accounts"

    def pay_once_for_ever() -> list[str]:
        accounts.write_text("paid" if done() or accounts.exists() else "")
        return accounts.read_text().split()

    with pytest.raises(ProbeFailed, match="something else"):
        simulated(Case(careless), probe=pay_once_for_ever)


def test_a_calm_run_that_proves_little_is_told() -> None:
    report = simulated(Case(failing), probe=done)
    assert report.ok
    assert report.notes[:2] == (
        "the calm run failed at `fail`, and goes no further: LookupError: the bank is closed",
        "the probe says the same before and after the calm run: it sees nothing of what the bodies do",
    )


def test_a_body_that_blocks_a_simulated_process_is_not_waited_for() -> None:
    with pytest.raises(CalmRunFailed, match=r"it had not ended after 0.2 s; still running: `hang`"):
        simulated(Case(hanging, seconds_max=0.2))


def test_trials_that_do_not_end_are_not_tried_for_ever() -> None:
    report = simulated(Case(stuck, seconds_max=0.2))
    assert [failure.kind for failure in report.failures] == [Kind.HUNG]
    assert report.crashes < 12
    assert "3 trials had not ended in time; the 6 after them were not tried" in report.notes

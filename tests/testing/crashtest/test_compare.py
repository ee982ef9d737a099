"""What counts as different from the calm run, and what doesn't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pectin.core.definition import Reducer
from pectin.core.error import ErrorData
from pectin.core.event import ClosingBegan
from pectin.core.need import NeedKind
from pectin.core.status import WorkflowStatus
from pectin.testing.crashtest import Case, Outcome, parse_point, simulate_trial
from pectin.testing.crashtest.compare import Kind, compare, compare_order, settle_on
from pectin.testing.crashtest.facts import Facts
from pectin.testing.crashtest.ledger import Entered
from pectin.testing.crashtest.outcome import End, Lack
from tests.testing.crashtest.flows import careless, doubtful, rows, wide

NOTHING = (None, None)
PAID = (["0 payments"], ["1 payment"])


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def kinds(change: Callable[[Outcome], object], case: Case | None = None) -> list[Kind]:
    """What is found of a calm run that was changed."""
    case = case or Case(careless)
    first = simulate_trial(case)
    trial = msgspec.json.decode(msgspec.json.encode(first), type=Outcome)
    change(trial)
    return [each.kind for each in compare(settle_on(first, first, NOTHING), trial, NOTHING, Facts(case))]


def enter_again(outcome: Outcome, activation: str, **other: object) -> None:
    last = next(r for r in outcome.ledger if isinstance(r, Entered) and r.activation == activation)
    outcome.ledger.append(msgspec.structs.replace(last, life=2, **{"attempt": 2, **other}))


def test_the_same_is_no_different() -> None:
    assert kinds(lambda outcome: None) == []


def test_a_body_that_may_run_again_may() -> None:
    assert kinds(lambda outcome: enter_again(outcome, "pay")) == []
    assert kinds(lambda outcome: enter_again(outcome, "price")) == []


def end(kind: End) -> Callable[[Outcome], None]:
    def change(outcome: Outcome) -> None:
        outcome.end = kind

    return change


def lack(kind: NeedKind) -> Callable[[Outcome], None]:
    def change(outcome: Outcome) -> None:
        outcome.end = End.WAITS
        outcome.executions[""].lacks = [Lack(kind, "pay", "somebody")]

    return change


def set_status(outcome: Outcome) -> None:
    outcome.executions[""].status = WorkflowStatus.FAILED


def add_end(outcome: Outcome) -> None:
    outcome.executions[""].events.append(outcome.executions[""].events[-1])


def add_execution(outcome: Outcome) -> None:
    seen = msgspec.structs.replace(outcome.executions[""], execution_id="other", path="other")
    outcome.executions["other"] = seen


CHANGES: list[tuple[Callable[[Outcome], object], Kind]] = [
    (lambda outcome: outcome.lost.append("version 3"), Kind.LOST),
    (lambda outcome: enter_again(outcome, "pay", attempt=1), Kind.BEGUN_TWICE),
    (lambda outcome: enter_again(outcome, "price", key="other"), Kind.OTHER_KEY),
    (lambda outcome: enter_again(outcome, "price", input="other"), Kind.OTHER_KEY),
    (lambda outcome: outcome.executions[""].state.update(receipt="other"), Kind.STATE),
    (lambda outcome: outcome.executions.clear(), Kind.STATUS),
    (lambda outcome: outcome.tables.update(bookings=[[1]]), Kind.ROWS),
    (set_status, Kind.STATUS),
    (add_end, Kind.AUDIT),
    (add_execution, Kind.AUDIT),
    (end(End.HUNG), Kind.HUNG),
    (end(End.BROKEN), Kind.BROKEN),
    (end(End.WAITS), Kind.STRANDED),
    (lack(NeedKind.PERSON), Kind.STUCK),
]


@pytest.mark.parametrize(("change", "found"), CHANGES)
def test_each_difference_is_found(change: Callable[[Outcome], object], found: Kind) -> None:
    assert found in kinds(change)


def test_a_doubt_that_is_left_to_a_person_is_as_declared() -> None:
    assert kinds(lack(NeedKind.DOUBT), Case(doubtful)) == []


def test_a_limit_that_a_crash_s_ceiling_reached_is_as_declared() -> None:
    def reach(outcome: Outcome) -> None:
        error = ErrorData("max_cost_usd", "LimitExceeded", "no more")
        closing = ClosingBegan(at=1, to=WorkflowStatus.LIMIT_EXCEEDED, cause="max_cost_usd", grace_until=1, error=error)
        outcome.executions[""].events.append(closing)
        outcome.executions[""].status = WorkflowStatus.LIMIT_EXCEEDED

    assert kinds(reach) == []


def test_a_once_body_that_is_entered_again_is_found() -> None:
    assert kinds(lambda outcome: enter_again(outcome, "pay"), Case(doubtful)) == [Kind.ONCE_TWICE]


def test_the_outside_world_has_to_change_as_it_did_and_whoever_ran_again_is_to_blame() -> None:
    case = Case(careless)
    calm = settle_on(simulate_trial(case), simulate_trial(case), PAID)
    trial = simulate_trial(case, [parse_point("pay:after-body")])
    assert compare(calm, trial, PAID, Facts(case)) == []
    (found,) = compare(calm, trial, (PAID[0], ["2 payments"]), Facts(case))
    assert (found.kind, found.activation, found.what) == (Kind.WORLD, "pay", "2 payments")


def test_what_differs_between_two_calm_runs_is_not_compared() -> None:
    first, second = simulate_trial(Case(rows), store="sqlite"), simulate_trial(Case(rows), store="sqlite")
    second.executions[""].state["order"] = "B"
    second.tables["bookings"] = []
    calm = settle_on(first, second, NOTHING)
    assert (calm.volatile, calm.tables) == ({"": frozenset({"order"})}, frozenset({"bookings"}))
    assert compare(calm, second, NOTHING, Facts(Case(rows))) == []


def test_an_order_may_change_that_of_what_is_added_and_nothing_else() -> None:
    case = Case(wide)
    first = simulate_trial(case)
    calm = settle_on(first, first, NOTHING)
    trial = msgspec.json.decode(msgspec.json.encode(first), type=Outcome)
    trial.executions[""].state["names"] = list(reversed(first.state["names"]))  # type: ignore[arg-type]
    assert compare_order(calm, trial, {"names": Reducer.APPEND}) == []
    assert [each.kind for each in compare_order(calm, trial, {})] == [Kind.ORDER]


def test_what_came_of_a_node_in_two_calm_runs_and_is_not_compared_is_known() -> None:
    first, second = simulate_trial(Case(careless)), simulate_trial(Case(careless))
    second.executions[""].events = second.executions[""].events[:3]
    assert "pay" in settle_on(first, second, NOTHING).unsettled

"""What an audit counts of money and tokens: what its laws say, in words. Their histories are in `histories`."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.audit.purse import Purse
from pectin.core.budget import Amount, Budget
from pectin.core.error import ErrorData
from pectin.core.event import BudgetReturned, BudgetSettled, ExecutionStarted, LimitReached
from tests.core.audit.histories import BOTH_IN_LINE, CREATED, begun, reserved


def purse() -> Purse:
    kept = Purse()
    for event in (*BOTH_IN_LINE, reserved("a"), begun(1)):
        kept.note(event)
    return kept


def test_a_finding_says_how_much_and_which_limit() -> None:
    found = list(purse().check(reserved("b")))
    assert found == [("overspent", "$1.20 is reserved and spent, and max_cost_usd is $1.00")]


def test_what_is_settled_counts_in_the_place_of_what_was_reserved() -> None:
    kept = purse()
    assert list(kept.check(BudgetSettled(at=3, activation="a", spent=Amount("1")))) == []
    assert [code for code, _ in kept.check(BudgetSettled(at=3, activation="a", spent=Amount("1.01")))] == ["overspent"]


def test_a_limit_that_was_lifted_counts_no_more() -> None:
    kept = purse()
    kept.note(LimitReached(at=3, error=ErrorData("max_cost_usd", "LimitExceeded", "m"), node="b"))
    assert list(kept.check(reserved("b"))) == []


def test_what_a_parent_leaves_counts_too() -> None:
    kept = Purse()
    kept.note(replace(CREATED, part=Budget(total_tokens=5)))
    kept.note(ExecutionStarted(at=1, budget=Budget("1")))
    found = list(kept.check(BudgetSettled(at=3, activation="a", spent=Amount("0", 3, 3))))
    assert found == [("overspent", "6 is reserved and spent, and total_tokens is 5")]


def test_what_was_returned_is_not_spent() -> None:
    kept = purse()
    kept.note(BudgetSettled(at=3, activation="a", spent=Amount("0.6")))
    kept.note(BudgetReturned(at=4, activation="a", amount=Amount("0.6")))
    assert (kept.spent, kept.reserved) == (Amount(), {})

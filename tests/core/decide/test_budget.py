"""What attempts are settled at: what they said, or their ceiling where nobody knows, and that once."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.budget import Amount
from pectin.core.command import Interrupt, Reconciled, Refused, Resolve
from pectin.core.definition import Effect, RetryPolicy, WorkflowLimits
from pectin.core.event import BudgetReturned
from tests.core.case import Case
from tests.core.world import fan, join, program, step

CEILING = Amount("0.4", 10, 20)


def spending(**traits: Any) -> Case:
    bound = program("a -> b", nodes=[step("a", ceiling=CEILING, **traits)], limits=WorkflowLimits(max_cost_usd="1"))
    return Case(bound=bound)


def test_a_failure_is_settled_at_what_it_said() -> None:
    case = spending()
    assert case.fail("a", spent=Amount("0.1"))[:2] == ["settled 0.1 a", "failed a"]
    assert case.run.spent == Amount("0.1")


def test_one_whose_time_is_up_and_that_has_stopped_too() -> None:
    case = spending()
    case.fail("a", "timeout", timed_out=True, spent=Amount("0.1"))
    assert case.run.spent == Amount("0.1")


def test_one_that_goes_on_is_settled_at_its_ceiling_and_at_no_less_than_it_said() -> None:
    case = spending()
    case.fail("a", "timeout", timed_out=True, abandoned=True, spent=Amount("0.1", 10, 90))
    assert case.run.spent == Amount("0.4", 10, 90)


def test_one_that_was_cut_off_is_settled_at_its_ceiling_each_time() -> None:
    case = spending()
    cut = case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert cut == ["settled 0.4 a", "reserved 0.4 a", "begun a"]
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert case.run.spent == Amount("0.8", 20, 40)
    assert (case.status, case.run.error and case.run.error.error_class) == ("limit_exceeded", "max_cost_usd")


def test_a_late_result_changes_nothing_of_it() -> None:
    case = Case(
        "s -> a",
        "s -> b",
        "a -> j",
        "b -> j",
        nodes=[fan("s"), step("a", ceiling=CEILING), join("j", "a", "b", at_least=1)],
    )
    case.done("b")
    assert case.run.spent == CEILING
    case.done("a", attempt=1, spent=Amount("0.01"))
    assert isinstance(case.answer, Refused)
    assert case.run.spent == CEILING


def test_without_a_ceiling_what_is_said_counts_and_nothing_else() -> None:
    case = Case("a -> b")
    assert case.done("a", spent=Amount("0.3"))[0] == "settled 0.3 a"
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert case.run.spent == Amount("0.3")


def test_a_ceiling_is_reserved_where_nothing_is_limited_too() -> None:
    """So a crash costs it, and what is told of an execution doesn't depend on whether it has limits."""
    case = Case("a -> b", nodes=[step("a", ceiling=CEILING)])
    assert case.started == ["scheduled a", "reserved 0.4 a", "begun a"]


# -- doubt ------------------------------------------------------------------------------------------------------


def in_doubt() -> Case:
    case = spending(effect=Effect.ONCE)
    assert case.send(Interrupt(at=case.tick(), reason="crash")) == ["in doubt a", "settled 0.4 a"]
    assert (case.run.spent, case.run.reserved, case.status) == (CEILING, {}, "paused")
    return case


def test_a_doubt_is_settled_at_its_ceiling_and_a_late_result_leaves_it_so() -> None:
    case = in_doubt()
    assert case.done("a", spent=Amount("0.01"))[0] == "completed a"
    assert case.run.spent == CEILING


def test_what_happened_stays_at_its_ceiling() -> None:
    case = in_doubt()
    case.send(Resolve(at=case.tick(), activation="a", happened=True, by="finance"))
    assert case.run.spent == CEILING


def test_what_did_not_happen_was_not_spent() -> None:
    case = in_doubt()
    resolve = Resolve(at=case.tick(), begin=case.offer, activation="a", happened=False, by="finance")
    assert case.send(resolve) == ["returned 0.4 a", "did not a", "reserved 0.4 a", "begun a"]
    assert case.run.spent == Amount()
    assert case.last(BudgetReturned).amount == CEILING


@pytest.mark.parametrize(("happened", "spent"), [(True, CEILING), (False, Amount())])
def test_a_reconcile_says_so_too(happened: bool, spent: Amount) -> None:
    case = spending(effect=Effect.ONCE, reconcile="a.reconcile")
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    case.send(Reconciled(at=case.tick(), activation="a", attempt=1, happened=happened))
    assert case.run.spent == spent


def test_who_fails_before_anybody_is_asked_stands_in_line_again() -> None:
    retry = RetryPolicy(max_attempts=2, initial_delay_ms=0, retryable_on=("io_error",))
    case = spending(effect=Effect.ONCE, reconcile="a.reconcile", retry=retry)
    case.send(Interrupt(at=case.tick(), reason="crash"))
    assert case.fail("a", attempt=1) == ["reserved 0.4 a", "begun a"]
    assert (case.run.ready, case.run.spent, case.run.reserved) == ({}, CEILING, {"a": CEILING})


def test_a_doubt_whose_attempt_has_stopped_is_settled_at_its_ceiling_too() -> None:
    """It may have spent more than it came to say."""
    case = spending(effect=Effect.ONCE)
    assert case.fail("a", "timeout", timed_out=True, spent=Amount("0.1"))[-1] == "settled 0.4 a"

"""The fold of what is reserved and spent."""

from __future__ import annotations

from pectin.core.event import BudgetAwaited, BudgetReserved, BudgetReturned, BudgetSettled
from pectin.core.state import Run


def reserve(run: Run, event: BudgetReserved) -> None:
    """Who reserves begins in the same commit, and stands in line no more."""
    assert event.activation not in run.reserved, "an attempt reserves once"
    del run.line[event.activation]
    run.reserved[event.activation] = event.amount
    run.reserve = run.reserve.plus(event.amount)


def settle(run: Run, event: BudgetSettled) -> None:
    reserved = run.reserved.pop(event.activation, None)
    if reserved is not None:
        run.reserve = run.reserve.minus(reserved)
    run.spent = run.spent.plus(event.spent)
    doubt = run.activations[event.activation].doubt
    if doubt is not None:
        doubt.charged = event.spent


def give_back(run: Run, event: BudgetReturned) -> None:
    doubt = run.activations[event.activation].doubt
    assert doubt is not None, "only what is in doubt may not have been spent"
    assert doubt.charged == event.amount, "what was charged is returned, once"
    doubt.charged = None
    run.spent = run.spent.minus(event.amount)


def wait(run: Run, event: BudgetAwaited) -> None:
    del run.backoff[event.activation]
    run.line[event.activation] = None

"""Facts about money and tokens: reserved before an attempt begins, settled when it has an outcome."""

from __future__ import annotations

from pectin.core.budget import Amount
from pectin.core.event.base import Event


class BudgetReserved(Event, tag="budget_reserved", frozen=True, gc=False, kw_only=True):
    """An attempt, or a child, that begins in this commit may spend this much, and nobody else may."""

    activation: str
    amount: Amount


class BudgetSettled(Event, tag="budget_settled", frozen=True, gc=False, kw_only=True):
    """What an attempt, or a child, has spent: what it said, or its ceiling where nobody knows. What was reserved for it
    is free."""

    activation: str
    spent: Amount


class BudgetReturned(Event, tag="budget_returned", frozen=True, gc=False, kw_only=True):
    """An attempt in doubt did not happen: what it was charged was not spent."""

    activation: str
    amount: Amount


class BudgetAwaited(Event, tag="budget_awaited", frozen=True, gc=False, kw_only=True):
    """The backoff of an activation is over, and it stands in line for the budget."""

    activation: str

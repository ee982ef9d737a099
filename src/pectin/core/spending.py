"""What people are told of a budget: what is spent of it, and who waits for the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pectin.core.budget import COST, LIMITS, NOTHING, Budget, measure, show_limit
from pectin.core.line import budgets_of, ceiling_of, find_passed, first_in_line
from pectin.core.state import Run


def tell_spent(run: Run) -> str | None:
    """What is spent, of how much: `spent $0.12 of $1.00 · 3,100 tokens`; None if nothing is, and nothing is limited."""
    budget = least(run)
    if run.spent == NOTHING and budget == Budget():
        return None
    told: list[str] = []
    for limit in LIMITS:
        most, spent = getattr(budget, limit), measure(limit, run.spent)
        if most is None and (spent in (0, "0") or (limit != COST and limit != LIMITS[-1])):
            continue
        of = "" if most is None else f" of {show_limit(limit, most)}"
        unit = "" if limit == COST else " tokens" if limit == LIMITS[-1] else f" {limit.replace('_', ' ')}"
        told.append(f"{show_limit(limit, spent)}{of}{unit}")
    return f"spent {' · '.join(told)}"


def tell_line(run: Run) -> str | None:
    """Who waits for the budget, and why; None if nobody does."""
    first = first_in_line(run)
    passed = None if first is None else find_passed(run, ceiling_of(first))
    if first is None or passed is None:
        return None
    wanted, spent, held = (
        show_limit(passed.limit, measure(passed.limit, amount))
        for amount in (ceiling_of(first), run.spent, run.reserve)
    )
    who = f"`{first.name}` waits" if len(run.line) == 1 else f"`{first.name}` and {len(run.line) - 1} more wait"
    of = f"`{passed.limit}`, {show_limit(passed.limit, passed.value)}"
    return f"{who} for {wanted} of {of}: {spent} is spent, and others hold {held}"


def least(run: Run) -> Budget:
    """Of what its parent leaves an execution and of its own limits, the less."""
    found: dict[str, Any] = {}
    for budget in budgets_of(run):
        for limit in LIMITS:
            value = getattr(budget, limit)
            if value is not None and (limit not in found or Decimal(value) < Decimal(found[limit])):
                found[limit] = value
    return Budget(**found)

"""Who stands in line for an execution's budget, and what is left of it.

It is one line: whoever is first and doesn't fit stops all behind, so that nobody starves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pectin.core.budget import NOTHING, Amount, Budget
from pectin.core.state import Activation, Run


class Passed(NamedTuple):
    """A limit that would be passed: its name, its value, and whether it is what the parent leaves."""

    limit: str
    value: str | int
    is_parents: bool


def budgets_of(run: Run) -> tuple[Budget, ...]:
    """What bounds an execution: what its parent leaves it, and limits of its own."""
    return tuple(budget for budget in (run.part, run.budget) if budget is not None)


def find_passed(run: Run, amount: Amount) -> Passed | None:
    """The limit that would be passed if this were reserved now, None if it fits."""
    total = run.spent.plus(run.reserve).plus(amount)
    for budget, is_parents in ((run.part, True), (run.budget, False)):
        limit = None if budget is None else budget.passed_by(total)
        if limit is not None:
            return Passed(limit, getattr(budget, limit), is_parents)
    return None


def first_in_line(run: Run) -> Activation | None:
    """Who is to be begun before all others that spend."""
    name = next(iter(run.line), None)
    return None if name is None else run.activations[name]


def ceiling_of(activation: Activation) -> Amount:
    """The most that who stands in line may spend in an attempt."""
    assert activation.ceiling is not None, "only who spends stands in line"
    return activation.ceiling


def waits_for_budget(run: Run) -> bool:
    """Whether the line stands still because its first doesn't fit."""
    first = first_in_line(run)
    return first is not None and find_passed(run, ceiling_of(first)) is not None


def fitting(run: Run, slots: int | None = None) -> Iterator[str]:
    """Those at the head of the line who fit side by side: each may begin, whether or not those before it do.

    With `slots`, no more than so many for whom a worker is needed.
    """
    ahead = NOTHING
    for name in run.line:
        activation = run.activations[name]
        ahead = ahead.plus(ceiling_of(activation))
        if find_passed(run, ahead) is not None:
            return
        if slots is not None and activation.wish is None:
            if slots == 0:
                return
            slots -= 1
        yield name


def may_begin(run: Run) -> bool:
    """Whether something could be begun by a worker now, if nobody holds the execution and its backoffs are left out."""
    return bool(run.ready) or next(fitting(run), None) is not None

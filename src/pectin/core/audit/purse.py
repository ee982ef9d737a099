"""The part of the books that counts money and tokens, and the laws of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pectin.core.budget import LIMITS, NOTHING, Amount, Budget, measure, show_limit
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    ExecutionCreated,
    ExecutionStarted,
    LimitReached,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeScheduled,
)

ENDING = (NodeCompleted, NodeFailed, NodeCancelled, AttemptFailed, AttemptInterrupted)
"""What ends an attempt, or a child, whose reservation was settled before."""


def reached_budgets(events: Iterable[AnyEvent]) -> list[str]:
    """The limits on what is spent that a history has reached."""
    found = [event.error for event in events if isinstance(event, LimitReached | ClosingBegan)]
    return [error.error_class for error in found if error is not None and error.error_class in LIMITS]


@dataclass(slots=True)
class Purse:
    """What an execution may spend, what it has spent, and who has reserved how much, by activation."""

    part: Budget | None = None
    budget: Budget | None = None
    spent: Amount = NOTHING
    reserved: dict[str, Amount] = field(default_factory=dict[str, Amount])
    ceilings: dict[str, Amount] = field(default_factory=dict[str, Amount])

    def check(self, event: AnyEvent) -> Iterator[tuple[str, str]]:
        """The laws that this event breaks."""
        name: str = getattr(event, "activation", None) or ""
        reserved, ceiling = self.reserved.get(name), self.ceilings.get(name)
        match event:
            case BudgetReserved():
                yield from self._check_room(event.amount)
            case BudgetSettled():
                more = event.spent.minus(reserved or NOTHING)
                yield from self._check_room(more)
                if reserved is None and ceiling is not None:
                    yield "settled_twice", f"`{name}` is settled, and has reserved nothing"
            case AttemptBegun() | ChildSpawned() if ceiling is not None and reserved != ceiling:
                yield "unreserved", f"`{name}` begins, and has not reserved its ceiling"
            case ClosingBegan() if event.cause in LIMITS and self.reserved:
                yield "limited_too_soon", f"{event.cause} is reached, and `{next(iter(self.reserved))}` still runs"
            case _:
                if reserved is not None and isinstance(event, ENDING):
                    yield "reservation_left", f"`{name}` has an outcome, and what it reserved is not settled"

    def note(self, event: AnyEvent) -> None:
        """Write an event down."""
        match event:
            case ExecutionCreated():
                self.part = event.part
            case ExecutionStarted():
                self.budget = event.budget
            case LimitReached():
                if self.budget is not None and event.error.error_class in LIMITS:
                    self.budget = self.budget.without(event.error.error_class)
            case NodeScheduled(ceiling=Amount() as ceiling) | ChildScheduled(ceiling=ceiling):
                self.ceilings[event.activation] = ceiling
            case BudgetReserved():
                self.reserved[event.activation] = event.amount
            case BudgetSettled():
                self.reserved.pop(event.activation, None)
                self.spent = self.spent.plus(event.spent)
            case BudgetReturned():
                self.spent = self.spent.minus(event.amount)
            case NodeCompleted() | NodeFailed() | NodeCancelled():
                self.reserved.pop(event.activation, None)
                self.ceilings.pop(event.activation, None)
            case _:
                pass

    def _check_room(self, more: Amount) -> Iterator[tuple[str, str]]:
        total = self.spent.plus(more)
        for amount in self.reserved.values():
            total = total.plus(amount)
        for budget in (self.part, self.budget):
            limit = None if budget is None else budget.passed_by(total)
            if limit is not None:
                counted, most = measure(limit, total), getattr(budget, limit)
                shown = f"{show_limit(limit, counted)} is reserved and spent"
                yield "overspent", f"{shown}, and {limit} is {show_limit(limit, most)}"
                return

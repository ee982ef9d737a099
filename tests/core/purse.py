"""A second account of what is reserved and spent, kept from the events alone, and the laws of it."""

from __future__ import annotations

from fractions import Fraction

from pectin.core.budget import Amount, Budget
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    BudgetAwaited,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
    CallApproved,
    CallParked,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionStarted,
    LimitReached,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeQuarantined,
    NodeScheduled,
    NodeSkipped,
    QuarantineReleased,
)

Sum = tuple[Fraction, int, int]

EMPTY: Sum = (Fraction(0), 0, 0)
LIMITS: tuple[str, ...] = ("max_cost_usd", "input_tokens", "output_tokens", "total_tokens")


def of(amount: Amount) -> Sum:
    return Fraction(amount.cost_usd), amount.input_tokens, amount.output_tokens


def add(*sums: Sum) -> Sum:
    costs, inputs, outputs = zip(EMPTY, *sums, strict=True)
    return sum(costs, Fraction(0)), sum(inputs), sum(outputs)


class Purse:
    """`line` are those who stand in line, in order; `charged` is what doubts were, `last` what was settled last."""

    def __init__(self) -> None:
        self.limits: list[dict[str, Fraction]] = [{}, {}]
        self.ceilings: dict[str, Sum] = {}
        self.line: list[str] = []
        self.reserved: dict[str, Sum] = {}
        self.spent = EMPTY
        self.doubted: set[str] = set()
        self._last: tuple[str, Sum, Sum] | None = None

    @property
    def total(self) -> Sum:
        return add(self.spent, *self.reserved.values())

    def fits(self, *more: Sum) -> bool:
        cost, inputs, outputs = add(self.total, *more)
        used = dict(zip(LIMITS, (cost, inputs, outputs, inputs + outputs), strict=True))
        return all(used[name] <= limit for limits in self.limits for name, limit in limits.items())

    def can_begin(self) -> bool:
        """Whether the first in line could be begun."""
        return bool(self.line) and self.fits(self.ceilings[self.line[0]])

    def read(self, event: AnyEvent) -> None:
        match event:
            case ExecutionCreated():
                self.limits[0] = _limits(event.part)
            case ExecutionStarted():
                self.limits[1] = _limits(event.budget)
            case NodeScheduled(ceiling=Amount() as ceiling) | ChildScheduled(ceiling=ceiling):
                self.ceilings[event.activation] = of(ceiling)
                self.line.append(event.activation)
            case CallParked() if event.activation in self.line:
                self.line.remove(event.activation)
            case CallApproved(decides=True) if event.activation in self.ceilings:
                self.line.append(event.activation)
            case BudgetReserved():
                self._reserve(event.activation, of(event.amount))
            case BudgetSettled():
                self._settle(event.activation, of(event.spent))
            case BudgetReturned():
                cost, inputs, outputs = of(event.amount)
                assert event.activation in self.doubted, "only a doubt is given back, once"
                self.doubted.remove(event.activation)
                self.spent = add(self.spent, (-cost, -inputs, -outputs))
            case LimitReached():
                assert event.error.error_class not in self.limits[0], "what a parent leaves is not lifted"
                self.limits[1].pop(event.error.error_class, None)
            case ClosingBegan(cause=cause) if cause in LIMITS:
                assert not self.reserved, "whoever runs may leave room"
                assert not self.can_begin(), f"{cause} is not reached"
            case _:
                self._follow(event)
        assert self.fits(), f"{event}: more than the limits is reserved and spent"

    def check_rest(self, running: set[str], children: dict[str, str], may_go_on: bool) -> None:
        """After a commit: whoever runs has reserved, whoever has reserved runs, and nobody waits in vain."""
        assert self.reserved.keys() == self.ceilings.keys() & (running | children.keys())
        if may_go_on and self.line and not self.can_begin():
            assert self.reserved, f"{self.line} waits for nobody"

    def _reserve(self, name: str, amount: Sum) -> None:
        assert amount == self.ceilings[name], f"{name} reserves its ceiling, whole"
        assert name not in self.reserved, f"{name} reserves twice"
        ahead = self.line[: self.line.index(name)]
        assert self.fits(amount, *(self.ceilings[other] for other in ahead)), f"{name} overtakes"
        self.line.remove(name)
        self.reserved[name] = amount

    def _settle(self, name: str, spent: Sum) -> None:
        reserved = self.reserved.pop(name, None)
        assert reserved is not None or name not in self.ceilings, f"{name} is settled twice"
        self.spent = add(self.spent, spent)
        self._last = (name, EMPTY if reserved is None else reserved, spent)
        if name in self.doubted:
            self._check_whole(name)

    def _follow(self, event: AnyEvent) -> None:
        name: str = getattr(event, "activation", None) or ""
        match event:
            case AttemptBegun() | ChildSpawned():
                assert name not in self.ceilings or name in self.reserved, f"{name} begins and has reserved nothing"
            case AttemptFailed():
                self._end(name, unknown=event.abandoned)
                if name in self.ceilings and event.not_before <= event.at:
                    self.line.append(name)
            case AttemptInterrupted():
                self._end(name, unknown=True)
                if name in self.ceilings:
                    self.line.append(name)
            case DoubtRaised():
                self.doubted.add(name)
            case DoubtResolved(happened=False) | QuarantineReleased() | BudgetAwaited():
                if name in self.ceilings:
                    assert name not in self.line, f"{name} stands in line once"
                    self.line.append(name)
                self.doubted.discard(name)
            case NodeQuarantined():
                self._leave(name)
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                gone = isinstance(event, NodeCancelled) and (event.attempt > 0 or event.child is not None)
                self._end(name, unknown=gone or (isinstance(event, NodeFailed) and event.abandoned))
                self._leave(name)
                self.ceilings.pop(name, None)
            case _:
                pass

    def _leave(self, name: str) -> None:
        if name in self.line:
            self.line.remove(name)

    def _end(self, name: str, *, unknown: bool) -> None:
        """Of an attempt that ends, everything is settled; where nobody knows, at its ceiling."""
        assert name not in self.reserved, f"{name} has ended, and keeps what it reserved"
        if unknown and name in self.ceilings and name not in self.doubted:
            self._check_whole(name)
        self.doubted.discard(name)

    def _check_whole(self, name: str) -> None:
        assert self._last is not None, f"{name} is not settled"
        last, reserved, spent = self._last
        assert last == name, f"{name} is not settled"
        known_at_least = all(one <= other for one, other in zip(reserved, spent, strict=True))
        assert known_at_least, f"nobody knows what {name} spent, and it is settled below its ceiling"


def _limits(budget: Budget | None) -> dict[str, Fraction]:
    found = {name: getattr(budget, name, None) for name in LIMITS}
    return {name: Fraction(value) for name, value in found.items() if value is not None}

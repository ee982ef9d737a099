"""Who stands in line for the budget begins in order, as far as it fits; and the limit is reached when the first doesn't
fit and nobody is left who could make room."""

from __future__ import annotations

from pectin.core.budget import COST, Amount, measure, show_limit
from pectin.core.decide.child import born
from pectin.core.decide.limit import reach_limit
from pectin.core.decide.turn import Turn
from pectin.core.error import ErrorData
from pectin.core.event import AttemptBegun, BudgetReserved
from pectin.core.line import Passed, ceiling_of, find_passed, first_in_line, fitting
from pectin.core.state import Activation


def serve_line(turn: Turn) -> bool:
    """Begin who fits, and see whether the rest waits for somebody. True if a limit was reached, from which more may
    follow."""
    run = turn.run
    if not turn.may_go_on:
        return False
    _begin_fitting(turn)
    first = first_in_line(run)
    passed = None if first is None or run.reserved else find_passed(run, ceiling_of(first))
    if first is None or passed is None:
        return False
    error = ErrorData(passed.limit, "LimitExceeded", _message(turn, first, passed))
    reach_limit(turn, error, first.name, may_lift=not passed.is_parents)
    return True


def _begin_fitting(turn: Turn) -> None:
    """Whoever has no worker here keeps its place: who is behind it begins only if both fit."""
    run = turn.run
    for name in list(fitting(run, turn.slots)):
        activation = run.activations[name]
        if activation.wish is not None:
            _reserve(turn, activation)
            turn.emit(born(turn, activation, activation.wish))
        elif (worker := turn.take_slot(activation.node)) is not None:
            _reserve(turn, activation)
            turn.emit(AttemptBegun(at=turn.at, activation=name, attempt=activation.attempt + 1, by=worker))


def _reserve(turn: Turn, activation: Activation) -> None:
    turn.emit(BudgetReserved(at=turn.at, activation=activation.name, amount=ceiling_of(activation)))


def _message(turn: Turn, activation: Activation, passed: Passed) -> str:
    """Which limit, its value, what is spent, and who wants how much."""
    limit = passed.limit
    wanted, spent = (_show(limit, amount) for amount in (ceiling_of(activation), turn.run.spent))
    what = "the child" if activation.wish is not None else "an attempt"
    value = show_limit(limit, passed.value)
    where = f"its parent leaves it {value}" if passed.is_parents else f"{limit} is {value}"
    return f"`{activation.name}` may spend {wanted} in {what}, and {spent} is spent; {where}"


def _show(limit: str, amount: Amount) -> str:
    shown = show_limit(limit, measure(limit, amount))
    return shown if limit == COST else f"{shown} {limit.replace('_', ' ')}"

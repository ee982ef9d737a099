"""Slips in what is reserved and spent, and in who stands in line."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.budget import COST, NOTHING, Amount, Budget
from pectin.core.decide.turn import Turn
from pectin.core.error import ErrorData
from pectin.core.event import BudgetReserved, BudgetReturned, BudgetSettled, LimitReached
from pectin.core.evolve import FOLDS
from tests.core.bugs.plant import after, around, nothing

ATTEMPT: Any = import_module("pectin.core.decide.attempt")
CLOSE: Any = import_module("pectin.core.decide.close")
DOUBT: Any = import_module("pectin.core.decide.doubt")
LINE: Any = import_module("pectin.core.decide.line")
IN_LINE: Any = import_module("pectin.core.line")
WAIT: Any = import_module("pectin.core.decide.wait")

_LITTLE = Amount("0.000001")


def _settle(turn: Turn, name: str, spent: Amount) -> None:
    if name in turn.run.reserved or spent != NOTHING:
        turn.emit(BudgetSettled(at=turn.at, activation=name, spent=spent))


def only_spent_counts(patch: pytest.MonkeyPatch) -> None:
    """What others have reserved is forgotten where it is asked whether more fits."""

    def wrap(real: Any) -> Any:
        def passed(run: Any, amount: Any) -> Any:
            reserve, run.reserve = run.reserve, NOTHING
            try:
                return real(run, amount)
            finally:
                run.reserve = reserve

        return passed

    around(patch, IN_LINE, "find_passed", wrap)


def equal_is_too_much(patch: pytest.MonkeyPatch) -> None:
    """A limit of n doesn't allow n."""
    wrap = lambda real: lambda self, amount: real(self, amount.plus(_LITTLE))  # noqa: E731
    around(patch, Budget, "passed_by", wrap)


def a_little_more_is_allowed(patch: pytest.MonkeyPatch) -> None:
    def wrap(real: Any) -> Any:
        def passed(self: Budget, amount: Amount) -> Any:
            has_more = replace(self, max_cost_usd=self.max_cost_usd and str(Decimal(self.max_cost_usd) + 1))
            return real(has_more, amount)

        return passed

    around(patch, Budget, "passed_by", wrap)


def tokens_not_counted(patch: pytest.MonkeyPatch) -> None:
    wrap = lambda real: lambda self, amount: real(Budget(self.max_cost_usd), amount)  # noqa: E731
    around(patch, Budget, "passed_by", wrap)


def smaller_overtakes(patch: pytest.MonkeyPatch) -> None:
    """Whoever fits begins, whoever stands before it."""

    def fitting(run: Any, slots: Any = None) -> Any:
        return [n for n in run.line if IN_LINE.find_passed(run, run.activations[n].ceiling) is None][:1]

    patch.setattr(LINE, "fitting", fitting)


def reached_although_somebody_runs(patch: pytest.MonkeyPatch) -> None:
    def reach(turn: Turn) -> None:
        first = IN_LINE.first_in_line(turn.run)
        if first is not None and IN_LINE.waits_for_budget(turn.run):
            LINE.reach_limit(turn, ErrorData(COST, "LimitExceeded", "too soon"), first.name)

    after(patch, LINE, "_begin_fitting", reach)


def crash_costs_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ATTEMPT, "settle_unknown", lambda turn, name, known=None: _settle(turn, name, NOTHING))


def doubt_costs_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DOUBT, "settle_unknown", lambda turn, name, known=None: _settle(turn, name, NOTHING))


def cancel_costs_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CLOSE, "settle_unknown", lambda turn, name, known=None: _settle(turn, name, NOTHING))


def cancel_keeps_the_reservation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CLOSE, "settle_unknown", nothing)


def failure_keeps_the_reservation(patch: pytest.MonkeyPatch) -> None:
    around(patch, ATTEMPT, "settle_said", lambda real: lambda turn, a, spent: spent and real(turn, a, spent))


def child_keeps_its_part(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WAIT, "settle_said", nothing)


def late_result_counts_too(patch: pytest.MonkeyPatch) -> None:
    """What was settled when a doubt was raised is settled again by the late result."""

    def said(turn: Any, activation: Any, spent: Any) -> None:
        _settle(turn, activation.name, spent or NOTHING)

    patch.setattr(ATTEMPT, "settle_said", said)


def what_did_not_happen_is_charged_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(FOLDS, BudgetReturned, nothing)


def settled_and_not_added(patch: pytest.MonkeyPatch) -> None:
    def wrap(real: Any) -> Any:
        def settle(run: Any, event: Any) -> None:
            spent = run.spent
            real(run, event)
            run.spent = spent

        return settle

    around(patch, FOLDS, BudgetSettled, wrap)


def nothing_reserved(patch: pytest.MonkeyPatch) -> None:
    around(patch, LINE, "ceiling_of", lambda real: lambda activation: real(activation).minus(real(activation)))


def reserved_and_in_line(patch: pytest.MonkeyPatch) -> None:
    after(patch, FOLDS, BudgetReserved, lambda run, event: run.line.update({event.activation: None}))


def limit_not_lifted(patch: pytest.MonkeyPatch) -> None:
    def wrap(real: Any) -> Any:
        def reach(run: Any, event: Any) -> None:
            budget = run.budget
            real(run, event)
            run.budget = budget

        return reach

    around(patch, FOLDS, LimitReached, wrap)


def line_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Nobody in line begins, and nobody says that the limit is reached."""
    decide: Any = import_module("pectin.core.decide")
    patch.setattr(decide, "serve_line", nothing)

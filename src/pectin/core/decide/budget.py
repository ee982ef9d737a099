"""What attempts and children have spent, settled when they have an outcome: at what they said, or at their ceiling
where nobody knows. What was settled once stays so, but for a doubt that turns out not to have happened."""

from __future__ import annotations

from pectin.core.budget import NOTHING, Amount
from pectin.core.decide.turn import Turn
from pectin.core.event import BudgetReturned, BudgetSettled
from pectin.core.state import Activation


def settle_said(turn: Turn, activation: Activation, spent: Amount | None) -> None:
    """Settle an attempt, or a child, that said what it has spent. One in doubt was settled when that was raised."""
    if activation.doubt is None:
        _settle(turn, activation.name, NOTHING if spent is None else spent)


def settle_unknown(turn: Turn, name: str, known: Amount | None = None) -> None:
    """Settle an attempt, or a child, of which nobody knows what it has spent, but for what it said so far."""
    said = NOTHING if known is None else known
    _settle(turn, name, turn.run.reserved.get(name, NOTHING).most(said))


def give_back(turn: Turn, activation: Activation) -> None:
    """An attempt in doubt did not happen."""
    doubt = activation.doubt
    if doubt is not None and doubt.charged is not None:
        turn.emit(BudgetReturned(at=turn.at, activation=activation.name, amount=doubt.charged))


def _settle(turn: Turn, name: str, spent: Amount) -> None:
    if name in turn.run.reserved or spent != NOTHING:
        turn.emit(BudgetSettled(at=turn.at, activation=name, spent=spent))

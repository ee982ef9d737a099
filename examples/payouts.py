"""A payout that is paid twice if its process is killed at the wrong moment, and two that are not.

    pectin crashtest examples/payouts.py:careless
    pectin crashtest examples/payouts.py:keyed
    pectin crashtest examples/payouts.py:asked

The bank is a file in the directory of the trial, so that each trial has its own. `probe` is what the crash test asks
before and after each.
"""

import json
import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pectin import Context, DidNot, Happened, Workflow


@dataclass
class Payout:
    order: str = "A-1042"
    amount: Decimal = Decimal(0)
    receipt: str | None = None


class Bank:
    """It knows idempotency keys: the second call with one gives the first one's receipt. It can be asked, too."""

    def __init__(self) -> None:
        self._file = Path(os.environ.get("PECTIN_CRASHTEST_DIR", ".")) / "payments.jsonl"

    def payments(self) -> list[dict[str, str]]:
        if not self._file.exists():
            return []
        return [json.loads(line) for line in self._file.read_text(encoding="utf-8").splitlines()]

    def find(self, reference: str) -> str | None:
        """The receipt of the first payment with this reference, or key."""
        return next((each["receipt"] for each in self.payments() if reference in (each["order"], each["key"])), None)

    def pay(self, order: str, amount: Decimal, *, key: str = "") -> str:
        if key and (receipt := self.find(key)) is not None:
            return receipt
        receipt = f"{amount} for {order}"
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"order": order, "amount": str(amount), "key": key, "receipt": receipt}) + "\n")
        return receipt


def probe() -> str:
    """What the bank has paid."""
    count = len(Bank().payments())
    return f"{count} payment{'' if count == 1 else 's'}"


def look_up(state: Payout) -> Payout:
    state.amount = Decimal("1299.00")  # ask your shop
    return state


# Nothing is declared of `pay`: so it may run again, and after a crash it does.

careless = Workflow("careless", version="1.0.0", state=Payout)


@careless.node(name="pay")
def pay_carelessly(state: Payout) -> Payout:
    state.receipt = Bank().pay(state.order, state.amount)
    return state


careless.node(look_up).then(pay_carelessly)


# The bank gets the same key on every attempt.

keyed = Workflow("keyed", version="1.0.0", state=Payout)


@keyed.node(name="pay", effect="keyed")
def pay_with_key(state: Payout, ctx: Context) -> Payout:
    state.receipt = Bank().pay(state.order, state.amount, key=ctx.key)
    return state


keyed.node(look_up).then(pay_with_key)


# A bank that knows no keys is asked before anything is paid again.

asked = Workflow("asked", version="1.0.0", state=Payout)


@asked.node(name="pay", effect="once")
def pay_once(state: Payout) -> Payout:
    state.receipt = Bank().pay(state.order, state.amount)
    return state


@pay_once.reconcile
def was_it_paid(state: Payout) -> Happened[Payout] | DidNot:
    receipt = Bank().find(state.order)
    if receipt is None:
        return DidNot()
    state.receipt = receipt
    return Happened(state)


asked.node(look_up).then(pay_once)

"""A refund that a person must approve if it is big.

pectin run examples/refund.py --input '{"order": "A-1042"}' --key A-1042
"""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from pectin import END, Context, Workflow


class Refund(BaseModel):
    order: str
    amount: Decimal = Decimal(0)
    risk: Literal["unknown", "low", "high"] = "unknown"
    receipt: str | None = None


refund = Workflow("refund", version="1.0.0", state=Refund)


@refund.node(retry="io_default", timeout="30s")
async def look_up(state: Refund) -> Refund:
    state.amount = Decimal("1299.00")  # ask your shop
    return state


@refund.node
def assess(state: Refund) -> Refund:
    state.risk = "high" if state.amount > 1000 else "low"
    return state


@refund.node(effect="keyed")  # the same key on every attempt
async def pay(state: Refund, ctx: Context) -> Refund:
    state.receipt = f"paid {state.amount}, {ctx.key}"  # your bank's API, with its idempotency key
    return state


review = refund.approval("review", "Refund {{ state.amount }} for {{ state.order }}?", deadline="72h")
look_up.then(assess)
assess.then(review, when="state.risk == 'high'")
assess.otherwise(pay)
review.on(approved=pay, rejected=END, timeout=END)

"""The functions of `refund.yaml`: plain ones, that a unit test calls without an engine."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from pectin import Context


class Refund(BaseModel):
    """The state of the document. A function may also take `dict[str, Any]`, or a TypedDict of some of its fields."""

    order: str
    amount: Decimal = Decimal(0)
    risk: Literal["unknown", "low", "high"] = "unknown"
    receipt: str | None = None


async def look_up(state: Refund) -> Refund:
    state.amount = Decimal("1299.00")  # ask your shop
    return state


def assess(state: Refund) -> Refund:
    state.risk = "high" if state.amount > 1000 else "low"
    return state


async def pay(state: Refund, ctx: Context) -> Refund:
    state.receipt = f"paid {state.amount}, {ctx.key}"  # your bank's API, with its idempotency key
    return state

"""A small workflow that the tests of this room share: states of all four sorts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypedDict

from pydantic import BaseModel

from pectin.authoring.workflow import Workflow

Risk = Literal["low", "high"]


class Item(BaseModel):
    price: Decimal


class Order(BaseModel):
    id: str
    amount: Decimal = Decimal(0)
    risk: Risk = "low"
    items: list[Item] = []
    labels: list[str] = []
    receipt: str | None = None


@dataclass
class OrderData:
    id: str
    amount: Decimal = Decimal(0)
    items: list[Item] = field(default_factory=list[Item])


class OrderDict(TypedDict):
    id: str
    risk: Risk


class SomeOfOrder(TypedDict, total=False):
    risk: Risk
    receipt: str | None


def new_workflow() -> Workflow[Order]:
    return Workflow("orders", version="1.0.0", state=Order)


def stored(**values: Any) -> dict[str, Any]:
    """A stored `Order`."""
    state: dict[str, Any] = {"id": "A", "amount": "0", "risk": "low", "items": [], "labels": [], "receipt": None}
    return state | values

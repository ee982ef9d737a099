"""Tools as they are declared: they are still their functions."""

from __future__ import annotations

from decimal import Decimal

import pectin
from pectin import Context, HttpTool, Secret
from pectin.authoring.tool import Tool


@pectin.tool(name="bank.pay", effect="keyed")
def pay(*, order: str, amount: Decimal, ctx: Context) -> str:
    """Pay an order.

    Really.
    """
    return f"{order} {amount} {ctx.key}"


@pectin.tool
async def ping() -> None: ...


def test_called_it_is_the_function() -> None:
    assert pay(order="A", amount=Decimal(3), ctx=Context(key="k")) == "A 3 k"
    assert getattr(pay, "__name__", None) == "pay"


async def test_also_an_async_one() -> None:
    assert await ping() is None


def test_what_is_not_said_is_the_functions() -> None:
    assert (pay.name, pay.effect, pay.description) == ("bank.pay", "keyed", "Pay an order.")
    assert (ping.name, ping.effect, ping.description) == ("ping", "once", None)
    assert isinstance(ping, Tool)
    assert pay.place.file.endswith("test_tool.py")
    said = pectin.tool(description="Pings.")(ping.function)
    assert said.description == "Pings."


def test_an_endpoint_shows_where_it_leads_and_no_more() -> None:
    tool = HttpTool(
        name="shop.order", method="GET", url="https://api.example.com/", headers={"Authorization": Secret("SHOP")}
    )
    assert repr(tool) == "HttpTool('shop.order', GET https://api.example.com/)"

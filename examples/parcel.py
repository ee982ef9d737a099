"""An order that waits until its parcel is scanned, or for five days: whichever comes first.

    python examples/parcel.py

The scan is an external event: a program that knows the parcel and no execution sends it to `("scanned", tracking)`.
It may come before the order waits: then it is kept for a week, and taken by the first wait for it.
"""

import asyncio
from typing import Literal

from pydantic import BaseModel

from pectin import Workflow, testing


class Scan(BaseModel):
    place: str
    by: str


class Order(BaseModel):
    tracking: str
    scan: Scan | None = None
    outcome: Literal["packed", "delivered", "searched for"] = "packed"


orders = Workflow("orders", version="1.0.0", state=Order)

pack = orders.wait("pack", duration="1h")
delivery = orders.wait("delivery", event="scanned", key="{{ state.tracking }}", duration="5d", output_key="scan")


@orders.node
def thank(state: Order) -> Order:
    state.outcome = "delivered"
    return state


@orders.node(effect="keyed", retry="io_default")
def search(state: Order) -> Order:
    state.outcome = "searched for"  # the carrier's API
    return state


pack.then(delivery)
delivery.then(thank, when="output.came == 'event'").otherwise(search)


async def main() -> list[Order]:
    clock = testing.VirtualClock()
    async with testing.engine(orders, clock=clock) as engine:
        early, late, lost = [await engine.start(orders, Order(tracking=name)) for name in ("P-1", "P-2", "P-3")]

        scan = {"place": "front door", "by": "carrier"}
        assert await engine.send("scanned", "P-1", scan, dedup="scan-17")  # before anybody waits: it is kept
        assert not await engine.send("scanned", "P-1", scan, dedup="scan-17")  # the same one again: it was there
        await clock.advance("1h")
        await engine.send("scanned", "P-2", scan)  # while the order waits for it
        await clock.advance("5d")  # P-3 is never scanned

        done = [await execution.result() for execution in (early, late, lost)]
    for order in done:
        print(f"{order.tracking}  {order.outcome}" + (f", {order.scan.place}" if order.scan else ""))
    return done


if __name__ == "__main__":
    asyncio.run(main())

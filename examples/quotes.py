"""Three carriers are asked for a quote; the first answer wins, and nobody waits for the others.

    python examples/quotes.py

A join with `first=True` goes on with the first arrival and cancels what leads nowhere but to it. This is one of the few
places where an outcome depends on time, and it is the one that was asked for.
"""

import asyncio

from pydantic import BaseModel

from pectin import Workflow, testing

ANSWERS_AFTER_SECONDS = {"rail": 60.0, "road": 0.01, "air": 60.0}


class Parcel(BaseModel):
    kilograms: int
    quotes: dict[str, int] = {}  # by carrier; what several nodes write side by side is merged
    carrier: str = ""
    cents: int = 0


quotes = Workflow("quotes", version="1.0.0", state=Parcel, reducers={"quotes": "merge"})

begin = quotes.parallel("begin")


async def ask(carrier: str, kilograms: int, cents_per_kilogram: int) -> dict[str, int]:
    try:
        await asyncio.sleep(ANSWERS_AFTER_SECONDS[carrier])  # the carrier's API
    except asyncio.CancelledError:
        print(f"{carrier}: called off")
        raise
    return {carrier: kilograms * cents_per_kilogram}


@quotes.node(output_key="quotes", retry="io_default")
async def ask_rail(state: Parcel) -> dict[str, int]:
    return await ask("rail", state.kilograms, 90)


@quotes.node(output_key="quotes", retry="io_default")
async def ask_road(state: Parcel) -> dict[str, int]:
    return await ask("road", state.kilograms, 120)


@quotes.node(output_key="quotes", retry="io_default")
async def ask_air(state: Parcel) -> dict[str, int]:
    return await ask("air", state.kilograms, 700)


first = quotes.join("first", wait_for=[ask_rail, ask_road, ask_air], first=True)


@quotes.node
def order(state: Parcel) -> Parcel:
    [(state.carrier, state.cents)] = state.quotes.items()
    return state


begin.then(ask_rail, ask_road, ask_air)
ask_rail.then(first)
ask_road.then(first)
ask_air.then(first)
first.then(order)


async def main() -> Parcel:
    async with testing.engine(quotes) as engine:
        execution = await engine.start(quotes, Parcel(kilograms=3))
        done = await execution.result()
    print(f"{done.carrier}: carries {done.kilograms} kg for {done.cents / 100:.2f}")
    return done


if __name__ == "__main__":
    asyncio.run(main())

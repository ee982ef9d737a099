"""A saga: book a flight and a hotel, pay, and if that can't be done, give back what was booked, last things first.

    python examples/trip.py

Every way back is an edge, so it is drawn, checked and recorded like the rest. A compensation is `keyed` and tried
again: what must be undone must not depend on one call.
"""

import asyncio

from pydantic import BaseModel

from pectin import Context, Workflow, testing


class Trip(BaseModel):
    city: str
    price: int
    credit: int
    flight: str | None = None
    hotel: str | None = None
    receipt: str | None = None
    diary: list[str] = []


class NoCredit(Exception):
    error_class = "no_credit"


trip = Workflow("trip", version="1.0.0", state=Trip)


@trip.node(effect="keyed", retry="io_default")
def book_flight(state: Trip, ctx: Context) -> Trip:
    state.flight = f"flight {ctx.key[:6]}"  # your airline's API, with its idempotency key
    state.diary.append("flight booked")
    return state


@trip.node(effect="keyed", retry="io_default")
def book_hotel(state: Trip, ctx: Context) -> Trip:
    if state.city == "Nowhere":
        raise LookupError("there is no hotel")
    state.hotel = f"hotel {ctx.key[:6]}"
    state.diary.append("hotel booked")
    return state


@trip.node(effect="keyed", retry="io_default")  # `no_credit` is none of its classes: it is not tried again
def pay(state: Trip, ctx: Context) -> Trip:
    if state.price > state.credit:
        raise NoCredit(f"{state.price} is more than {state.credit}")
    state.receipt = f"receipt {ctx.key[:6]}"
    state.diary.append("paid")
    return state


@trip.node(effect="keyed", retry="io_default")
def cancel_hotel(state: Trip) -> Trip:
    state.hotel = None
    state.diary.append("hotel cancelled")
    return state


@trip.node(effect="keyed", retry="io_default")
def cancel_flight(state: Trip) -> Trip:
    state.flight = None
    state.diary.append("flight cancelled")
    return state


@trip.node
def tell(state: Trip) -> Trip:
    state.diary.append("traveller told")
    return state


book_flight.then(book_hotel).on_error(tell)
book_hotel.then(pay).on_error(cancel_flight)
pay.then(tell).on_error(cancel_hotel)
cancel_hotel.then(cancel_flight)
cancel_flight.then(tell)


async def main() -> None:
    async with testing.engine(trip) as engine:
        for city, credit in (("Ghent", 500), ("Ghent", 100), ("Nowhere", 500)):
            execution = await engine.start(trip, Trip(city=city, price=320, credit=credit))
            done = await execution.result()
            print(f"{city}, credit {credit}: {', '.join(done.diary)}")


if __name__ == "__main__":
    asyncio.run(main())

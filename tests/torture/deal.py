"""A workflow that uses everything: effects of every kind, children, early joins, signals, events, reducers, doubt.

Its bodies tell the ledger each time that they are entered, so that one can count afterwards.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

from pectin import Context, DidNot, Happened, Unknown, Workflow
from tests.torture.ledger import world


class Part(TypedDict):
    number: int
    square: int


class Deal(TypedDict):
    number: int
    notes: list[str]
    sum: int
    charged: str | None
    shipped: str | None
    quotes: Any
    parts: list[Any]
    square: int
    parcel: Any
    done: bool


class Charged(TypedDict):
    charged: str | None


part = Workflow("part", version="1.0.0", state=Part)


@part.node
async def multiply(state: Part) -> Part:
    world.work()
    state["square"] = state["number"] * state["number"]
    return state


deal = Workflow(
    "deal", version="1.0.0", state=Deal, reducers={"notes": "append", "sum": "add"}, on_failure="wait", stop_grace="5s"
)


@deal.node
async def begin(state: Deal) -> Deal:
    state["notes"].append("begun")
    return state


@deal.node(effect="once")
async def charge(state: Deal, ctx: Context) -> Charged:
    await asyncio.to_thread(world.effect, "once", ctx.key, state["number"])
    return {"charged": f"charged {state['number']}"}


@charge.reconcile
def was_charged(state: Deal, ctx: Context) -> Happened[Charged] | DidNot | Unknown:
    if world.happened("once", ctx.key):
        return Happened(Charged(charged=f"charged {state['number']}"))
    return DidNot()


@deal.node(effect="once", output_key="shipped")
def ship(state: Deal, ctx: Context) -> str:
    world.effect("once", ctx.key, state["number"])
    world.work()
    return f"shipped {state['number']}"


@deal.node(effect="transactional")
async def book(state: Deal, ctx: Context) -> Deal:
    ctx.sql("create table if not exists booked (key text, number integer)")
    ctx.sql("insert into booked values (?, ?)", ctx.key, state["number"])
    world.work()
    state["notes"].append("booked")
    state["sum"] += state["number"]
    return state


@deal.node
def count(state: Deal, ctx: Context) -> Deal:
    world.effect("idempotent", ctx.key, state["number"])
    state["sum"] += 1
    return state


inner = deal.subgraph(
    "inner", part, input={"number": "state.number", "square": "0"}, output={"square": "output.square"}
)
many = deal.each_child(
    "many", "[1, 2, 3]", part, input={"number": "item", "square": "0"}, max_concurrency=2, output_key="parts"
)


@deal.node
async def quick(state: Deal) -> Deal:
    return state


@deal.node
async def slow(state: Deal) -> Deal:
    world.work()
    return state


never = deal.wait("never", signal="never")
first = deal.join("first", first=True)
together = deal.join("together")
parcel = deal.wait("parcel", event="parcel", key="C-{{ state.number }}", output_key="parcel")
go = deal.wait("go", signal="go")


@deal.node
async def last(state: Deal) -> Deal:
    state["done"] = True
    state["notes"].append("done")
    return state


@deal.finalizer()
async def close_the_deal(state: Deal) -> None:
    world.work()


begin.then(charge, ship, book, count, inner, many, quick, slow, never)
quick.then(first)
slow.then(first)
never.then(first)
for node in (charge, ship, book, count, inner, many, first):
    node.then(together)
together.then(parcel)
parcel.then(go)
go.then(last)


def first_state(number: int) -> Deal:
    """The input of the deal with this number."""
    return Deal(
        number=number,
        notes=[],
        sum=0,
        charged=None,
        shipped=None,
        quotes=None,
        parts=[],
        square=0,
        parcel=None,
        done=False,
    )

"""Workflows that are killed: small, and each with what it writes to the world of its trial."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from pydantic import BaseModel

from pectin import END, Context, DidNot, Happened, Unknown, Workflow


def world() -> Path:
    """A file of the trial that is running."""
    return Path(os.environ["PECTIN_CRASHTEST_DIR"]) / "done"


def do(what: str) -> None:
    with world().open("a", encoding="utf-8") as file:
        file.write(f"{what}\n")


def done() -> list[str]:
    """The probe: everything that was done."""
    return world().read_text(encoding="utf-8").splitlines() if world().exists() else []


async def take(turns: int) -> None:
    """Take so many turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


class State(BaseModel):
    order: str = "A-1"
    total: int = 0
    risk: str = "low"
    receipt: str | None = None
    names: list[str] = []
    first: str = ""


# -- an approval between two payments, one of them not as it is declared ------------------------------------------

careless = Workflow("careless", version="1.0.0", state=State)


@careless.node(effect="keyed")
def price(state: State, ctx: Context) -> State:
    state.total = 12 if len(ctx.key) == 32 else 0
    return state


@careless.node
async def pay(state: State) -> State:
    do(f"paid {state.total}")
    state.receipt = f"{state.total} for {state.order}"
    return state


review = careless.approval("review", "Pay {{ state.total }}?", editable=["order"])
price.then(review)
review.on(approved=pay, rejected=END)

# -- the same, asked of before it is done again --------------------------------------------------------------------

once = Workflow("once", version="1.0.0", state=State)


@once.node(name="pay", effect="once")
def pay_once(state: State) -> State:
    do("paid")
    state.receipt = "paid"
    return state


@pay_once.reconcile
def was_paid(state: State) -> Happened[State] | DidNot | Unknown:
    if "paid" not in done():
        return DidNot()
    state.receipt = "paid"
    return Happened(state)


doubtful = Workflow("doubtful", version="1.0.0", state=State)


@doubtful.node(name="pay", effect="once", output_key="receipt")
async def pay_doubtfully(state: State) -> str:
    do("paid")
    return "paid"


# -- side by side, waits, children, loops --------------------------------------------------------------------------

pack = Workflow("pack", version="1.0.0", state=State)


@pack.node(effect="keyed")
async def wrap(state: State) -> State:
    state.receipt = f"wrapped {state.order}"
    return state


wide = Workflow("wide", version="1.0.0", state=State, reducers={"names": "append"})


@wide.node
async def left(state: State) -> State:
    await take(3)
    state.names.append("left")
    return state


@wide.node
async def right(state: State) -> State:
    await take(9)
    state.names.append("right")
    return state


split = wide.parallel("split")
ship = wide.subgraph("ship", pack, input={"order": "state.order"}, output={"receipt": "output.receipt"})
rest = wide.wait("rest", duration="3d")
parcel = wide.wait("parcel", event="parcel", key="{{ state.order }}", deadline="1d")
split.then(left, right)
both = wide.join("both", wait_for=[left, right])
left.then(both)
right.then(both)
both.then(ship)
ship.then(rest)
rest.then(parcel)

race = Workflow("race", version="1.0.0", state=State)


@race.node(output_key="first")
async def hare(state: State) -> str:
    await take(3)
    return "hare"


@race.node(output_key="receipt")
async def tortoise(state: State) -> str:
    await take(30)
    return "tortoise"


start = race.parallel("start")
line = race.join("line", wait_for=[hare, tortoise], at_least=1)
start.then(hare, tortoise)
hare.then(line)
tortoise.then(line)

# -- what goes wrong -----------------------------------------------------------------------------------------------

rows = Workflow("rows", version="1.0.0", state=State)


@rows.node(effect="transactional")
def book(state: State, ctx: Context) -> State:
    ctx.sql("create table if not exists bookings (name text)")
    ctx.sql("insert into bookings values (?)", state.order)
    return state


fickle = Workflow("fickle", version="1.0.0", state=State)


@fickle.node
def draw(state: State, ctx: Context) -> State:
    state.receipt = f"attempt {ctx.attempt}"
    return state


hanging = Workflow("hanging", version="1.0.0", state=State)


@hanging.node(timeout="1h")
def hang(state: State) -> State:
    threading.Event().wait()
    return state


stuck = Workflow("stuck", version="1.0.0", state=State)


@stuck.node(timeout="1h")
def never_again(state: State, ctx: Context) -> State:
    """Ends the first time only."""
    if ctx.attempt > 1:
        threading.Event().wait()
    return state


@stuck.node(timeout="1h")
def nor_this(state: State, ctx: Context) -> State:
    return never_again(state, ctx)


never_again.then(nor_this)

dying = Workflow("dying", version="1.0.0", state=State)


@dying.node
def die(state: State) -> State:
    os._exit(3)


# -- a reconcile that lies -----------------------------------------------------------------------------------------

denied = Workflow("denied", version="1.0.0", state=State)


@denied.node(name="pay", effect="once")
def pay_and_deny(state: State) -> State:
    do("paid")
    return state


@pay_and_deny.reconcile
def never_paid(state: State) -> Happened[State] | DidNot:
    return DidNot()


invented = Workflow("invented", version="1.0.0", state=State)


@invented.node(name="pay", effect="once")
def pay_or_not(state: State) -> State:
    do("paid")
    return state


@pay_or_not.reconcile
def always_paid(state: State) -> Happened[State] | DidNot:
    return Happened(state)


# -- bodies that are over at once, and what is no plain node -------------------------------------------------------

sprint = Workflow("sprint", version="1.0.0", state=State)


@sprint.node(output_key="first")
async def one(state: State) -> str:
    return "one"


@sprint.node(output_key="receipt")
async def other(state: State) -> str:
    return "other"


gun = sprint.parallel("gun")
tape = sprint.join("tape", wait_for=[one, other], at_least=1)
gun.then(one, other)
one.then(tape)
other.then(tape)

mapped = Workflow("mapped", version="1.0.0", state=State)


@mapped.each("state.names", name="pay_all")
def pay_item(item: str) -> str:
    do(item)
    return item


@mapped.finalizer(run_on="always")
def tidy(state: State) -> None:
    do("tidied")


failing = Workflow("failing", version="1.0.0", state=State)


@failing.node
def fail(state: State) -> State:
    raise LookupError("the bank is closed")

"""What runs while the process is killed: three small workflows that use every way to go on, and one that uses
everything (see `deal`)."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

from pectin import END, Context, RetryPolicy, Workflow
from tests.torture.deal import deal, first_state
from tests.torture.ledger import world

AGAIN = RetryPolicy(max_attempts=5, initial_delay_ms=5, max_delay_ms=5)


class Order(TypedDict):
    number: int
    amount: int
    receipt: str | None


class Batch(TypedDict):
    numbers: list[int]
    squares: list[int]
    left: int
    right: int
    total: int


class Poll(TypedDict):
    number: int
    round: int
    log: list[str]


order = Workflow("order", version="1.0.0", state=Order)
batch = Workflow("batch", version="1.0.0", state=Batch)
poll = Workflow("poll", version="1.0.0", state=Poll)
WORKFLOWS: tuple[Workflow[Any], ...] = (order, batch, poll, deal)


# -- in a row, with a person and a payment -----------------------------------------------------------------


@order.node
async def look_up(state: Order) -> Order:
    await asyncio.to_thread(world.work)
    state["amount"] = state["number"] * 7
    return state


@order.node
def assess(state: Order) -> Order:
    world.work()
    state["amount"] += 1
    return state


review = order.approval("review", "Pay {{ state.amount }}?")


@order.node(effect="keyed")
def pay(state: Order, ctx: Context) -> Order:
    world.effect("keyed", ctx.key, state["number"])
    world.work()
    state["receipt"] = f"receipt {state['number']}"
    return state


@order.finalizer()
async def close_books(state: Order) -> None:
    await asyncio.to_thread(world.work)


look_up.then(assess)
assess.then(review)
review.on(approved=pay, rejected=END)


# -- side by side ------------------------------------------------------------------------------------------


@batch.node
async def begin(state: Batch) -> Batch:
    return state


@batch.each("state.numbers", max_concurrency=3, output_key="squares")
def square(number: int) -> int:
    world.work()
    return number * number


@batch.node
async def left(state: Batch) -> Batch:
    await asyncio.to_thread(world.work)
    state["left"] = len(state["numbers"])
    return state


@batch.node
def right(state: Batch) -> Batch:
    state["right"] = sum(state["numbers"])
    return state


together = batch.join("together")


@batch.node
async def total(state: Batch) -> Batch:
    state["total"] = sum(state["squares"]) + state["left"] + state["right"]
    return state


begin.then(square, left, right)
square.then(together)
left.then(together)
right.then(together)
together.then(total)


# -- round and round, with failures and timers -------------------------------------------------------------


@poll.node(retry=AGAIN)
async def ask(state: Poll, ctx: Context) -> Poll:
    await asyncio.to_thread(world.work)
    if ctx.attempt == 1:
        raise OSError("not reached")
    state["round"] += 1
    state["log"].append(f"asked {state['round']}")
    return state


pause = poll.wait("pause", duration="10ms")


@poll.node
def break_down(state: Poll) -> Poll:
    raise ValueError("always")


@poll.node
async def rescue(state: Poll) -> Poll:
    state["log"].append("rescued")
    return state


ask.then(pause)
pause.repeat(ask, when="state.round < 3", max_iterations=5)
pause.then(break_down)
break_down.on_error(rescue)


def workflow_of(number: int) -> Workflow[Any]:
    """Which workflow the execution with this number is of."""
    return WORKFLOWS[number % len(WORKFLOWS)]


def input_of(number: int) -> dict[str, Any]:
    """The input of the execution with this number."""
    match workflow_of(number).id:
        case "order":
            return {"number": number, "amount": 0, "receipt": None}
        case "batch":
            return {"numbers": list(range(number % 7 + 2)), "squares": [], "left": 0, "right": 0, "total": 0}
        case "deal":
            return dict(first_state(number))
        case _:
            return {"number": number, "round": 0, "log": []}


def decision_of(number: int) -> str:
    """What the person says to the order with this number."""
    return "rejected" if number % 16 == 0 else "approved"


def is_unwanted(number: int) -> bool:
    """Whether somebody cancels the execution with this number, sooner or later, or too late."""
    return number % 9 == 4


def key_of(number: int) -> str:
    """The start key of the execution with this number."""
    return f"key {number}"


def number_of(key: str) -> int:
    """The number in a start key."""
    return int(key.removeprefix("key "))

"""Files as authors write them."""

from __future__ import annotations

from pathlib import Path

REFUND = """
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
    state.amount = Decimal("1299.00")
    return state


@refund.node
def assess(state: Refund) -> Refund:
    state.risk = "high" if state.amount > 1000 else "low"
    return state


@refund.node(effect="keyed")
async def pay(state: Refund, ctx: Context) -> Refund:
    state.receipt = f"paid {state.amount}, {ctx.key}"
    return state


review = refund.approval("review", "Refund {{ state.amount }} for {{ state.order }}?", deadline="72h")
look_up.then(assess)
assess.then(review, when="state.risk == 'high'")
assess.otherwise(pay)
review.on(approved=pay, rejected=END, timeout=END)
"""

HEAD = """
import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from pectin import END, Context, RetryPolicy, Workflow


@dataclass
class State:
    n: int = 0
    texts: list[str] = field(default_factory=list)
"""

ADD = (
    HEAD
    + """
add = Workflow("add", version="1.0.0", state=State)


@add.node
def one_more(state: State) -> State:
    state.n += 1
    return state
"""
)

QUICK = ADD.replace('version="1.0.0"', 'version="1.0.0", session_type="stateless"').replace("add", "quick")

LOUD = (
    HEAD
    + """
import sys

print("at the import")
loud = Workflow("loud", version="1.0.0", state=State)


@loud.node
def speak(state: State) -> State:
    print("in a node", flush=True)
    sys.stdout.buffer.write(b"in bytes\\n")
    sys.stdout.flush()
    state.n += 1
    return state
"""
)

BOOM = (
    HEAD
    + """
boom = Workflow("boom", version="1.0.0", state=State)


@boom.node(retry=RetryPolicy(max_attempts=2, initial_delay_ms=1, jitter=False))
def bang(state: State) -> State:
    raise ValueError("no such \\x1b[31morder\\nat all")
"""
)

CRASH = (
    HEAD
    + """
crash = Workflow("crash", version="1.0.0", state=State)


def die_once(name: str) -> None:
    if not Path(name).exists():
        Path(name).touch()
        os.kill(os.getpid(), signal.SIGKILL)


@crash.node(output_key="texts")
def fill(state: State) -> list[str]:
    return ["a", "b", "c", "d"]


@crash.each(fill, max_concurrency=1, output_key="texts")
async def label(text: str) -> str:
    if text == "c":
        die_once("died-in-the-map")
    return text.upper()


@crash.node(effect="keyed")
async def pay(state: State, ctx: Context) -> State:
    state.n = ctx.attempt
    die_once("died-in-pay")
    return state


fill.then(label)
label.then(pay)
"""
)

WAIT = (
    HEAD
    + """
wait = Workflow("wait", version="1.0.0", state=State)
soon = wait.wait("soon", duration="1ms")
later = wait.wait("later", duration="3d")
soon.then(later)
"""
)

SLOW = (
    HEAD
    + """
slow = Workflow("slow", version="1.0.0", state=State)


@slow.node
async def long(state: State) -> State:
    Path("began").touch()
    await asyncio.sleep(600)
    return state
"""
)

BROKEN = (
    HEAD
    + """
broken = Workflow("broken", version="1.0.0", state=State)


@broken.node
def first(state: State) -> State:
    return state


@broken.node
def second(state: State) -> State:
    return state


first.then(second, when="size(state.txts) > 1")
first.otherwise(END)
"""
)

SHIP = (
    HEAD
    + """
ship = Workflow("ship", version="1.0.0", state=State)


@ship.node
def pack(state: State, ctx: Context) -> State:
    ctx.log.warning("packed\\nwith care")
    state.n += 1
    return state


arrive = ship.wait("arrive", event="parcel", key="C-{{ state.n }}", signal="go", deadline="3d")
inspect = ship.wait("inspect", signal="inspected", output_key="texts")
pack.then(arrive)
arrive.then(inspect)
"""
)

OFFER = """
from dataclasses import dataclass

from pectin import END, Workflow


@dataclass
class Offer:
    amount: int = 100
    note: str | None = None


offer = Workflow("offer", version="1.0.0", state=Offer)
decide = offer.approval(
    "decide",
    "Offer {{ state.amount }}?",
    decisions=("approved", "rejected", "escalate"),
    editable=("amount", "note"),
)
boss = offer.approval("boss", "And you?")
decide.on(approved=END, rejected=END, escalate=boss)
boss.on(approved=END, rejected=END)
"""

POLICED = """
from dataclasses import dataclass

from pectin import ApprovalRule, Policy, Workflow


@dataclass
class Order:
    amount: int = 1299
    paid: bool = False


rule = ApprovalRule("pay", 2, ("finance", "shop", "ops"), not_requester=True, deadline_ms=3_600_000)
order = Workflow("order", version="1.0.0", state=Order, policy=Policy(require_approval_for=[rule]))


@order.node
def pay(state: Order) -> Order:
    state.paid = True
    return state
"""

ONCE = (
    HEAD
    + """
bank = Workflow("bank", version="1.0.0", state=State)


@bank.node(effect="once")
def pay(state: State) -> State:
    if not Path("paid").exists():
        Path("paid").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    state.n = 2
    return state
"""
)

FAMILY = (
    HEAD
    + """
inner = Workflow("inner", version="2.0.0", state=State)
ask = inner.approval("ask", "Go on with {{ state.n }}?")
ask.on(approved=END, rejected=END)

outer = Workflow("outer", version="1.0.0", state=State)
sub = outer.subgraph("sub", inner, input={"n": "state.n"}, output={"n": "output.n"})
"""
)


def write(folder: Path, name: str, text: str) -> str:
    """Write a file, and return its name."""
    (folder / name).write_text(text, "utf-8")
    return name


SPEND = """
from dataclasses import dataclass

from pectin import Context, Workflow


@dataclass
class Bill:
    sums: list[int]


bill = Workflow("bill", version="1.0.0", state=Bill, max_cost_usd="0.25", total_tokens=5_000)


@bill.node(ceiling={"cost_usd": "0.10", "output_tokens": 1_000})
def ask(state: Bill, ctx: Context) -> Bill:
    ctx.spend(cost_usd="0.0125", output_tokens=900)
    return state


@bill.node(ceiling={"cost_usd": "0.25"})
def ask_more(state: Bill) -> Bill:
    return state


ask.then(ask_more)
"""

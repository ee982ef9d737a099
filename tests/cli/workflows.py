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


def write(folder: Path, name: str, text: str) -> str:
    """Write a file, and return its name."""
    (folder / name).write_text(text, "utf-8")
    return name

"""What the scenarios share: a small state, bodies that write to the ledger, and what people do and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from msgspec.structs import replace

from pectin import Backoff, Context, Limits, RetryPolicy, Workflow, WorkflowStatus
from pectin.core.command import AnyCommand, Cancel, Hold, Release, Signal
from pectin.core.definition import Json
from pectin.core.limits import LIMITS
from pectin.core.state import Run
from pectin.testing.script import Script, Send
from pectin.testing.simulate.scene import Built
from tests.crash.every_write.ledger import ledger


class Case(TypedDict):
    n: int
    notes: list[str]
    items: list[int]
    found: list[Any]
    said: Any


FIRST: Case = {"n": 0, "notes": [], "items": [1, 2, 3], "found": [], "said": None}
HAND_IN = {key: f"state.{key}" for key in FIRST}
"""The input of a child that gets all its parent has."""

THRICE = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=500, max_delay_ms=500, jitter=False)
BY = "operator"


def workflow(id: str, **options: Any) -> Workflow[Case]:
    return Workflow(id, version="1.0.0", state=Case, **options)


# -- scenarios ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What somebody does once, as soon as it is time: they do it again until they are answered. `to` is the workflow
    whose execution it is done to, the scenario's own if None."""

    name: str
    when: Callable[[Run], bool]
    say: Callable[[int], AnyCommand | Send]
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A workflow, what goes in, what people do, and how it ends.

    `script` answers whatever waits. `deeds` are done one after another. `results` is what a person reads in the books
    about the nodes that may be in doubt, which is said of those that had their effect. `inputs` are started one after
    another under one key. `state` holds those keys of the last state that say how it went. `honest`: whoever is asked
    tells the truth, so that no `once` effect happens twice. `confluent`: no order of arrival changes what becomes of
    it, which can't be said where a failure cuts off what runs beside it. `sql`: only for stores that speak SQL.
    """

    workflow: Workflow[Case]
    ends: WorkflowStatus
    state: Mapping[str, Json] = field(default_factory=dict[str, Json])
    inputs: tuple[Case, ...] = (FIRST,)
    script: Script = field(default_factory=Script)
    deeds: tuple[Deed, ...] = ()
    results: Mapping[str, Json] = field(default_factory=dict[str, Json])
    limits: Limits = LIMITS
    honest: bool = True
    confluent: bool = True
    sql: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "workflow", Built(self.workflow))


Make = Callable[[], Scenario]


# -- when it is time ---------------------------------------------------------------------------------------


def at_once(run: Run) -> bool:
    return True


def runs(node: str) -> Callable[[Run], bool]:
    """A worker is at it."""
    return lambda run: any(each.node == node and each.begun_by is not None for each in run.activations.values())


def waits(node: str) -> Callable[[Run], bool]:
    """It waits, for whatever."""
    return lambda run: any(run.activations[name].node == node for name in run.waiting())


def in_backoff(run: Run) -> bool:
    return bool(run.backoff)


def is_held(run: Run) -> bool:
    return run.hold is not None


# -- what people do ----------------------------------------------------------------------------------------


def cancel(when: Callable[[Run], bool], to: str | None = None) -> Deed:
    return Deed(name="cancel", when=when, say=lambda at: Cancel(at=at, by=BY, reason="it rains"), to=to)


def hold(when: Callable[[Run], bool], name: str = "hold") -> Deed:
    return Deed(name=name, when=when, say=lambda at: Hold(at=at, by=BY, reason="a look"))


def release(when: Callable[[Run], bool] = is_held, name: str = "release") -> Deed:
    return Deed(name=name, when=when, say=lambda at: Release(at=at, by=BY))


def signal(name: str, payload: Json, when: Callable[[Run], bool] = at_once, time: int = 1) -> Deed:
    """The same signal for the first time, or another."""
    said = Signal(at=0, name=name, payload=payload, dedup=name, by=BY)
    return Deed(name=f"signal {name}, time {time}", when=when, say=lambda at: replace(said, at=at))


def event(name: str, correlation: str, payload: Json, when: Callable[[Run], bool] = at_once, time: int = 1) -> Deed:
    """The same event for the first time, or another."""
    return Deed(name=f"event {name}, time {time}", when=when, say=lambda at: Send(name, correlation, payload, name))


# -- bodies ------------------------------------------------------------------------------------------------


async def add(state: Case, ctx: Context) -> Case:
    """Adds one."""
    ledger.work(ctx)
    state["n"] += 1
    return state


async def write(state: Case, ctx: Context) -> Case:
    """Adds its activation to the notes."""
    ledger.work(ctx)
    state["notes"] = [*state["notes"], ctx.activation]
    return state


async def hang(state: Case, ctx: Context) -> Case:
    """Has no end."""
    ledger.enter(ctx)
    await asyncio.Event().wait()
    return state


async def fail(state: Case, ctx: Context) -> Case:
    """Always fails."""
    ledger.enter(ctx)
    raise OSError("the line is down")


async def fail_first(state: Case, ctx: Context) -> Case:
    """Fails when it is entered for the first time."""
    if ledger.enter(ctx) == 1:
        raise OSError("the line is down")
    ledger.do(ctx)
    state["n"] += 1
    return state


async def hang_first(state: Case, ctx: Context) -> Case:
    """Hangs when it is entered for the first time, before it has done anything."""
    if ledger.enter(ctx) == 1:
        await asyncio.Event().wait()
    ledger.do(ctx)
    state["n"] += 1
    return state


async def do_and_hang(state: Case, ctx: Context) -> Case:
    """Has its effect, and hangs when it is entered for the first time."""
    if ledger.work(ctx) == 1:
        await asyncio.Event().wait()
    state["n"] += 1
    return state


async def answer_the_cancel(state: Case, ctx: Context) -> Case:
    """Has its effect and hangs, but has a result when it is told to stop."""
    ledger.work(ctx)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        state["n"] += 1
    return state


async def tidy(state: Case, ctx: Context) -> None:
    """A finalizer that changes nothing in the state."""
    ledger.work(ctx)


async def square(item: int, ctx: Context) -> int:
    ledger.work(ctx)
    return item * item


async def fail_at_two(item: int, ctx: Context) -> int:
    """Fails for the item 2."""
    ledger.enter(ctx)
    if item == 2:
        raise ValueError("two is too many")
    ledger.do(ctx)
    return item * item

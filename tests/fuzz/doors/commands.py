"""The door of commands: what people, functions, children and messages say to an execution that waits for them."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, Final

import msgspec

from pectin.core.codec import check_value
from pectin.core.command import (
    AnyCommand,
    Begin,
    ChildEnded,
    Complete,
    Decide,
    Deliver,
    Fail,
    Interrupt,
    Reconciled,
    Refused,
    Resolve,
    Signal,
    Start,
    Stopped,
)
from pectin.core.decide import decide
from pectin.core.definition import Child, Definition, Edge, Effect, Node, Reducer, Trigger
from pectin.core.error import BadValue
from pectin.core.event import decode_events, encode_events
from pectin.core.evolve import fold
from pectin.core.program import Program
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Decimal, Field, Integer, List, Map, Nullable, Object, String
from pectin.core.state import Run, decode_snapshot, encode_snapshot
from pectin.nodes import bind
from tests.core.world import approval, each, fan, finalizer, step, wait
from tests.fuzz.judge import Door
from tests.fuzz.mutate import draw_edits, edited
from tests.fuzz.recipe import Recipe

AT: Final = 1_767_225_600_000
KEYS: Final = {
    "n": Field(Integer()),
    "text": Field(Nullable(String())),
    "line": Field(Nullable(Object({"price": Field(Decimal()), "of": Field(String(("a", "b")))}))),
    "any": Field(AnyValue()),
    "append": Field(List(Integer())),
    "sum": Field(Decimal()),
    "count": Field(Integer()),
    "max": Field(Integer()),
    "union": Field(List(AnyValue())),
    "merge": Field(Map(AnyValue())),
    "items": Field(List(Integer())),
}
FIRST: Final[dict[str, Any]] = {
    "n": 0,
    "text": None,
    "line": None,
    "any": None,
    "append": [],
    "sum": "0",
    "count": 0,
    "max": 0,
    "union": [],
    "merge": {},
    "items": [1, 2, 3],
}


class Turned(Exception):
    """The command is refused, and this is the reason."""


@cache
def program() -> Program:
    """A workflow in which everybody is waited for at once."""
    mapping = {"n": "output.n", "text": "output.text"}
    nodes = (
        fan("all"),
        approval("review", editable=[*KEYS]),
        wait("go", key="line", signal="go"),
        wait("parcel", key="any", event="parcel", correlation="{{ state.n }}"),
        step("work"),
        step("value", output_key="line"),
        step("pay", effect=Effect.ONCE),
        step("ask", effect=Effect.ONCE, reconcile="asked"),
        Node("sub", "subgraph", child=Child("inner", "1.0.0", {"n": "state.n"}, mapping)),
        each("map", "item", key="any"),
        step("item"),
        finalizer("tidy"),
        step("late"),
    )
    aims = ("review", "go", "parcel", "work", "value", "pay", "ask", "sub", "map")
    reducers = {"append": Reducer.APPEND, "sum": Reducer.ADD, "count": Reducer.ADD, "max": Reducer.MAX}
    return bind(
        Definition(
            id="everybody",
            version="1.0.0",
            state=Object(KEYS),
            start="all",
            nodes=nodes,
            edges=(
                *(Edge("all", aim) for aim in aims),
                Edge("review", "late", Trigger.WHEN, "output.decision == 'approved' && size(state.append) < 3"),
                Edge("review", "end", Trigger.OTHERWISE),
                Edge("work", "end", Trigger.WHEN, "has(output.n) && output.n / state.n > 1"),
                Edge("parcel", "end", Trigger.WHEN, "output.payload.ok"),
            ),
            reducers={**reducers, "union": Reducer.UNION, "merge": Reducer.MERGE},
        )
    )


@cache
def snapshot() -> bytes:
    """An execution of it in which all have begun to wait, and one attempt of two is in doubt."""
    begin = Begin("engine-1", 100)
    run = Run()
    commands: tuple[AnyCommand, ...] = (
        Start(
            at=AT,
            begin=begin,
            execution_id="019ab3e0-0000-7000-8000-000000000000",
            input=FIRST,
            state=FIRST,
            definition="0",
        ),
        Interrupt(at=AT, begin=begin, reason="crashed", attempts={"pay": 1, "ask": 1}),
    )
    for command in commands:
        decide(program(), run, command)
    return encode_snapshot(run)


def _good() -> tuple[AnyCommand, ...]:
    run = decode_snapshot(snapshot())
    error = {"error_class": "io_error", "type": "OSError", "message": "no"}
    fail = msgspec.convert({"type": "Fail", "at": AT, "activation": "work", "attempt": 1, "error": error}, Fail)
    return (
        Decide(at=AT, activation="review", decision="approved", by="ann", edits={**FIRST, "sum": "1.5", "append": [1]}),
        Decide(
            at=AT,
            activation="review",
            decision="rejected",
            by="ann",
            comment="no",
            edits={"union": [1], "merge": {"a": 1}},
        ),
        Signal(at=AT, name="go", payload={"price": "1.5", "of": "a"}, dedup="k", by="ann"),
        Signal(at=AT, name="later", payload=[1]),
        Deliver(at=AT, activation="parcel", name="parcel", correlation="0", payload={"ok": True}),
        Complete(
            at=AT, activation="work", attempt=1, patch={"n": 1, "append": [1], "sum": "2", "max": 3, "union": [1]}
        ),
        Complete(at=AT, activation="value", attempt=1, patch={"line": {"price": "1", "of": "b"}}),
        Complete(at=AT, activation="map#0", attempt=1, output={"a": 1}),
        fail,
        Stopped(at=AT, activation="work", attempt=1),
        Resolve(at=AT, activation="pay", happened=True, by="ann", result={"n": 1, "merge": {"a": None}}, attempt=1),
        Resolve(at=AT, activation=None, happened=False, by="ann"),
        Reconciled(at=AT, activation="ask", attempt=1, happened=True, patch={"n": 2}),
        ChildEnded(at=AT, activation="sub", child=run.children["sub"], status="completed", state={"n": 1, "text": "a"}),  # pyright: ignore[reportArgumentType]
    )


@cache
def documents() -> list[dict[str, Any]]:
    """Commands that are fine, as JSON."""
    return [{**msgspec.to_builtins(command)} for command in _good()]


def draw_command(random: Random) -> Recipe:
    which = random.randrange(len(documents()))
    return [which, draw_edits(random, _fields(which))]


def make_command(recipe: Recipe) -> tuple[int, Any]:
    which, edits = recipe
    return which, edited(_fields(which), edits)


def _fields(which: int) -> dict[str, Any]:
    return {name: part for name, part in documents()[which].items() if name not in ("type", "at")}


def enter_command(case: tuple[int, Any]) -> None:
    """No command raises. What it does can be stored and folds to the same again."""
    which, fields = case
    try:
        check_value(fields, bytes_max=1 << 20)
        command = msgspec.convert({**documents()[which], **fields}, AnyCommand)
    except (BadValue, msgspec.ValidationError):  # refused before it comes here
        return
    run = decode_snapshot(snapshot())
    events, answer = decide(program(), run, command)
    stored = decode_events(encode_events(events))
    assert stored == events, "the events come back changed"
    again = decode_snapshot(snapshot())
    fold(again, stored)
    assert encode_snapshot(again) == encode_snapshot(run), "the fold is another run"
    if isinstance(answer, Refused):
        assert not events, "what is refused changes nothing"
        raise Turned(answer.reason)


DOORS: Final = (Door("command", draw_command, enter_command, (Turned,), share=180, make=make_command),)

"""Doors of what a store gives back: rows of history, definitions and messages, perhaps damaged."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any, Final, cast

import msgspec

from pectin.core.chain import NO_KEYS
from pectin.core.event import UnknownEvent, decode_events, encode_events
from pectin.core.identity import ExecutionId
from pectin.core.need import needs_of
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.work import CHILD_ENDED, PARENT_SAYS
from pectin.ports.store import Match, Message, PublishedDefinition, Row, Store, Stored
from pectin.runtime import post
from pectin.runtime.error import Quarantined
from pectin.runtime.loading import load
from pectin.runtime.programs import Programs
from tests.core.world import program
from tests.fuzz.doors import definitions
from tests.fuzz.doors.at_once import at_once
from tests.fuzz.judge import Door
from tests.fuzz.mutate import Edit, draw_edits, value, written
from tests.fuzz.recipe import Recipe, make
from tests.histories.record import LEAST, rows_of
from tests.histories.scenarios import SCENARIOS

NAMES: Final = (*SCENARIOS,)
PROGRAM: Final = program("a -> b")


@cache
def rows(name: str) -> list[Any]:
    """The rows of a recorded history, decoded."""
    return [json.loads(row) for row in rows_of(name)]


# -- events ----------------------------------------------------------------------------------------------------


def draw_row(random: Random) -> Recipe:
    name = random.choice((*NAMES, LEAST, LEAST))
    place = random.randrange(len(rows(name)))
    return [name, place, draw_edits(random, rows(name)[place])]


def make_row(recipe: Recipe) -> bytes:
    name, place, edits = recipe
    return written(rows(name)[place], edits)


def enter_row(body: bytes) -> None:
    """A row is read, and written the same again; or it is unknown."""
    events = decode_events(body)
    assert decode_events(encode_events(events)) == events
    for event, said in zip(events, json.loads(body), strict=True):
        assert said.keys() - {"type"} <= set(event.__struct_fields__), "a field that nobody knows was dropped"


# -- histories -------------------------------------------------------------------------------------------------


class _Kept:
    """As much of a store as loading asks for."""

    def __init__(self, rows: list[Row], definition: PublishedDefinition | None = None) -> None:
        self._rows = rows
        self._definition = definition

    async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
        return [row for row in self._rows if row.seq > after]

    async def definition(self, hash: str) -> PublishedDefinition | None:
        return self._definition


class _OneProgram:
    """Histories fold without a definition: any will do."""

    async def get(self, hash: str) -> Program:
        return PROGRAM


def _load(bodies: list[bytes]) -> Run:
    """What comes of an execution of which these are the rows. The numbers beside them are as they were written."""
    kept: list[Row] = []
    for body in bodies:
        seq = kept[-1].seq + kept[-1].count if kept else 1
        try:
            count = max(1, len(json.loads(body)))
        except (ValueError, TypeError, RecursionError):
            count = 1
        kept.append(Row(seq, count, body))
    version = kept[-1].seq + kept[-1].count - 1
    execution = ExecutionId.parse("019ab3e0-0000-7000-8000-000000000000")
    stored = Stored(execution, version, 1, 0, "0", None, 0, kept)
    loaded = at_once(load(stored, cast("Store", _Kept(kept)), cast("Programs", _OneProgram()), NO_KEYS))
    return loaded.run


def draw_history(random: Random) -> Recipe:
    name = random.choice(NAMES)
    place = random.randrange(len(rows(name)))
    drawn = random.random()
    if drawn < 0.15:
        return [name, place, random.choice(("gone", "twice", "first", "foreign"))]
    return [name, place, draw_edits(random, rows(name)[place])]


def make_history(recipe: Recipe) -> list[bytes]:
    name, place, edits = recipe
    return _edit_history(name, place, edits)


def _edit_history(name: str, place: int, edits: str | list[Edit]) -> list[bytes]:
    bodies = rows_of(name)
    match edits:
        case list():
            bodies[place] = written(rows(name)[place], edits)
        case "gone":
            del bodies[place]
        case "twice":
            bodies.insert(place, bodies[place])
        case "first":
            bodies.insert(0, bodies.pop(place))
        case _:
            bodies[place] = rows_of("approved")[1]
    return bodies or [b"[]"]


def enter_history(bodies: list[bytes]) -> None:
    """A history folds to a run that can be shown, or its execution is put in quarantine."""
    run = _load(bodies)
    run.execution()
    needs_of(run)


# -- definitions and messages ----------------------------------------------------------------------------------


def enter_program(body: bytes) -> None:
    """A definition that isn't the one that was asked for is not run."""
    kept = PublishedDefinition("0" * 64, "kept", "1.0.0", body)
    program = at_once(Programs(cast("Store", _Kept([], kept))).get("0" * 64))
    raise AssertionError(f"a definition with the hash {program.hash} was taken for another one")


_MESSAGES: Final = {
    CHILD_ENDED: {"status": "failed", "state": {"n": 1}, "error": {"error_class": "a", "type": "b", "message": "c"}},
    PARENT_SAYS: {"says": "hold", "by": "ann", "reason": "a look"},
    "parcel": {"ok": True, "at": [1, 2.5, None]},
}


def draw_message(random: Random) -> Recipe:
    name = random.choice([*_MESSAGES])
    edits = [["put", ("ok",), value(random)]] if random.random() < 0.1 else draw_edits(random, _MESSAGES[name])
    return [name, edits]


def make_message(recipe: Recipe) -> Match:
    name, edits = recipe
    execution = ExecutionId.parse("019ab3e0-0000-7000-8000-000000000000")
    message = Message(name=name, correlation=make("x"), payload=written(_MESSAGES[name], edits), sent_at=0)
    return Match(1, message, execution, "parcel")


def enter_message(match: Match) -> None:
    """A message says something to its execution, or can't be read."""
    msgspec.json.encode(post._command_of(match, 0))  # pyright: ignore[reportPrivateUsage]


DOORS: Final = (
    Door("row", draw_row, enter_row, (UnknownEvent,), 60, make_row),
    Door("history", draw_history, enter_history, (Quarantined,), 110, make_history),
    Door("program", definitions.draw_definition, enter_program, (Quarantined,), 20, definitions.make_definition),
    Door("message", draw_message, enter_message, (Quarantined,), 30, make_message),
)

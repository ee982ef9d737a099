"""Doors of JSON values: texts, Python values, inputs, results, what the command line gives, records and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Final, TypedDict, cast

import msgspec
from pydantic import BaseModel

from pectin import Workflow
from pectin.authoring.blueprint import BadInput, Blueprint
from pectin.cli.exit import BadUsage
from pectin.cli.given import read_edits, read_json
from pectin.core import fit
from pectin.core.codec import canonical, check_value, decode_json, same
from pectin.core.error import BadValue
from pectin.core.limits import LIMITS
from pectin.core.record import WorkflowExecution, WorkflowMetadata
from pectin.core.schema import SchemaError, from_document, to_document
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Request, Result
from tests.definitions import REFUND, WIDE
from tests.fuzz.grammar import STATE, state
from tests.fuzz.judge import Door
from tests.fuzz.mutate import SIGNS, change_text, draw_edits, edited, oddity, value, written
from tests.fuzz.recipe import Recipe, make, special, text

# -- texts and values ------------------------------------------------------------------------------------------


def draw_text(random: Random) -> Recipe:
    """JSON text, mostly damaged."""
    document = value(random, 4)
    drawn = random.random()
    if drawn < 0.2:
        return random.choice(_TEXTS)
    try:
        good = json.dumps(make(document), ensure_ascii=random.random() < 0.5)
    except (RecursionError, ValueError, TypeError):
        return random.choice(_TEXTS)
    if len(good) > 3_000:
        return random.choice(_TEXTS)
    return good if drawn < 0.3 else change_text(random, good)


_TEXTS: Final[tuple[Recipe, ...]] = (
    *("", " ", "\ufeff{}", '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a":[NaN]}', "-Infinity", "nul", "'a'", "{a:1}"),
    *('["\\ud800"]', '{"\\udc00":1}', '"\\ud83d\\ude00"', "1e999", "-1e999", "01", "1.", ".5", "+1", "1_000", "[1,]"),
    *('{"a":{"b":1,"b":2}}', "[1 2]", '{"a"}', '"\x01"', '"a', "[1]]", "9223372036854775808", "1.0e", '{"":1,"":2}'),
    *(text(("[", 128), ("]", 128)), text(("[", 129), ("]", 129)), text(("[", 100_000)), text(('{"a":', 50_000))),
    *(text(("9", 5_000)), text("[", ("0,", 100_000), "0]"), text('"', ("\\u0041", 50_000), '"'), text(("\\", 9_999))),
    *(text("0.", ("1", 100_000)), text("1e", ("9", 10_000)), text("[", ("1e-400,", 9_000), "0]"), text((" ", 200_000))),
    *(
        text('{"a":', ("[", 130), ("]", 130), ',"a":1}'),
        text('"', ("é", 90_000), '"'),
        text('["', ("\\ud800", 500), '"]'),
    ),
    *(special("bytes", "\xff"), special("bytes", '"\xed\xa0\x80"'), special("bytes", "\xff\xfe{\x00}\x00")),
)


def enter_text(given: str | bytes) -> None:
    """What is read is JSON, and is the same when it is written and read again."""
    read = decode_json(given, 2 << 20)
    check_value(read)
    json.loads(given, object_pairs_hook=_refuse_twice)
    assert same(decode_json(canonical(read), 8 << 20), read), "it comes back changed"


def _refuse_twice(members: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(members)) == len(members), "one of two values under a key was dropped"
    return dict(members)


def draw_value(random: Random) -> Recipe:
    return oddity(random, foreign=True) if random.random() < 0.3 else value(random, 4, foreign=True)


def enter_value(given: object) -> None:
    """What passes comes back as it was from every way in which values are written."""
    check_value(given, "input", LIMITS.payload_bytes_max)
    assert same(msgspec.json.decode(msgspec.json.encode(given)), given)
    assert same(json.loads(canonical(given)), given)


def draw_given(random: Random) -> Recipe:
    drawn = draw_text(random)
    if random.random() < 0.1:
        return random.choice(("@", "@/nowhere/at/all", "@\x00", "@\ud800", "refund this", "order"))
    return drawn if isinstance(drawn, str) or drawn["$"][0] == "join" else "{}"


def enter_input(given: str) -> None:
    if given != "-":
        check_value(read_json(given, "--input"))


def draw_sets(random: Random) -> Recipe:
    return [
        random.choice((f"{key}={drawn}", f"{key}={drawn}", f"{key}{drawn}", f"{key}"))
        for key in random.sample(("amount", "risk", "", " ", "a=b", "\ud800", "amount"), random.choice((1, 1, 2, 3)))
        for drawn in [draw_given(random)]
        if isinstance(drawn, str)
    ]


def enter_sets(given: list[str]) -> None:
    check_value(read_edits(given))


# -- fits, schemas and records ---------------------------------------------------------------------------------


class Misfit(Exception):
    """A value doesn't fit its schema, and this says why."""


def draw_fit(random: Random) -> Recipe:
    which = random.choice(("state", "refund", "wide"))
    drawn: Recipe = state(random) if which == "state" else value(random, 3)
    if isinstance(drawn, dict) and random.random() < 0.5:
        name = random.choice((*STATE.fields, *REFUND.fields, *WIDE.fields, *SIGNS))
        drawn = {**cast("dict[str, Recipe]", drawn), name: value(random)}
    return [which, drawn]


def enter_fit(case: list[Any]) -> None:
    which, given = case
    try:
        check_value(given)
    except BadValue:
        return
    schema = {"state": STATE, "refund": REFUND, "wide": WIDE}[which]
    _, misfits = fit.complete(schema, given)
    assert len(misfits) <= fit.MISFITS_MAX
    if misfits:
        raise Misfit("\n".join(misfits))


def _edited(document: Any) -> Callable[[Random], Recipe]:
    return lambda random: draw_edits(random, document)


_SCHEMA: Final = to_document(
    msgspec.structs.replace(STATE, fields={**STATE.fields, **REFUND.fields, **WIDE.fields})  # all there is
)


def enter_schema(document: Any) -> None:
    """What is read is written the same again."""
    try:
        check_value(document)
    except BadValue:  # another door's
        return
    read = from_document(document)
    assert same(to_document(read), document)


_RECORD: Final = {
    "execution_id": "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41",
    "workflow_id": "refund",
    "workflow_version": "1.0.0",
    "status": "paused",
    "initial_input": {"order": "A-1042"},
    "current_state": {"amount": "1299.00"},
    "started_at": "2026-11-23T09:14:03.114256Z",
    "updated_at": "2026-11-23T09:14:53.700+02:00",
    "completed_at": None,
    "session_type": "resumable",
}
_METADATA: Final = {
    "id": "refund",
    "version": "1.0.0",
    "name": None,
    "description": "Pays.",
    "state_schema": "Refund",
    "created_at": "2026-11-23T09:14:03Z",
}


def enter_record(document: bytes) -> None:
    record = WorkflowExecution.from_json(document)
    assert WorkflowExecution.from_json(record.to_json_bytes()) == record


def enter_metadata(document: bytes) -> None:
    metadata = WorkflowMetadata.from_json(document)
    assert WorkflowMetadata.from_json(metadata.to_json_bytes()) == metadata


# -- inputs and results ----------------------------------------------------------------------------------------


class Line(TypedDict):
    price: Decimal
    of: str | None


class Order(TypedDict):
    amount: Decimal
    lines: list[Line]
    weight: float
    extra: Any


@dataclass
class Parcel:
    town: str
    count: int = 0
    notes: list[str] = field(default_factory=list[str])
    extra: Any = None


class Claim(BaseModel):
    amount: Decimal
    risk: str = "low"
    extra: Any = None
    parts: dict[str, int] = {}


_STATES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "dict": (dict[str, Any], {"amount": 1}),
    "order": (Order, {"amount": "1", "lines": [{"price": "2", "of": None}], "weight": 1.5, "extra": None}),
    "parcel": (Parcel, {"town": "Ghent", "count": 1, "notes": ["a"], "extra": None}),
    "claim": (Claim, {"amount": "1", "risk": "low", "extra": None, "parts": {"a": 1}}),
}


@cache
def blueprint(which: str) -> Blueprint[Any]:
    """A workflow with a state of this type, whose function returns whatever it is told."""
    state, _ = _STATES[which]

    def whole(given: Any, context: Context) -> Any:
        return context.error["odd"] if context.error else given

    whole.__annotations__ = {"given": state, "context": Context, "return": state}
    workflow = Workflow(which, version="1.0.0", state=state)
    workflow.node(cast("Any", whole), name="whole")
    return workflow.build()


def draw_state(random: Random) -> Recipe:
    which = random.choice([*_STATES])
    if random.random() < 0.2:
        return [which, [["all", oddity(random, foreign=True)]]]
    return [which, draw_edits(random, _STATES[which][1], foreign=True)]


def make_state(recipe: Recipe) -> tuple[str, Any]:
    which, edits = recipe
    if edits[0][0] == "all":
        return which, make(edits[0][1])
    return which, edited(_STATES[which][1], edits)


def enter_state(case: tuple[str, Any]) -> None:
    """The first state that an input makes can be stored; or the input is refused."""
    which, given = case
    state = blueprint(which).complete(given)
    check_value(state, "input", LIMITS.payload_bytes_max)
    assert blueprint(which).complete(state) == state


def enter_result(case: tuple[str, Any]) -> None:
    """What a function returns changes the state, or can't be used."""
    which, given = case
    function = blueprint(which).functions["whole"]
    before = _STATES[which][1]
    request = Request(before, Context(error={"odd": given}))
    result = cast("Result", function.call(request))
    check_value(result.patch, "$", LIMITS.payload_bytes_max)
    blueprint(which).state.read({**before, **result.patch})


DOORS: Final = (
    Door("text", draw_text, enter_text, (BadValue,), share=100),
    Door("value", draw_value, enter_value, (BadValue,), share=70),
    Door("--input", draw_given, enter_input, (BadUsage,), share=40),
    Door("--set", draw_sets, enter_sets, (BadUsage,), share=40),
    Door("fit", draw_fit, enter_fit, (Misfit,), share=50),
    Door("schema", _edited(_SCHEMA), enter_schema, (SchemaError,), share=40, make=lambda edits: edited(_SCHEMA, edits)),
    Door("record", _edited(_RECORD), enter_record, (BadValue,), make=lambda edits: written(_RECORD, edits)),
    Door("metadata", _edited(_METADATA), enter_metadata, (BadValue,), 15, make=lambda edits: written(_METADATA, edits)),
    Door("state", draw_state, enter_state, (BadInput, BadValue), share=60, make=make_state),
    Door("result", draw_state, enter_result, (BadResult, BadValue), share=60, make=make_state),
)

"""Each of these doors is broken on purpose, and the harness must see it: a check that can't fail checks nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from pectin.core import codec, duration, hint, template
from pectin.core import event as events
from pectin.core.expression import evaluate
from pectin.core.expression.value import Frame
from pectin.store.sqlite import user_sql
from tests.fuzz import judge as judging
from tests.fuzz.campaign import draw
from tests.fuzz.doors import DOORS, definitions, expressions, stored
from tests.fuzz.judge import Door, Finding, judge
from tests.fuzz.recipe import Recipe

INPUTS_MAX: Final = 400
"""So soon a defect has to be found."""


class Planted(NamedTuple):
    """A defect: where, what stands there instead, the door that it breaks, and what the finding says of it."""

    place: Any
    name: str
    instead: Any
    door: str
    says: str


def _select_and_hope(slot: int, key: str, text: str) -> Callable[[Frame], object]:
    def select(frame: Frame) -> object:
        owner: Any = frame.values[slot]
        return owner[key]

    return select


def _read_what_is_known(body: bytes) -> list[events.AnyEvent]:
    """Reads events, and drops the fields that it doesn't know."""
    known: dict[Any, set[str]] = {
        kind.__struct_config__.tag: {"type", *kind.__struct_fields__} for kind in events.EVENTS
    }
    try:
        raw = [{name: part for name, part in each.items() if name in known[each["type"]]} for each in json.loads(body)]
        return events.decode_events(json.dumps(raw).encode())
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as problem:
        raise events.UnknownEvent("it can't be read") from problem


def _copy(value: Any, target: object = None) -> Any:
    """A result as JSON, however large."""
    if isinstance(value, list):
        return [_copy(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value if isinstance(value, str | int | float | None) else str(value)


def _read_anyhow(body: bytes) -> Any:
    return msgspec.json.decode(body)["nodes"]


def _any_number(number: float) -> bool:
    return True


def _spend_nothing(frame: Frame, steps: int) -> None:
    pass


def _as_it_is(text: str) -> str:
    return text


PLANTED: Final = {
    "no limit of depth": Planted(codec, "DEPTH_MAX", 10**9, "value", "RecursionError"),
    "NaN let through": Planted(codec, "isfinite", _any_number, "value", "raises"),
    "one of two values dropped": Planted(codec, "_decoder", json.JSONDecoder(), "text", "was dropped|raises"),
    "a key that leaks": Planted(evaluate, "_select_of_name", _select_and_hope, "evaluation", "KeyError|TypeError"),
    "steps without an end": Planted(Frame, "spend", _spend_nothing, "evaluation", "CPU|MiB|larger"),
    "a result without an end": Planted(expressions, "to_json", _copy, "evaluation", "CPU|MiB|larger|raises"),
    "a text without an end": Planted(template, "LENGTH_MAX", 10**12, "template", "CPU|MiB|larger"),
    "fields that nobody knows": Planted(stored, "decode_events", _read_what_is_known, "row", "was dropped"),
    "bytes that are no text": Planted(events, "_UNREADABLE", msgspec.DecodeError, "row", "Unicode|Recursion"),
    "a definition of any shape": Planted(definitions, "read_definition", _read_anyhow, "definition", "raises"),
    "a message without an end": Planted(duration, "quote", repr, "duration", "characters|raises"),
    "a surrogate shown": Planted(hint, "clean", _as_it_is, "expression", "can't be written down"),
    "comments in every way": Planted(
        user_sql, "_NOTHING", re.compile(r"(\s|;|--[^\n]*|/\*.*?\*/)*", re.DOTALL), "sql", "CPU"
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = PLANTED[name]
    door = DOORS[planted.door]
    recipes = [draw(door, seed) for seed in range(INPUTS_MAX)]
    monkeypatch.setattr(judging, "RUNAWAY_SECONDS", 1.0)
    monkeypatch.setattr(planted.place, planted.name, planted.instead)
    with pytest.raises(Finding, match=planted.says):
        _judge_all(door, recipes)


def _judge_all(door: Door, recipes: Sequence[Recipe]) -> None:
    for recipe in recipes:
        judge(door, recipe)

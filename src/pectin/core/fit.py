"""Whether a JSON value fits the canonical schema, and the state that an input makes.

Nothing is coerced here: where an author's types are at hand, they read the input; where only the schema is (a child's
input, a person's edit), it has to be right, and the message says how to write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import Final, assert_never, cast

from msgspec import UNSET

from pectin.core import schema
from pectin.core.codec import INTEGER_MAX, INTEGER_MIN, canonical
from pectin.core.definition import Json
from pectin.core.error import BadValue, quote, shorten
from pectin.core.expression.value import parse_decimal
from pectin.core.hint import did_you_mean
from pectin.core.schema import Object, Schema

MISFITS_MAX: Final = 10
"""More misfits than these are not told: they say no more."""

_DATE: Final = r"\d{4}-\d\d-\d\d"
_TIME: Final = r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?"
_FORMATS: Final = {
    "date": (re.compile(_DATE, re.ASCII), date.fromisoformat),
    "time": (re.compile(_TIME, re.ASCII), time.fromisoformat),
    "date-time": (re.compile(f"{_DATE}[T ]{_TIME}", re.ASCII), datetime.fromisoformat),
    "uuid": (re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), str),
}
"""What a string of a format looks like, and what finds the 31st of February in it."""


def complete(schema: Object, value: object) -> tuple[dict[str, Json], list[str]]:
    """The state that an input makes, with the defaults of what it leaves out, and its misfits (as in `misfits`).

    With misfits the state is of no use. The values are the input's own, and the schema's.
    """
    if not isinstance(value, dict):
        return {}, misfits(schema, value)
    defaults = {name: field.default for name, field in schema.fields.items() if field.default is not UNSET}
    state: dict[str, Json] = {**defaults, **cast("dict[str, Json]", value)}
    return state, misfits(schema, state)


def misfits(schema: Schema, value: Json, where: str = "$") -> list[str]:
    """Why a JSON value doesn't fit, at most ten times: ``$.amount: 'abc' is no decimal``. Empty if it does."""
    return list(islice(_misfits(schema, value, where), MISFITS_MAX))


def show_json(value: Json) -> str:
    """A JSON value as messages show it: text in quotes, and not more than 80 characters."""
    try:
        return quote(value) if isinstance(value, str) else shorten(canonical(value).decode(), 80)
    except BadValue:
        return quote(value)


def _misfits(wanted: Schema, value: Json, where: str) -> Iterator[str]:
    match wanted:
        case schema.Any():
            return
        case schema.Nullable(inner=inner):
            if value is not None:
                yield from _misfits_in(inner, wanted, value, where)
        case _:
            yield from _misfits_in(wanted, wanted, value, where)


def _misfits_in(wanted: Schema, told: Schema, value: Json, where: str) -> Iterator[str]:
    """`told` is what a message says was wanted: the schema, or that with null."""
    if not _has_shape(wanted, value):
        yield f"{where}: {show_json(value)} {_is_not(told)}{_hint(wanted, value)}"
        return
    match wanted:
        case schema.List(item=item):
            for index, part in enumerate(value):
                yield from _misfits(item, part, f"{where}[{index}]")
        case schema.Map(value=inner):
            for name, part in value.items():
                yield from _misfits(inner, part, _step(where, name))
        case schema.Object():
            yield from _misfits_of_object(wanted, value, where)
        case _:
            pass


def _misfits_of_object(wanted: Object, value: Mapping[str, Json], where: str) -> Iterator[str]:
    for name, field in wanted.fields.items():
        if name in value:
            yield from _misfits(field.schema, value[name], _step(where, name))
        elif not field.may_be_missing:
            yield f"{_step(where, name)}: is missing; write {schema.describe(field.schema)}"
    if not wanted.open:
        for name in value:
            if name not in wanted.fields:
                hint = did_you_mean(name, wanted.fields.keys() - value.keys())
                yield f"{_step(where, name)}: there is no such field{hint and '; '}{hint}"


def _has_shape(wanted: Schema, value: Json) -> bool:
    """Whether a value that stands for something fits, or one with parts may."""
    match wanted:
        case schema.Any():
            return True
        case schema.Null():
            return value is None
        case schema.Bool(values=values):
            return isinstance(value, bool) and (not values or value in values)
        case schema.Integer(values=values):
            return type(value) is int and INTEGER_MIN <= value <= INTEGER_MAX and (not values or value in values)
        case schema.Float():
            return type(value) in (int, float)
        case schema.Decimal():
            return isinstance(value, str) and parse_decimal(value) is not None
        case schema.String(values=values, format=form):
            return isinstance(value, str) and (not values or value in values) and _has_format(value, form)
        case schema.List():
            return isinstance(value, list)
        case schema.Map() | schema.Object():
            return isinstance(value, dict)
        case schema.Nullable(inner=inner):
            return value is None or _has_shape(inner, value)
    assert_never(wanted)


def _has_format(text: str, form: str) -> bool:
    if not form:
        return True
    pattern, read = _FORMATS[form]
    if not pattern.fullmatch(text):
        return False
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_not(wanted: Schema) -> str:
    words = schema.describe(wanted)
    article, _, noun = words.partition(" ")
    return f"is no {noun}" if article in ("a", "an") else f"is not {words}"


def _hint(wanted: Schema, value: Json) -> str:
    match wanted:
        case schema.Decimal() if type(value) in (int, float):
            return f'; write "{show_json(value)}"'
        case schema.Integer(values=()) | schema.Float() if isinstance(value, str) and parse_decimal(value) is not None:
            return "; write it without quotes"
        case schema.String(values=()) if type(value) in (int, float):
            return f'; write "{show_json(value)}"'
        case _:
            return ""


def _step(where: str, name: str) -> str:
    return f"{where}.{name}" if name.isidentifier() else f"{where}[{json.dumps(name)}]"

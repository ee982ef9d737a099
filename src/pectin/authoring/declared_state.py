"""A state of which only the schema is known: its values are JSON, in the form in which a typed state would have them.

The types that the schema stands for are made here, so that an input is read and a decimal is written just as by a
class with these fields.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal, NotRequired, assert_never, cast
from uuid import UUID

import msgspec
import typing_extensions
from msgspec import UNSET
from pydantic import ConfigDict, with_config

from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.part import Part
from pectin.authoring.values import Values, encode, refuse_no_json, show
from pectin.core import schema
from pectin.core.definition import Json
from pectin.core.hint import did_you_mean

_FORMATS: Final[Mapping[str, Any]] = {"date-time": datetime, "date": date, "time": time, "uuid": UUID}


def annotation_of(wanted: schema.Schema) -> Any:
    """The Python type of values of a schema."""
    match wanted:
        case schema.Any():
            return Any
        case schema.Null():
            return None
        case schema.Bool(values=()):
            return bool
        case schema.Integer(values=()):
            return int
        case schema.Float():
            return float
        case schema.Decimal():
            return Decimal
        case schema.String(values=()):
            return _FORMATS.get(wanted.format, str)
        case schema.Bool() | schema.Integer() | schema.String():
            return Literal[wanted.values]
        case schema.List():
            return list[annotation_of(wanted.item)]
        case schema.Map():
            return dict[str, annotation_of(wanted.value)]
        case schema.Nullable():
            return annotation_of(wanted.inner) | None
        case schema.Object():
            return _typed_dict(wanted)
    assert_never(wanted)


class DeclaredModel:
    """A state with the fields of a schema: a dict of them, JSON as it is stored."""

    __slots__ = ("_values", "name", "schema")

    def __init__(self, declared: schema.Object) -> None:
        self.name = declared.name or "the state"
        self.schema = declared
        self._values = Values(annotation_of(declared), "state", declared)

    def read(self, state: Mapping[str, Json]) -> dict[str, Json]:
        return msgspec.json.decode(encode(state))

    def dump(self, state: object) -> dict[str, Json]:
        if not isinstance(state, dict):
            raise TypeMismatch([f"{show(state)} is no dict"])
        fields = cast("dict[str, Json]", state)
        self._refuse_unknown(fields)
        if missing := [name for name in self.schema.fields if name not in fields]:
            raise TypeMismatch([f"{name}: is missing" for name in missing])
        return fields

    def settle(self, state: dict[str, Json]) -> dict[str, Json]:
        return cast("dict[str, Json]", self._values.write(self._values.read(state)))

    def complete(self, input: object) -> dict[str, Json]:
        if not isinstance(input, dict):
            raise TypeMismatch([f"{show(input)} is no JSON object"])
        fields = cast("dict[str, Json]", input)
        refuse_no_json(fields, "input")
        self._refuse_unknown(fields)
        defaults = {name: field.default for name, field in self.schema.fields.items() if field.default is not UNSET}
        return self.settle({**defaults, **fields})

    def part(self, names: Collection[str]) -> Part | None:
        fields = self.schema.fields
        return Part(self.name, {name: annotation_of(fields[name].schema) for name in names if name in fields})

    def _refuse_unknown(self, given: Mapping[str, Json]) -> None:
        fields = self.schema.fields
        if self.schema.open or given.keys() <= fields.keys():
            return
        unknown = [name for name in given if name not in fields]
        hints = {name: did_you_mean(str(name), fields.keys() - given.keys()) for name in unknown}
        raise TypeMismatch([f"{name}: there is no such field{hint and '; '}{hint}" for name, hint in hints.items()])


def _typed_dict(wanted: schema.Object) -> Any:
    fields = {
        name: NotRequired[annotation_of(field.schema)] if field.may_be_missing else annotation_of(field.schema)
        for name, field in wanted.fields.items()
    }
    functional: Any = typing_extensions.TypedDict
    return with_config(ConfigDict(extra="allow" if wanted.open else "forbid"))(functional(wanted.name or "map", fields))

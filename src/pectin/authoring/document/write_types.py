"""The types of a state and of tools, in the words of a document: the other way round than `types`.

The short form where it says the same, else a mapping of keys that begin with `$`. Names of objects are left out: they
mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, cast

from msgspec import UNSET

from pectin.authoring.document.shorthand import NAMES, PARTS
from pectin.core import schema
from pectin.core.definition import Json
from pectin.core.error import quote

_RESERVED: Final = {*NAMES, *PARTS, "true", "false"}
_FORMS: Final = {type.format: name for name, type in NAMES.items() if isinstance(type, schema.String) and type.format}
_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,6})?")
_CHARACTERS_MAX: Final = 1_000
_DEFAULT_CHARACTERS_MAX: Final = 60

Refuse = Callable[[str], None]
"""Notes what no document can say."""


def write_state(state: schema.Object, refuse: Refuse) -> Json:
    """The fields of a state."""
    return _Writer(refuse).object(state, "state", is_state=True)


def write_input(given: schema.Object, path: str, refuse: Refuse) -> Json:
    """What a tool takes: fields as those of a state, which may be missing, too."""
    return _Writer(refuse, may_lack=True).object(given, path, is_state=True)


def write_output(given: schema.Schema, path: str, refuse: Refuse) -> Json:
    """What a tool gives: any type. The fields of an object are as those of an input."""
    return write_input(given, path, refuse) if isinstance(given, schema.Object) else _Writer(refuse).type(given, path)


class _Writer:
    """Writes types, and notes those that no document can say at their paths. With `may_lack` the fields of the
    outermost object may be missing."""

    def __init__(self, refuse: Refuse, *, may_lack: bool = False) -> None:
        self._refuse = refuse
        self._may_lack = may_lack

    def object(self, given: schema.Object, path: str, *, is_state: bool = False) -> Json:
        """The fields of an object; the outermost ones are as those of a state."""
        fields: dict[str, Json] = {}
        for name, field in given.fields.items():
            place = f"{path}.{name}"
            if name.endswith("?") or not name:
                self._refuse(f"{place}: {quote(name)} can't be the name of a field")
            write = self._field_of_state if is_state else self._field
            fields[f"{name}?" if field.may_be_missing else name] = write(field, place)
        if not given.open and not any(name.startswith("$") for name in fields):
            return fields
        return {"$fields": fields, "$open": True} if given.open else {"$fields": fields}

    def _field(self, field: schema.Field, path: str) -> Json:
        if field.default is not UNSET:
            self._refuse(f"{path}: a field of an inner object has no default")
        return self.type(field.schema, path)

    def _field_of_state(self, field: schema.Field, path: str) -> Json:
        """In short, what may be null is null by default; where it isn't, a mapping says so."""
        if field.may_be_missing and self._may_lack:
            return self.type(field.schema, path)
        if field.required != (field.default is UNSET):
            rule = "is always there" if field.may_be_missing else "with a default isn't required"
            self._refuse(f"{path}: a field of the state {rule}")
        written = self.type(field.schema, path)
        if field.default is UNSET:
            is_null = isinstance(field.schema, schema.Nullable) and isinstance(written, str)
            return {"$type": written} if is_null else written
        return _with_default(field.schema, written, cast(Json, field.default))

    def type(self, given: schema.Schema, path: str) -> Json:
        """A type inside of another, or by itself."""
        if (word := _word(given)) is not None and len(word) <= _CHARACTERS_MAX:
            return word
        match given:
            case schema.Object():
                return self.object(given, path)
            case schema.List():
                return [self.type(given.item, f"{path}[]")]
            case schema.Map():
                return {"$map": self.type(given.value, f"{path}.*")}
            case schema.Nullable(inner=inner) if not isinstance(inner, schema.Any | schema.Null | schema.Nullable):
                return {**_in_keys(self.type(inner, path)), "$nullable": True}
            case schema.Bool() | schema.Integer() | schema.String() if given.values:
                form = _FORMS.get(getattr(given, "format", ""))
                return {**({"$type": form} if form else {}), "$values": list(given.values)}
            case _:
                self._refuse(f"{path}: no document can say {quote(given)}")
                return "any"


def _with_default(given: schema.Schema, written: Json, default: Json) -> Json:
    if default is None and isinstance(given, schema.Nullable) and isinstance(written, str):
        return written
    literal = _write_default(given, default)
    if isinstance(written, str) and literal is not None:
        return f"{written} = {literal}"
    return {**_in_keys(written), "$default": default}


def _in_keys(written: Json) -> dict[str, Json]:
    """What was written as a mapping whose keys begin with `$`."""
    if not isinstance(written, dict):
        return {"$type": written}
    keys = cast("dict[str, Json]", written)
    return keys if any(key.startswith("$") for key in keys) else {"$fields": keys}


def _word(given: schema.Schema) -> str | None:
    """The type in its short form, if it has one."""
    match given:
        case schema.Bool() | schema.Integer() | schema.String() if given.values:
            if getattr(given, "format", "") or (len(given.values) == 1 and not isinstance(given, schema.String)):
                return None
            return " | ".join(_write_member(value, alone=len(given.values) == 1) for value in given.values)
        case schema.List():
            return None if (item := _word(given.item)) is None else f"list[{item}]"
        case schema.Map():
            return None if (value := _word(given.value)) is None else f"map[{value}]"
        case schema.Nullable(inner=inner):
            if isinstance(inner, schema.Any | schema.Null | schema.Nullable) or (word := _word(inner)) is None:
                return None
            return f"{word} | null" if getattr(inner, "values", ()) else f"{word}?"
        case _:
            return next((word for word, meant in NAMES.items() if meant == given), None)


def _write_member(value: bool | int | str, *, alone: bool) -> str:
    """A value of an enumeration. A word alone would be a type."""
    if not isinstance(value, str):
        return schema.write_literal(value)
    if _is_bare(value) and not alone:
        return value
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _is_bare(text: str) -> bool:
    """Whether it is a word, and none that means something else."""
    return _BARE.fullmatch(text) is not None and text not in _RESERVED


def _write_default(given: schema.Schema, default: Json) -> str | None:
    """A default beside its type's short form; None where it stands better by itself."""
    inner = schema.without_null(given)
    match default:
        case str() if isinstance(inner, schema.Decimal) and _NUMBER.fullmatch(default):
            return default
        case str() if isinstance(inner, schema.String) and not inner.format:
            literal = default if _is_bare(default) else _dump(default)
        case list() | dict() if default:
            return None
        case _:
            literal = _dump(default)
    return literal if len(literal) <= _DEFAULT_CHARACTERS_MAX and literal.isprintable() else None


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Values of declared types, from and to JSON.

Reading goes through JSON text: that is a private copy of every part, and types with a strict mode accept it. Types of
which it can make no other are read as they are. Writing checks what comes out: it is JSON, and the same type can read
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, cast

import msgspec
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from pectin.authoring.adapter import adapter_of
from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.plain import is_json
from pectin.authoring.schema_of import has_any, schema_of
from pectin.core.codec import check_value
from pectin.core.definition import Json
from pectin.core.error import BadValue, clean, quote
from pectin.core.limits import LIMITS
from pectin.core.schema import Schema

encode = msgspec.json.Encoder().encode


class Values:
    """The values of one type. `path` is what errors call a value."""

    __slots__ = ("_has_any", "_validate", "_validate_text", "_write", "path", "schema")

    def __init__(self, annotation: Any, path: str, schema: Schema | None = None) -> None:
        adapter = adapter_of(annotation)
        self.path = path
        self.schema = schema_of(annotation) if schema is None else schema
        self._has_any = has_any(self.schema)
        self._validate_text = adapter.validator.validate_json
        self._validate = adapter.validator.validate_python if is_json(annotation) else None
        self._write = adapter.serializer.to_python

    def read(self, value: Json) -> Any:
        """A private object of the type. Raises `TypeMismatch`."""
        if self._validate is None:
            return self._read_text(value)
        try:
            return self._validate(value)
        except ValidationError:  # it is told of in the words of JSON
            return self._read_text(value)

    def _read_text(self, value: Json) -> Any:
        try:
            return self._validate_text(encode(value))
        except ValidationError as error:
            raise TypeMismatch(_tell_problems(error)) from None

    def write(self, value: Any) -> Json:
        """Its JSON, perhaps not that of the type: the author may have set anything. Raises `TypeMismatch`."""
        try:
            written = self._write(value, mode="json", warnings=False)
            if self._has_any and _may_hide_a_float(written):
                # There pydantic writes NaN as null, and a loss must not be silent.
                _refuse_lost_floats(self._write(value, mode="python", warnings=False), self.path)
        except TypeMismatch:
            raise
        except (ValueError, TypeError, OverflowError, RecursionError) as error:  # pydantic's own among them
            raise TypeMismatch([str(error)]) from None
        return written

    def settle(self, value: Any) -> Json:
        """Its JSON, checked and in the type's own form. Raises `TypeMismatch`."""
        written = self.write(value)
        refuse_no_json(written, self.path)
        return self.write(self.read(written))


def refuse_no_json(value: object, path: str) -> None:
    """Raise `TypeMismatch` with the path to what isn't JSON: NaN, half a surrogate pair, 2^64, a foreign object."""
    try:
        check_value(value, path)
    except BadValue as error:
        raise TypeMismatch([str(error)]) from None


def _tell_problems(error: ValidationError) -> list[str]:
    """Pydantic's findings in our words: ``amount: should be a decimal, got "x"``."""
    told: list[str] = []
    for found in error.errors(include_url=False):
        path = ".".join(str(part) for part in found["loc"]) or "the value"
        if found["type"] == "missing":
            told.append(f"{path}: is missing")
            continue
        message = found["msg"].removeprefix("Input ").removeprefix("Value error, ").replace(" valid ", " ")
        told.append(f"{path}: {message}, got {show(found['input'])}")
    return told


def show(value: Any) -> str:
    """A value in an error: its JSON as far as it has one, cut."""
    text = encode(tell(value)).decode()
    return text if len(text) <= 60 else f"{text[:57]}…"


def tell(value: Any) -> Json:
    """The JSON of any object, for errors: its `repr`, cut, stands for what has none or has too much."""
    try:
        told = to_jsonable_python(value, fallback=quote)
        check_value(told, bytes_max=LIMITS.payload_bytes_max)
    except (ValueError, TypeError, RecursionError):
        return clean(quote(value))
    return told


def _may_hide_a_float(value: Json) -> bool:
    """Whether something in it may stand for a NaN or an infinity."""
    try:
        return b"null" in encode(value)
    except (ValueError, TypeError, RecursionError):
        return True


def _refuse_lost_floats(value: object, path: str) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise TypeMismatch([f"{path}: {value} is no JSON number; use null, or text"])
    if isinstance(value, Mapping):
        for key, part in cast(Mapping[object, object], value).items():
            _refuse_lost_floats(part, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(cast(Sequence[object], value)):
            _refuse_lost_floats(part, f"{path}[{index}]")

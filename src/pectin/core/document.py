"""Reads the fields of a JSON object, with an error that names the field.

A reader is a function of a value and its path. It gives the value in its own type or raises `BadValue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar, cast

from pectin.core.codec import decode_json
from pectin.core.error import BadValue, quote
from pectin.core.limits import LIMITS

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

Reader = Callable[[object, str], T]


class Document:
    """A JSON object that is being read. Fields that nobody asks for are ignored."""

    def __init__(self, value: object, path: str = "$") -> None:
        if not isinstance(value, Mapping):
            raise BadValue(path, f"{_name(value)} instead of an object", "write the fields between { and }")
        self._fields = cast(Mapping[str, object], value)
        self._path = path

    def required(self, name: str, read: Reader[T]) -> T:
        """The field's value; it must be there."""
        if name not in self._fields:
            raise BadValue(f"{self._path}.{name}", "is missing", "add it")
        return read(self._fields[name], f"{self._path}.{name}")

    def optional(self, name: str, read: Reader[T]) -> T | None:
        """The field's value, or None where it is missing or null."""
        value = self._fields.get(name)
        return None if value is None else read(value, f"{self._path}.{name}")


def read_document(document: object, path: str = "$") -> Document:
    """The object of JSON text, or of what was decoded already."""
    if isinstance(document, bytes | str):
        document = decode_json(document, LIMITS.payload_bytes_max)
    return Document(document, path)


def anything(value: object, path: str) -> object:
    """A value that is checked elsewhere."""
    return value


def text(value: object, path: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise BadValue(path, f"{_name(value)} instead of text", "write it in double quotes")
    return value


def boolean(value: object, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadValue(path, f"{_name(value)} instead of a boolean", "write true or false")
    return value


def integer(value: object, path: str) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadValue(path, f"{_name(value)} instead of an integer", "write a whole number without quotes")
    return value


def one_of(members: type[E]) -> Reader[E]:
    """A reader for the values of an enum."""

    def read(value: object, path: str) -> E:
        try:
            return members(text(value, path))
        except BadValue:
            raise
        except ValueError:
            raise BadValue(path, f"{quote(value)} is unknown", f"write one of {', '.join(members)}") from None

    return read


def _name(value: object) -> str:
    """What JSON calls the value's type, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            return f"a {type(value).__name__}"

"""JSON values: what may enter, and the one way to write them.

Values are JSON and nothing else, so that they mean the same in every store, language and year. They are
checked at the edge with `check_value` or `decode_json`; within, they are trusted. Everything that passes
comes back exactly as it was: integers and floats stay apart (1 and 1.0, also 0.0 and -0.0), and text may hold
NUL, because stores keep the bytes of a payload and never a database's own JSON type.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from math import isfinite
from typing import Any, Final, cast

import msgspec

from pectin.core.error import BadValue, quote, shorten

DEPTH_MAX: Final = 128
"""How many lists and objects may stand in one another."""

INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1
"""Integers have 64 bits, in JSON and in expressions."""

_HINTS: Final = {
    "tuple": "make it a list",
    "set": "make it a list, in an order you choose",
    "frozenset": "make it a list, in an order you choose",
    "bytes": "make it text, base64 for instance",
    "Decimal": "write str(value)",
    "datetime": "write value.isoformat()",
    "date": "write value.isoformat()",
    "UUID": "write str(value)",
}
"""What to do about types that people often hand in."""

_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""The types whose equal values are written alike."""

_TOLD_APART: Final = frozenset({str, type(None)})
"""The types of JSON of which nothing is equal to anything of another."""

_encode_sorted = msgspec.json.Encoder(order="deterministic").encode
_write_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

_MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"(?P<is_key>\s*:)?|[{}\[\]]|NaN|-?Infinity', re.DOTALL)
"""The tokens of a JSON text that `_find_problem` has to see."""


def canonical(value: Any) -> bytes:
    """The bytes that stand for a value: sorted keys, no spaces, UTF-8. Raises `BadValue` for NaN and such.

    Written by the standard library, so that no hash changes with a dependency. The value is one that
    `check_value` let pass, or was made of such.
    """
    try:
        return _write_canonical(value).encode()
    except (TypeError, ValueError, RecursionError):
        check_value(value)
        raise


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return sha256(canonical(value)).hexdigest()


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: as `==`, but 1, 1.0 and true are three things."""
    if one != other:
        return False
    if type(one) in _PLAIN:
        return type(one) is type(other)
    if type(one) is list and _TOLD_APART.issuperset(map(type, cast(list[object], one))):
        return True
    return _encode_sorted(one) == _encode_sorted(other)


def check_value(value: object, path: str = "$", bytes_max: int | None = None) -> None:
    """Raise `BadValue` with the path to the first thing in `value` that isn't JSON.

    Refused are NaN and infinities, lone surrogates, integers beyond 64 bits, keys that aren't text, every
    other type (subclasses too: they would come back as their base), and more than 128 levels. `bytes_max`
    bounds the value's JSON; without it the size isn't looked at.
    """
    try:
        _walk(value, DEPTH_MAX)
    except _NotJson as error:
        place = shorten(path + "".join(reversed(error.steps)), 200)
        raise BadValue(place, error.what, error.hint) from None
    if bytes_max is not None and (size := len(msgspec.json.encode(value))) > bytes_max:
        raise BadValue(path, *_too_large(size, bytes_max))


def check_text(text: object, path: str, characters_max: int, *, may_be_blank: bool = True) -> None:
    """Raise `BadValue` for what is no text, too long, or can't be held by JSON. None is fine."""
    if text is None:
        return
    if type(text) is not str:
        raise BadValue(path, f"{quote(text)} is no text", "write a str")
    check_value(text, path)
    if not may_be_blank and not text.strip():
        raise BadValue(path, "is empty", f"write 1 to {characters_max} characters")
    if len(text) > characters_max:
        raise BadValue(path, f"has {len(text)} characters", f"write at most {characters_max}")


def decode_json(data: bytes | str, bytes_max: int) -> Any:
    """Read one JSON value from outside, strictly. Raises `BadValue` with the place of the first problem.

    Refused, beside what isn't JSON and what `check_value` refuses: NaN and Infinity as words, a key that
    stands twice in one object, bytes that aren't UTF-8, and a byte order mark.
    """
    if len(data) > bytes_max:
        raise BadValue("input", *_too_large(len(data), bytes_max))
    text = data if isinstance(data, str) else _decode_utf8(data)
    if text.startswith("\ufeff"):
        raise BadValue("line 1, column 1", "a byte order mark", "save it as UTF-8 without one")
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        hint = "write one JSON value, with text and keys in double quotes"
        raise BadValue(_place(text, error.pos), f"not JSON: {error.msg.removesuffix(' at')}", hint) from None
    except (_NotJson, RecursionError):
        raise _find_problem(text) from None
    except ValueError:  # Python reads no integer of thousands of digits
        raise BadValue("input", *_TOO_BIG) from None
    check_value(value, bytes_max=bytes_max)
    return value


class _NotJson(Exception):
    """Unwinds a walk and collects the steps of the path on its way, innermost first."""

    def __init__(self, what: str, hint: str) -> None:
        self.what = what
        self.hint = hint
        self.steps: list[str] = []


_TOO_DEEP: Final = (f"more than {DEPTH_MAX} levels deep", "make it flatter")
_LONG: Final = 32
"""Items from which on it is worth the time to look first whether a list is nothing but plain text."""

_TOO_BIG: Final = ("an integer beyond 64 bits", "write it as text")
_SURROGATE: Final = ("text with half a surrogate pair, which is no character", "remove or replace it")


def _too_large(size: int, bytes_max: int) -> tuple[str, str]:
    return f"{size} bytes, and {bytes_max} are allowed", "store it elsewhere and hand in where it is"


def _walk(value: object, levels_left: int) -> None:
    """Raise `_NotJson` for the first thing that isn't JSON. Written for speed: it sees every node's result."""
    kind = type(value)
    if kind is str:
        text = cast(str, value)
        if not text.isascii():
            _check_characters(text)
    elif kind is int:
        if not INTEGER_MIN <= cast(int, value) <= INTEGER_MAX:
            raise _NotJson(*_TOO_BIG)
    elif kind is float:
        if not isfinite(cast(float, value)):
            raise _NotJson(f"{value} is no JSON number", "use null, or text")
    elif kind is dict:
        _walk_object(cast(dict[object, object], value), levels_left - 1)
    elif kind is list:
        _walk_list(cast(list[object], value), levels_left - 1)
    elif value is not None and kind is not bool:
        name = kind.__name__
        raise _NotJson(f"{name} is no JSON type", _HINTS.get(name, "use null, bool, int, float, str, list or dict"))


def _walk_object(value: dict[object, object], levels_left: int) -> None:
    if levels_left < 0:
        raise _NotJson(*_TOO_DEEP)
    for key, member in value.items():
        if type(key) is not str:
            raise _NotJson(f"the key {quote(key)} is of type {type(key).__name__}", "make every key a str")
        try:
            if not key.isascii():
                _check_characters(key)
            _walk(member, levels_left)
        except _NotJson as error:
            error.steps.append(f".{key}" if key.isidentifier() else f"[{json.dumps(key)}]")
            raise


def _walk_list(value: list[object], levels_left: int) -> None:
    if levels_left < 0:
        raise _NotJson(*_TOO_DEEP)
    if len(value) > _LONG and set(map(type, value)) == {str} and all(map(str.isascii, cast(list[str], value))):
        return
    for index, member in enumerate(value):
        try:
            _walk(member, levels_left)
        except _NotJson as error:
            error.steps.append(f"[{index}]")
            raise


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _NotJson(*_SURROGATE) from None


def _object_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise _NotJson("a key stands twice", "keep one")
    return value


def _refuse_word(word: str) -> None:
    raise _NotJson(f"{word} is no JSON number", "use null, or text")


_decoder = json.JSONDecoder(object_pairs_hook=_object_once, parse_constant=_refuse_word)


def _decode_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode(), error.start)
        raise BadValue(place, f"byte {data[error.start]:#04x} is not UTF-8", "save it as UTF-8") from None


def _place(text: str, position: int) -> str:
    before = text[:position]
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _find_problem(text: str) -> BadValue:
    """Where the reader gave up: it doesn't say, so look again. Only words, depth and keys are looked at."""
    open_objects: list[set[str] | None] = []  # None stands for a list
    for mark in _MARKS.finditer(text):
        token = mark[0]
        if token in "{[":
            open_objects.append(set() if token == "{" else None)
            if len(open_objects) > DEPTH_MAX:
                return BadValue(_place(text, mark.start()), *_TOO_DEEP)
        elif token in "}]":
            open_objects.pop()
        elif token[0] != '"':
            return BadValue(_place(text, mark.start()), f"{token} is no JSON number", "use null, or text")
        elif mark["is_key"] and (keys := open_objects[-1]) is not None:
            key = cast(str, json.loads(token[: -len(mark["is_key"])]))
            if key in keys:
                place = _place(text, mark.start())
                return BadValue(place, f"the key {quote(key)} stands twice in one object", "keep one")
            keys.add(key)
    raise AssertionError("the reader refused what nothing is wrong with")

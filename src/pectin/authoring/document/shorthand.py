"""Types in one line, as a document writes them: `list[string]`, `low | high = low`, `decimal? = 0`."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple, cast

import msgspec
from msgspec import UNSET, UnsetType

from pectin.core import schema
from pectin.core.codec import decode_json
from pectin.core.definition import Json
from pectin.core.error import BadValue
from pectin.core.expression.value import parse_decimal
from pectin.core.fit import misfits
from pectin.core.hint import did_you_mean

NAMES: Final[dict[str, schema.Schema]] = {
    "string": schema.String(),
    "int": schema.Integer(),
    "float": schema.Float(),
    "bool": schema.Bool(),
    "decimal": schema.Decimal(),
    "any": schema.Any(),
    "datetime": schema.String(format="date-time"),
    "date": schema.String(format="date"),
    "time": schema.String(format="time"),
    "uuid": schema.String(format="uuid"),
    "null": schema.Null(),
}
"""The types that have a name."""

PARTS: Final[dict[str, Callable[[schema.Schema], schema.Schema]]] = {"list": schema.List, "map": schema.Map}
"""The types of many values: `list[T]`, and `map[T]` with keys of any name."""

_HABITS: Final = {
    "str": "write `string`",
    "text": "write `string`",
    "integer": "write `int`",
    "number": "write `int`, `float` or `decimal`",
    "double": "write `float`",
    "boolean": "write `bool`",
    "money": "write `decimal`",
    "dict": "write `map[any]`, or the fields as a mapping",
    "object": "write `map[any]`, or the fields as a mapping",
    "array": "write `list[any]`",
    "timestamp": "write `datetime`",
    "none": "write `null`",
    "optional": "write `T?`",
}
_TOKEN: Final = re.compile(
    r"(?P<word>[^\W\d][\w-]*)|(?P<number>-?\d[\w.+-]*)|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\")|(?P<sign>[\[\]|?=()])"
)
_WORD: Final = re.compile(r"[^\W\d][\w -]*")
_LEVELS_MAX: Final = 32
_LENGTH_MAX: Final = 4_000


class BadType(Exception):
    """A text that writes no type. `start` and `end` mark a part of it."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.hint = message, start, end, hint


class Declared(NamedTuple):
    """A type, and the default behind it, if there is one."""

    schema: schema.Schema
    default: Json | UnsetType = UNSET


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def read_type(text: str) -> Declared:
    """The type that a text writes, with its default. Raises `BadType`."""
    if len(text) > _LENGTH_MAX:
        raise BadType(f"a type has at most {_LENGTH_MAX:,} characters", 0, 1, "write it as a mapping of fields")
    reader = _Reader(text)
    found = reader.union(0)
    last = reader.next
    if last.kind == "end":
        return Declared(found)
    if last.text != "=":
        raise BadType(f"`{last.text}` has no place here", last.start, last.end, "write a type, and `= …` for a default")
    written = text[last.end :].strip()
    start = text.find(written, last.end)
    return Declared(found, _read_default(found, written, start, len(text.rstrip())))


def check_default(wanted: schema.Schema, value: Json, text: str = "") -> tuple[Json, str]:
    """A default in the form in which it is stored, and what is wrong with it, or an empty text.

    `text` is how a number is written: a decimal keeps its digits.
    """
    inner = schema.without_null(wanted)
    if isinstance(inner, schema.Decimal) and type(value) in (int, float):
        value = str(Decimal(text or str(value)))
    if isinstance(inner, schema.Float) and type(value) is int:
        value = float(value)
    found = misfits(wanted, value)
    return value, found[0].removeprefix("$: ") if found else ""


def _read_default(wanted: schema.Schema, written: str, start: int, end: int) -> Json:
    if not written:
        raise BadType("there is no default behind `=`", start - 1, start, "write one, or delete the `=`")
    value = _decode(wanted, written, start, end)
    value, wrong = check_default(wanted, value, written)
    if wrong:
        hint = "write `T?` for a type that may be null" if value is None else ""
        raise BadType(f"the default can't be used: {wrong}", start, end, hint)
    return value


def _decode(wanted: schema.Schema, written: str, start: int, end: int) -> Json:
    """The JSON that is written; for a text also without quotes, or in single ones."""
    inner = schema.without_null(wanted)
    if isinstance(inner, schema.String) and written != "null" and written[0] != '"':
        if written[0] in "[{":
            raise BadType(f"a text that begins with `{written[0]}` stands in double quotes", start, end)
        return written[1:-1].replace("''", "'") if written[0] == written[-1] == "'" and len(written) > 1 else written
    try:
        return decode_json(written, _LENGTH_MAX)
    except BadValue as error:
        if isinstance(inner, schema.Decimal) and parse_decimal(written) is not None:
            return written
        if _WORD.fullmatch(written) and not isinstance(inner, schema.Any):
            hint = "write `true` or `false`" if isinstance(inner, schema.Bool) else ""
            raise BadType(f"the default can't be used: {misfits(wanted, written)[0][3:]}", start, end, hint) from None
        what = error.what.removeprefix("not JSON: ").replace("Expecting value", "there is no value")
        raise BadType(f"the default is no JSON: {what}", start, end, error.hint) from None


class _Reader:
    """Reads a type from left to right; `next` is the token that it looks at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.next = self._scan(0)

    def union(self, level: int) -> schema.Schema:
        """`a | b`: the values of an enumeration, or a type and null."""
        if level > _LEVELS_MAX:
            raise BadType(f"a type is at most {_LEVELS_MAX} levels deep", self.next.start, self.next.end)
        first = self.next
        options = [self._option(level)]
        while self.next.text == "|" and self.next.kind == "sign":
            self._advance()
            options.append(self._option(level))
        if len(options) == 1:
            return self._only(options[0])
        values = [option for option in options if not isinstance(option[0], schema.Null)]
        if not values:
            raise BadType("`null` stands twice", first.start, first.end, "write it once")
        inner = self._only(values[0]) if len(values) == 1 else self._enumeration(values)
        return schema.nullable(inner) if len(values) < len(options) else inner

    def _only(self, option: _Option) -> schema.Schema:
        """A type that stands alone. A word that is none is rather misspelt than an enumeration of one."""
        value, token = option
        if isinstance(value, schema.Schema):
            return value
        if token.kind == "quoted":
            return schema.String((cast(str, value),))
        if token.kind == "number" or isinstance(value, bool):
            name = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
            raise BadType(
                f"`{token.text}` is a value and no type", token.start, token.end, f"write `{name} = {token.text}`"
            )
        hint = _HABITS.get(token.text.lower()) or did_you_mean(token.text, (*NAMES, *PARTS))
        listed = f"there are {', '.join((*NAMES, 'list[T]', 'map[T]'))}; a text of one value stands in quotes"
        raise BadType(f"there is no type `{token.text}`", token.start, token.end, hint or listed)

    def _enumeration(self, options: list[_Option]) -> schema.Schema:
        for value, token in options:
            if isinstance(value, schema.Schema):
                hint = "a field has one type, perhaps with null; for a word that is meant as it is, write quotes"
                raise BadType(f"`{token.text}` is a type, and stands among others", token.start, token.end, hint)
        values = tuple(value for value, _ in options)
        for (value, token), kind in ((option, type(options[0][0])) for option in options):
            if type(value) is not kind or isinstance(value, float):
                hint = "write texts, whole numbers or booleans; a number is a text in quotes"
                raise BadType("the values of an enumeration are of one type", token.start, token.end, hint)
            if sum(type(value) is type(other) and value == other for other in values) > 1:
                raise BadType(f"`{token.text}` stands twice", token.start, token.end, "write it once")
        if isinstance(values[0], bool):
            return schema.Bool(cast("tuple[bool, ...]", values))
        if isinstance(values[0], int):
            return schema.Integer(cast("tuple[int, ...]", values))
        return schema.String(cast("tuple[str, ...]", values))

    def _option(self, level: int) -> _Option:
        """One side of a `|`: a type, or a value, with `?` behind it for null."""
        token = self.next
        value = self._atom(level)
        while self.next.text == "?" and self.next.kind == "sign":
            if not isinstance(value, schema.Schema):
                value = self._only((value, token))
            value = schema.nullable(value)
            self._advance()
        return value, token

    def _atom(self, level: int) -> schema.Schema | str | int | float | bool:
        token = self.next
        if token.text == "(":
            self._advance()
            inner = self.union(level + 1)
            self._expect(")", token)
            return inner
        self._advance()
        if token.kind == "quoted":
            return self._unquote(token)
        if token.kind == "number":
            return self._number(token)
        if token.kind != "word":
            what = "the type ends in the middle" if token.kind == "end" else f"`{token.text}` begins no type"
            raise BadType(what, token.start, token.end, "write a type such as `string` or `list[int]`")
        if token.text in PARTS:
            return self._parts(token, level)
        if token.text in ("true", "false"):
            return token.text == "true"
        return NAMES.get(token.text, token.text)

    def _parts(self, token: _Token, level: int) -> schema.Schema:
        if self.next.text != "[":
            hint = f"write `{token.text}[any]`, or what it holds: `{token.text}[string]`"
            raise BadType(f"`{token.text}` doesn't say of what", token.start, token.end, hint)
        opened = self.next
        self._advance()
        inner = self.union(level + 1)
        self._expect("]", opened)
        return PARTS[token.text](inner)

    def _number(self, token: _Token) -> int | float:
        try:
            value = msgspec.json.decode(token.text)
        except ValueError:
            value = None
        if type(value) in (int, float):
            return cast("int | float", value)
        raise BadType(f"`{token.text}` is neither a type nor a number", token.start, token.end, "put a text in quotes")

    def _unquote(self, token: _Token) -> str:
        if token.text[0] == "'":
            return token.text[1:-1].replace("''", "'")
        try:
            return cast(str, msgspec.json.decode(token.text))
        except ValueError:
            hint = "double the backslash, or use single quotes"
            raise BadType(f"{token.text} has an escape that is none", token.start, token.end, hint) from None

    def _expect(self, sign: str, opened: _Token) -> None:
        if self.next.text != sign or self.next.kind != "sign":
            raise BadType(f"`{opened.text}` is never closed", opened.start, opened.end, f"write `{sign}`")
        self._advance()

    def _advance(self) -> None:
        # what stands behind `=` is no part of the type
        self.next = self._scan(self.next.end)

    def _scan(self, at: int) -> _Token:
        at += len(self._text[at:]) - len(self._text[at:].lstrip())
        if at >= len(self._text):
            return _Token("end", "", max(at - 1, 0), at)
        match = _TOKEN.match(self._text, at)
        if match is None:
            sign = self._text[at]
            hint = "close the quote" if sign in "'\"" else "types are made of names, `[ ]`, `|`, `?` and `=`"
            raise BadType(f"`{sign}` has no place in a type", at, at + 1, hint)
        return _Token(match.lastgroup or "", match[0], at, match.end())


_Option = tuple[schema.Schema | str | int | float | bool, _Token]

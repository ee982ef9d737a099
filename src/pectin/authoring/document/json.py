"""JSON as a tree. It almost is YAML, and is read by itself: tabs, surrogates and long keys mean other things there."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from pectin.authoring.document.syntax import Reading, Unreadable, check_text
from pectin.authoring.document.tree import Mapping, Scalar, Sequence, Source, Tree
from pectin.core.definition import Json

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<float>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_WORD: Final = re.compile(r"'[^'\n]*'?|[\w$.+-]+|\S")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_UNICODE: Final = re.compile(r"u([0-9a-fA-F]{4})")
_DIGIT: Final = re.compile(r"[-+.]?[0-9]")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final[dict[str, Json]] = {"null": None, "true": True, "false": False}
_TEXT: Final = "write text in double quotes"
_HINTS: Final = {
    **{word.title(): f"write `{word}`" for word in ("true", "false")},
    **dict.fromkeys(("None", "NULL", "nil", "undefined"), "write `null`"),
    **dict.fromkeys(("NaN", "Infinity", "-Infinity"), "write null, or text in double quotes"),
}
"""What to do about words that mean something elsewhere."""


def read_json(source: Source) -> list[Tree]:
    """The documents of a JSON text: one object, or a list of them. Raises `DefinitionError` with what is wrong."""
    check_text(source)
    reading = Reading(source)
    if not source.text.strip():
        return []
    try:
        tree = _Reader(reading).read()
    except Unreadable as error:
        raise reading.refuse(error) from None
    return reading.finish(tree.items if isinstance(tree, Sequence) else [tree])


class _Reader:
    """Reads from left to right; `_at` is where it is."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._text = reading.source.text
        self._at = 0

    def read(self) -> Tree:
        """The one value of the text."""
        value = self._value(0)
        if self._look():
            self._refuse("something stands behind the end of the document", "put several documents into a list")
        return value

    def _look(self) -> str:
        """The next character that is no space, or nothing at the end."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match is not None else self._at
        if self._text.startswith(("//", "/*", "#"), self._at):
            self._refuse("JSON has no comments", "delete it, or write YAML")
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Tree:
        sign = self._look()
        self._reading.count(self._at, depth)
        if sign == "{":
            return self._mapping(depth + 1)
        if sign == "[":
            return self._sequence(depth + 1)
        return self._string() if sign == '"' else self._plain()

    def _mapping(self, depth: int) -> Mapping:
        start = self._at
        entries: list[tuple[Scalar, Tree]] = []
        known: dict[str, Scalar] = {}
        self._reading.count(start, depth)
        self._at += 1
        while self._look() != "}":
            if self._look() != '"':
                self._refuse("a key stands in double quotes", 'write `"key": value`, or `}`')
            key = self._string()
            if self._look() != ":":
                self._refuse(f"the key `{key.text}` has no value", "write a colon and a value behind it")
            self._at += 1
            value = self._value(depth)
            if self._reading.key(key, known.get(key.text)):
                known[key.text] = key
                entries.append((key, value))
            self._separate("}")
        self._at += 1
        return Mapping(tuple(entries), start, self._at)

    def _sequence(self, depth: int) -> Sequence:
        start = self._at
        items: list[Tree] = []
        self._reading.count(start, depth)
        self._at += 1
        while self._look() != "]":
            items.append(self._value(depth))
            self._separate("]")
        self._at += 1
        return Sequence(tuple(items), start, self._at)

    def _separate(self, closing: str) -> None:
        """A comma with something behind it, or the end."""
        sign = self._look()
        if sign == ",":
            comma = self._at
            self._at += 1
            if self._look() == closing:
                raise Unreadable(comma, comma + 1, "a comma stands behind the last value", "delete it")
        elif sign and sign in "]}" and sign != closing:
            message = f"`{sign}` stands where `{closing}` is missing"
            raise Unreadable(self._at, self._at + 1, message, f"write `{closing}`")
        elif not sign:
            self._refuse(f"the text ends before `{closing}`", "write it")
        elif sign != closing:
            self._refuse("a comma is missing here", f"write one, or `{closing}`")

    def _plain(self) -> Scalar:
        start = self._at
        if match := _NUMBER.match(self._text, start):
            self._at = match.end()
            if not re.match(r"[\w.+-]", self._text[self._at : self._at + 1]):
                kind = float if match["float"] else int
                value = self._reading.number(start, self._at, kind, match[0])
                return Scalar(match[0], value, start, self._at)
            self._at = start
        word = _WORD.match(self._text, start)
        if word is not None and word[0] in _WORDS:
            self._at = word.end()
            return Scalar(word[0], _WORDS[word[0]], start, self._at)
        if word is None:
            raise Unreadable(start, start, "the text ends in the middle", "write the rest of it")
        if word[0][0] in ",:]}":
            raise Unreadable(start, start + 1, "a value is missing here", "write one")
        if _DIGIT.match(word[0]):
            hint = "write it in decimal, as `1`, `-1`, `1.5` or `1e3`, or text in double quotes"
            raise Unreadable(start, word.end(), f"`{word[0]}` is no number that JSON has", hint)
        raise Unreadable(start, word.end(), f"`{word[0]}` is no value", _HINTS.get(word[0], _TEXT))

    def _string(self) -> Scalar:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while True:
            match = _PLAIN.match(self._text, self._at)
            if match is not None and match.end() > self._at:
                parts.append(match[0])
                self._at = match.end()
            sign = self._text[self._at : self._at + 1]
            if sign == '"':
                self._at += 1
                text = "".join(parts)
                return Scalar(text, text, start, self._at, '"')
            if sign == "\\":
                parts.append(self._escape())
            elif sign == "\t":
                self._refuse("a tab stands in a text", "write `\\t`")
            else:
                raise Unreadable(start, start + 1, "a quote is never closed in its line", 'close it: `"`')

    def _escape(self) -> str:
        start = self._at
        sign = self._text[start + 1 : start + 2]
        if sign in _ESCAPES:
            self._at += 2
            return _ESCAPES[sign]
        units: list[int] = []
        while len(units) < 2 and self._text.startswith("\\u", self._at):
            match = _UNICODE.match(self._text, self._at + 1)
            if match is None or (units and not 0xDC00 <= int(match[1], 16) <= 0xDFFF):
                break
            units.append(int(match[1], 16))
            self._at = match.end()
            if not 0xD800 <= units[0] <= 0xDBFF:
                break
        if not units:
            raise Unreadable(start, start + 2, f"`\\{sign}` is no escape", "double the backslash")
        if len(units) == 2:
            return chr(0x10000 + ((units[0] & 0x3FF) << 10) + (units[1] & 0x3FF))
        if 0xD800 <= units[0] <= 0xDFFF:
            raise Unreadable(start, self._at, "this is half a surrogate pair, and no character", "write both halves")
        return chr(units[0])

    def _refuse(self, message: str, hint: str) -> NoReturn:
        word = _WORD.match(self._text, self._at)
        raise Unreadable(self._at, self._at + 1 if word is None else word.end(), message, hint)

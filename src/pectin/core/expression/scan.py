"""Source into tokens, in one pass from left to right."""

import re
from typing import NoReturn

from msgspec import Struct

from pectin.core.expression.error import ExpressionError

_SPACE = re.compile(r"[ \t\r\n\f]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SIGNS = ("&&", "||", "==", "!=", "<=", ">=", *"<>!+-*/%?:.,()[]{}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"} | {
    sign: sign for sign in "\\'\"`?"
}
_CODES = {"x": 2, "X": 2, "u": 4, "U": 8}
_HABITS = {
    "=": "write `==` to compare",
    "&": "write `&&`",
    "|": "write `||`",
    "~": "write `!` for not",
    "#": "an expression has no comments",
    "`": "write `['…']` for a key that is no name",
}


class Token(Struct, frozen=True):
    """`kind` is "name", "int", "double", "string", a sign such as "&&", or "end"."""

    kind: str
    text: str
    start: int
    end: int


def scan(source: str) -> list[Token]:
    """All tokens, the last of kind "end". A string's text is its value, escapes resolved."""
    tokens: list[Token] = []
    place = _skip_space(source, 0)
    while place < len(source):
        token = _next_token(source, place)
        tokens.append(token)
        place = _skip_space(source, token.end)
    return [*tokens, Token("end", "", place, place)]


def _skip_space(source: str, place: int) -> int:
    match = _SPACE.match(source, place)
    return match.end() if match else place


def _next_token(source: str, start: int) -> Token:
    if source[start] in "'\"":
        return _string(source, start)
    if match := _NAME.match(source, start):
        if source[match.end() : match.end() + 1] in ("'", '"') and match[0].lower() in ("r", "b", "rb", "br"):
            _refuse("there are no raw strings and no bytes", start, match.end(), "write a plain string")
        return Token("name", match[0], start, match.end())
    if match := _NUMBER.match(source, start):
        return _number(source, match)
    for sign in _SIGNS:
        if source.startswith(sign, start):
            return Token(sign, sign, start, start + len(sign))
    character = source[start]
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return _refuse(f"`{shown}` is no part of an expression", start, start + 1, _HABITS.get(character, ""))


def _number(source: str, match: re.Match[str]) -> Token:
    text, start, end = match[0], match.start(), match.end()
    if follows := _NAME.match(source, end):
        _refuse(f"`{text}{follows[0]}` is no number", start, follows.end(), "write it in decimal digits")
    return Token("int" if text.isdigit() else "double", text, start, end)


def _string(source: str, start: int) -> Token:
    quote = source[start]
    if source.startswith(quote * 3, start):
        _refuse("there are no triple-quoted strings", start, start + 3, "write `\\n` for a line break")
    parts: list[str] = []
    place = start + 1
    while place < len(source) and source[place] not in "\r\n":
        character = source[place]
        if character == quote:
            return Token("string", "".join(parts), start, place + 1)
        if character == "\\":
            value, place = _escape(source, place)
            parts.append(value)
        else:
            parts.append(character)
            place += 1
    return _refuse("the string is never closed", start, place, f"add {quote}")


def _escape(source: str, start: int) -> tuple[str, int]:
    """The character that the escape at `start` stands for, and where the source goes on."""
    sign = source[start + 1 : start + 2]
    if sign in _ESCAPES:
        return _ESCAPES[sign], start + 2
    base, first, length = (16, start + 2, _CODES[sign]) if sign in _CODES else (8, start + 1, 3)
    digits = source[first : first + length]
    allowed = "01234567" if base == 8 else "0123456789abcdefABCDEF"
    if not sign or len(digits) < length or any(digit not in allowed for digit in digits):
        _refuse(f"`\\{sign}` is no escape", start, min(start + 2, len(source)), "write `\\\\` for a backslash")
    code = int(digits, base)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (base == 8 and code > 0xFF):
        _refuse(f"`{source[start : first + length]}` is no character", start, first + length)
    return chr(code), first + length


def _refuse(message: str, start: int, end: int, hint: str = "") -> NoReturn:
    raise ExpressionError(message, start, end, hint)

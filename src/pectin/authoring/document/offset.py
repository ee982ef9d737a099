"""Where in the file a character of a scalar's text stands: for a caret inside of quotes, escapes and folded lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pectin.authoring.document.tree import Scalar, Source

_HEX: Final = {"x": 2, "u": 4, "U": 8}
_BREAK: Final = re.compile(r"[ \t]*(?:\r?\n|\r)\s*")
_HEADER: Final = re.compile(r"[|>][^\n]*\n?")


def offset_in_file(source: Source, scalar: Scalar, offset: int) -> int:
    """The offset in the file of a character of the scalar's text; of its end, the offset behind it."""
    if scalar.style == "" and "\n" not in source.text[scalar.start : scalar.end]:
        return scalar.start + offset
    places = list(_places(source, scalar))
    if offset < len(places):
        return places[offset]
    return places[-1] + 1 if places else scalar.start


def _places(source: Source, scalar: Scalar) -> Iterator[int]:
    """For each character of the text its offset in the file.

    White space around the end of a line was folded somehow: all that is left of it stands where it began.
    """
    text, at = scalar.text, 0
    indented = len(text) - len(text.lstrip(" "))
    units = _units(source.text[scalar.start : scalar.end], scalar.style, indented)
    for offset, length, folded in units:
        if not folded:
            yield from [scalar.start + offset] * min(length, len(text) - at)
            at += length
            continue
        while at < len(text) and text[at].isspace():
            yield scalar.start + offset
            at += 1


def _units(written: str, style: str, indented: int) -> Iterator[tuple[int, int, bool]]:
    """What the source is made of: the offset, how many characters of the text it stands for, and whether it is the
    space around the end of a line. `indented` are the spaces that a block's text begins with."""
    at, end = 0, len(written)
    if style in ("'", '"'):
        at, end = 1, end - 1
    elif style in ("|", ">"):
        header = _HEADER.match(written)
        at = header.end() if header is not None else 0
        at += len(written[at:]) - len(written[at:].lstrip(" ")) - indented
    while at < end:
        if broken := _BREAK.match(written, at, end):
            yield at, 0, True
            at = broken.end()
        elif style == "'" and written.startswith("''", at):
            yield at, 1, False
            at += 2
        elif style == '"' and written[at] == "\\":
            length, characters = _escape(written, at)
            yield at, characters, False
            at += length
        else:
            yield at, 1, False
            at += 1


def _escape(written: str, at: int) -> tuple[int, int]:
    """How long an escape is, and how many characters it stands for: none, for one before the end of a line."""
    sign = written[at + 1 : at + 2]
    if broken := _BREAK.match(written, at + 1):
        return broken.end() - at, 0
    length = 2 + _HEX.get(sign, 0)
    surrogate = sign == "u" and written[at + 2 : at + 4].lower() in ("d8", "d9", "da", "db")
    return (12 if surrogate else length), 1

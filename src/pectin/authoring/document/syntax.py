"""What YAML and JSON have in common when they are read: limits, and the ways in which a text can't be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pectin.authoring.document.tree import Scalar, Source, Tree
from pectin.core.codec import INTEGER_MAX, INTEGER_MIN
from pectin.core.problem import DefinitionError, Problem

BYTES_MAX: Final = 4 * 1024 * 1024
"""Of a file: ten thousand nodes have room in it."""

DEPTH_MAX: Final = 64
"""How many lists and mappings may stand in one another."""

NODES_MAX: Final = 250_000
"""Scalars, lists and mappings of a file."""

_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class Unreadable(Exception):
    """At this place the text makes no sense any more, and nothing after it can be read."""

    def __init__(self, start: int, end: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.start, self.end, self.message, self.hint = start, end, message, hint


class Reading:
    """One text that is being read: what was wrong so far, and how much it is."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._nodes = 0

    def note(self, start: int, end: int, message: str, hint: str) -> None:
        """Note what can't be, and read on."""
        problem = problem_at(self.source, start, end, "E043", message, hint)
        if all(problem.place != other.place for other in self.problems):
            self.problems.append(problem)

    def count(self, start: int, depth: int) -> None:
        """One node more. Raises `Unreadable` for too many, or too deep a one."""
        self._nodes += 1
        if depth > DEPTH_MAX:
            raise Unreadable(start, start + 1, f"this is more than {DEPTH_MAX} levels deep", "make it flatter")
        if self._nodes > NODES_MAX:
            what = f"the file has more than {NODES_MAX:,} values"
            raise Unreadable(start, start + 1, what, "split it into several workflows, in files of their own")

    def key(self, key: Scalar, first: Scalar | None) -> bool:
        """Whether a key of a mapping stands for the first time; notes it if not."""
        if first is None:
            return True
        line = self.source.place(first.start).line
        self.note(key.start, key.end, f"the key `{key.text}` stands twice; first in line {line}", "keep one")
        return False

    def number(self, start: int, end: int, read: type[int] | type[float], digits: str, base: int = 10) -> int | float:
        """A number that JSON has, too."""
        if read is int and len(digits) <= _DIGITS_MAX and INTEGER_MIN <= (value := int(digits, base)) <= INTEGER_MAX:
            return value
        if read is float and abs(value := float(digits)) != float("inf"):
            return value
        message = "this number is beyond 64 bits" if read is int else "this number is beyond a double"
        self.note(start, end, message, "write it in quotes, as text")
        return 0

    def finish(self, found: Sequence[Tree]) -> list[Tree]:
        """What was found. Raises `DefinitionError` with all that was noted."""
        if self.problems:
            raise DefinitionError(self.problems)
        return list(found)

    def refuse(self, error: Unreadable) -> DefinitionError:
        """All that was noted, and what made an end of it, unless it follows from what was noted in its line."""
        last = problem_at(self.source, error.start, error.end, "E043", error.message, error.hint)
        lines = {problem.place.line for problem in self.problems if problem.place is not None}
        is_news = last.place is not None and last.place.line not in lines
        return DefinitionError([*self.problems, *([last] if is_news else [])])


_DIGITS_MAX: Final = 40


def problem_at(source: Source, start: int, end: int, code: str, message: str, hint: str | None) -> Problem:
    """A problem with some characters of a text: what is marked is in its first line."""
    place = source.place(min(start, len(source.text)))
    first, line = (place.column or 1) - 1, source.line(place.line)
    return Problem(
        code=code,
        where="",
        message=message,
        hint=hint or None,
        place=place,
        source=line,
        start=first,
        end=max(min(first + end - start, len(line)), first + 1),
    )


def decode(data: bytes, file: str) -> str:
    """The text of a file: UTF-8, perhaps with a mark in front that says so. Raises `DefinitionError`."""
    if len(data) > BYTES_MAX:
        hint = "split it into several workflows, in files of their own"
        raise _refuse_whole(file, f"the file has {len(data):,} bytes, and {BYTES_MAX:,} are allowed", hint)
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        source = Source(data[: error.start].decode(), file)
        at = len(source.text)
        message = f"the byte 0x{data[error.start]:02x} is no UTF-8"
        raise DefinitionError([problem_at(source, at, at + 1, "E043", message, "save the file as UTF-8")]) from None


def check_text(source: Source) -> None:
    """Raise `DefinitionError` for a text that is too long, or has characters that don't belong in one."""
    if len(source.text) > BYTES_MAX:
        hint = "split it into several workflows, in files of their own"
        raise _refuse_whole(source.file, f"the text has more than {BYTES_MAX:,} characters", hint)
    if match := _FORBIDDEN.search(source.text):
        sign = match[0].encode("unicode_escape").decode()
        message = f"the character {sign} can't stand in a document"
        hint = f'write "{sign}", with the escape, in double quotes' if sign.startswith("\\x") else "remove it"
        raise DefinitionError([problem_at(source, match.start(), match.end(), "E043", message, hint)])


def _refuse_whole(file: str, message: str, hint: str) -> DefinitionError:
    return DefinitionError([Problem("E043", "", message, hint, Source("", file).place(0))])

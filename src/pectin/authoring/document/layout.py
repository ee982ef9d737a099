"""A document as it is to be written: what stands in it, in which order, with its comments.

It is made of plain data, or of what was read (`format`), and written as YAML (`write_yaml`) or JSON (`write_json`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from pectin.core.definition import Json

COLUMNS_MAX: Final = 96
"""A line is no longer, unless a word in it is."""

APART: Final = ("state", "tools", "nodes")
"""The keys of a document whose entries each stand on a line of their own."""

UNREADABLE: Final = re.compile(
    r"[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""The characters that stand in a document as escapes only: they can't be seen, or would end a line."""


@dataclass(slots=True)
class Leaf:
    """A single value: a text, or with `is_raw` the very characters of a number, a boolean or null (perhaps none)."""

    text: str
    is_raw: bool = False


@dataclass(slots=True)
class Branch:
    """A list or a mapping; the entries of a list have no keys."""

    entries: list[Entry]
    is_list: bool = False


@dataclass(slots=True)
class Entry:
    """A value with its key, the comments and empty lines above it, and the comment behind it."""

    key: str | None
    value: Part
    above: list[str] = field(default_factory=list[str])
    beside: str = ""

    @property
    def has_comments(self) -> bool:
        """Whether it needs lines of its own."""
        return bool(self.beside) or any(self.above)


@dataclass(slots=True)
class Sheet:
    """A document: its value, and the comments behind its end."""

    root: Part
    below: list[str] = field(default_factory=list[str])


Part = Leaf | Branch


def lay_out(value: Json) -> Part:
    """Plain data, in its own order."""
    match value:
        case str():
            return Leaf(value)
        case Mapping():
            entries = cast("Mapping[str, Json]", value).items()
            return Branch([Entry(key, lay_out(part)) for key, part in entries])
        case list() | tuple():
            return Branch([Entry(None, lay_out(part)) for part in cast("Sequence[Json]", value)], is_list=True)
        case None:
            return Leaf("null", is_raw=True)
        case bool():
            return Leaf("true" if value else "false", is_raw=True)
        case _:
            return Leaf(repr(value), is_raw=True)


def write_quoted(text: str) -> str:
    """A text in double quotes, as YAML and JSON read it alike."""
    return UNREADABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))

"""A document as it was written: scalars, lists and mappings, each with the place at which it stands.

YAML and JSON come to the same tree. Offsets count characters of the file's text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

import msgspec

from pectin.core.definition import Json, Place


class Scalar(msgspec.Struct, frozen=True, gc=False):
    """A single value. `text` are its characters, with quotes and escapes resolved; `value` is what they mean.

    `style` is how it was written: plain (empty), in quotes (`'` or `"`), or a block (`|` or `>`).
    """

    text: str
    value: Json
    start: int
    end: int
    style: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it is written without quotes, so that its characters decide what it means."""
        return not self.style


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[Tree, ...]
    start: int
    end: int


class Mapping(msgspec.Struct, frozen=True):
    """Keys with their values, in their order; each key stands once."""

    entries: tuple[tuple[Scalar, Tree], ...]
    start: int
    end: int

    def find(self, key: str) -> Tree | None:
        """The value of a key."""
        return next((value for name, value in self.entries if name.text == key), None)


Tree = Scalar | Sequence | Mapping


class Source:
    """The text of a file, by lines. `file` is what places call it."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def place(self, offset: int) -> Place:
        """The place of a character."""
        line = bisect_right(self._starts, offset)
        return Place(self.file, line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line, from 1 on, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def offset(self, place: Place) -> int:
        """The character at a place."""
        return self._starts[place.line - 1] + (place.column or 1) - 1


def walk(tree: Tree) -> Iterator[Tree]:
    """All nodes of a tree, keys among them."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Sequence):
            pending.extend(node.items)
        elif isinstance(node, Mapping):
            pending.extend(part for entry in node.entries for part in entry)


def plain(tree: Tree) -> Json:
    """The tree as JSON, without its places."""
    match tree:
        case Scalar():
            return tree.value
        case Sequence():
            return [plain(item) for item in tree.items]
        case Mapping():
            return {key.text: plain(value) for key, value in tree.entries}


def is_empty(tree: Tree) -> bool:
    """Whether nothing stands there."""
    return isinstance(tree, Scalar) and tree.is_plain and not tree.text


def name_of(tree: Tree) -> str:
    """What something is, for messages: `a list`, `a mapping`, `the number 3`, `"x"`."""
    match tree:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(value=None):
            return "nothing" if not tree.text else "null"
        case Scalar(value=bool()):
            return f"the boolean {tree.text}"
        case Scalar(value=int() | float()):
            return f"the number {_cut(tree.text)}"
        case _:
            return f"the text `{_cut(tree.text)}`"


def _cut(text: str) -> str:
    line = text.partition("\n")[0]
    return line if line == text and len(text) <= _SHOWN else f"{line[:_SHOWN]}…"


_SHOWN = 40

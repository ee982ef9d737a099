"""The comments and empty lines of a YAML text, which its events don't tell: they are looked for between the tokens."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import yaml

from pectin.authoring.document.tree import Source

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT: Final = re.compile(r"#[^\n\r\x85\u2028\u2029]*")
_EMPTY: Final = re.compile(r"^[ \t]*\r?$", re.MULTILINE)


class Remark(NamedTuple):
    """A comment, or an empty line if it has no text. `is_alone` says that nothing stands before it in its line."""

    start: int
    text: str
    is_alone: bool


class Marks(NamedTuple):
    """What the tree doesn't say of a text: its remarks, where its lists' dashes are, and where documents begin."""

    remarks: tuple[Remark, ...]
    dashes: tuple[int, ...]
    documents: tuple[int, ...]

    def dash_before(self, offset: int) -> int | None:
        """The dash that stands last before an item of a list."""
        index = bisect_left(self.dashes, offset)
        return self.dashes[index - 1] if index else None

    def document_before(self, offset: int) -> int:
        """Where the document begins that this is in: at its `---`."""
        index = bisect_right(self.documents, offset)
        return self.documents[index - 1] if index else 0


def find_marks(source: Source) -> Marks:
    """The marks of a text that was read as YAML."""
    text = source.text
    covered: list[tuple[int, int]] = []
    dashes: list[int] = []
    documents: list[int] = []
    remarks: list[Remark] = []
    for token in _scan(text):
        start, end = token.start_mark.index, token.end_mark.index
        match token:
            case yaml.ScalarToken(style="|" | ">"):
                header = text.find("\n", start)
                covered.append((start, start + 1))
                covered.append((header, _end_of_block(text, start, end)))
            case yaml.ScalarToken() | yaml.DirectiveToken():
                covered.append((start, end))
            case yaml.BlockEntryToken():
                dashes.append(start)
            case yaml.DocumentStartToken():
                documents.append(start)
            case _:
                pass
    for start, end in _gaps(covered, len(text)):
        remarks += _comments(text, start, end)
    remarks += [Remark(at, "", True) for at in _empty_lines(text, covered)]
    return Marks(tuple(sorted(remarks)), tuple(dashes), tuple(documents))


def comments_of(marks: Marks) -> list[str]:
    """All comments of a text, in no order that means anything."""
    return sorted(remark.text for remark in marks.remarks if remark.text)


def _scan(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_token():
            yield loader.get_token()
    finally:
        loader.dispose()


def _end_of_block(text: str, start: int, end: int) -> int:
    """The end of a block text without the empty lines behind it, which belong to it only if it keeps them (`|+`)."""
    header = text[start : text.find("\n", start)].partition("#")[0]
    return end if "+" in header else start + len(text[start:end].rstrip())


def _gaps(covered: Iterable[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in covered:
        yield at, start
        at = end
    yield at, length


def _comments(text: str, start: int, end: int) -> Iterator[Remark]:
    for match in _COMMENT.finditer(text, start, end):
        begin = text.rfind("\n", 0, match.start()) + 1
        yield Remark(match.start(), match[0].rstrip(), not text[begin : match.start()].strip())


def _empty_lines(text: str, covered: list[tuple[int, int]]) -> Iterator[int]:
    starts = [start for start, _ in covered]
    for match in _EMPTY.finditer(text):
        index = bisect_right(starts, match.start()) - 1
        if index < 0 or match.start() >= covered[index][1]:
            yield match.start()

"""A document as YAML: short mappings in one line, conditions on lines of their own, quotes only where YAML needs them.

It is read with YAML 1.2's core schema, which has no other words than `true`, `false`, `null` and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pectin.authoring.document.layout import (
    APART,
    COLUMNS_MAX,
    UNREADABLE,
    Branch,
    Entry,
    Leaf,
    Part,
    Sheet,
    write_quoted,
)

_NO_TEXT: Final = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|<<|=|\.\.\..*"
)
"""What without quotes would be another value, or part of YAML."""

_PLAIN: Final = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[A-Za-z]))(?:[^\s:#]|(?<!\s)#|:(?=[^\s])|[ ](?=\S))*")
_PLAIN_IN_LINE: Final = re.compile(
    r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[A-Za-z]))(?:[^\s:#,\[\]{}]|(?<!\s)#|[ ](?=\S))*"
)
_ON_LINES_OF_ITS_OWN: Final = frozenset({"when", "fires_when", "condition", "approval", "decisions"})
_LEVELS_IN_LINE_MAX: Final = 2


def write_yaml(sheets: Iterable[Sheet]) -> str:
    """The text of a file with these documents."""
    return "---\n".join("".join(f"{line}\n" for line in _write_sheet(sheet)) for sheet in sheets)


def _write_sheet(sheet: Sheet) -> list[str]:
    root = sheet.root
    if isinstance(root, Leaf) or not root.entries:
        return [_in_line(root) or "{}", *sheet.below]
    lines: list[str] = []
    for entry in root.entries:
        if entry.key == "nodes" and lines and "" not in entry.above[:1]:
            lines.append("")
        lines += _write_entry(entry, "", is_apart=entry.key in APART)
    while lines and not lines[0]:
        del lines[0]
    return [*lines, *sheet.below]


def _write_entry(entry: Entry, indent: str, *, is_apart: bool = False) -> list[str]:
    """The lines of an entry, its comments first."""
    head = f"{indent}-" if entry.key is None else f"{indent}{_write_key(entry.key)}:"
    above = [f"{indent}{line}" if line else "" for line in entry.above]
    beside = f"  {entry.beside}" if entry.beside else ""
    value = entry.value
    if isinstance(value, Leaf):
        first, *rest = _write_leaf(value, indent, len(head) + 1)
        return [*above, f"{head} {first}".rstrip(" ") + beside, *rest]
    short = None if is_apart and value.entries else _in_line(value)
    if short is not None and len(head) + 1 + len(short) <= COLUMNS_MAX:
        return [*above, f"{head} {short}{beside}"]
    if not value.entries:
        return [*above, f"{head} {'[]' if value.is_list else '{}'}{beside}"]
    if entry.key is not None or value.is_list:
        return [*above, f"{head}{beside}", *_write_entries(value, f"{indent}  ")]
    return [*above, *_write_item(entry, value, indent)]


def _write_entries(branch: Branch, indent: str) -> list[str]:
    """The lines of a list or a mapping. The items of a list stand in one line each if all of them can."""
    apart = branch.is_list and any(_in_line(entry.value) is None for entry in branch.entries)
    lines: list[str] = []
    for entry in branch.entries:
        lines += _write_entry(entry, indent, is_apart=apart)
    while lines and not lines[0]:
        del lines[0]
    return lines


def _write_item(entry: Entry, value: Branch, indent: str) -> list[str]:
    """A mapping as an item of a list: its first key stands behind the dash."""
    begin, *rest = value.entries
    first = Entry(begin.key, begin.value, [], entry.beside)
    lines = _write_entries(Branch([first, *rest]), f"{indent}  ")
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]


# -- in one line


def _in_line(part: Part, levels: int = _LEVELS_IN_LINE_MAX) -> str | None:
    """A value in one line, if it may stand in one: a few short words, and nothing that needs quotes only there."""
    if isinstance(part, Leaf):
        return _short_leaf(part)
    if not part.entries:
        return "[]" if part.is_list else "{}"
    if levels < 1 or sum(isinstance(entry.value, Branch) for entry in part.entries) > 1:
        return None
    written: list[str] = []
    for entry in part.entries:
        value = None if entry.has_comments or entry.key in _ON_LINES_OF_ITS_OWN else _in_line(entry.value, levels - 1)
        if value is None:
            return None
        written.append(value if entry.key is None else f"{_write_key(entry.key, in_line=True)}: {value}")
    return f"[{', '.join(written)}]" if part.is_list else f"{{{', '.join(written)}}}"


def _short_leaf(leaf: Leaf) -> str | None:
    if leaf.is_raw:
        return leaf.text or None
    short = _write_text(leaf.text, in_line=True)
    return short if short == _write_text(leaf.text) else None


# -- texts


def _write_leaf(leaf: Leaf, indent: str, column: int) -> list[str]:
    """A value behind its key; a long text goes on in lines below."""
    if leaf.is_raw:
        return [leaf.text]
    text = leaf.text
    body, ending = text.removesuffix("\n"), "" if text.endswith("\n") else "-"
    short = _write_text(text)
    if column + len(short) > COLUMNS_MAX and _may_be_folded(body):
        return [f">{ending}", *_fold(body, f"{indent}  ")]
    if "\n" in text and _may_be_block(text):
        return [f"|{ending}", *(f"{indent}  {line}" if line else "" for line in body.split("\n"))]
    return [short]


def _write_key(key: str, *, in_line: bool = False) -> str:
    return _write_text(key, in_line=in_line)


def _write_text(text: str, *, in_line: bool = False) -> str:
    plain = _PLAIN_IN_LINE if in_line else _PLAIN
    if plain.fullmatch(text) and not _NO_TEXT.fullmatch(text) and not UNREADABLE.search(text):
        return text
    if ('"' in text or "\\" in text) and not UNREADABLE.search(text) and not {"\n", "\t"}.intersection(text):
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    return write_quoted(text)


def _may_be_block(text: str) -> bool:
    """Whether its lines can stand as they are: the first one says how far all are indented, and an empty one at the end
    would be told by the lines that follow."""
    lines = text.removesuffix("\n").split("\n")
    is_blank = any(line and not line.strip() for line in lines)
    return not UNREADABLE.search(text) and not is_blank and bool(lines[-1] and lines[0]) and not lines[0][0].isspace()


def _may_be_folded(text: str) -> bool:
    """Whether it can be broken at its spaces, each of which comes back as one."""
    return not UNREADABLE.search(text) and text == " ".join(text.split()) and " " in text


def _fold(text: str, indent: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(indent) + len(lines[-1]) + 1 + len(word) > COLUMNS_MAX:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return [f"{indent}{line}" for line in lines]

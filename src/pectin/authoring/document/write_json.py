"""A document as JSON: short objects and lists in one line, as in YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from pectin.authoring.document.layout import APART, COLUMNS_MAX, Entry, Leaf, Part, Sheet, write_quoted

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def write_json(sheets: Sequence[Sheet]) -> str:
    """The text of a file: one object, or a list of several."""
    if len(sheets) == 1:
        return f"{_write(sheets[0].root, '', 0, is_long=True)}\n"
    written = ",\n".join(f"  {_write(sheet.root, '  ', 0, is_long=True)}" for sheet in sheets)
    return f"[\n{written}\n]\n"


def _write(part: Part, indent: str, column: int, *, is_long: bool = False) -> str:
    """A value that begins at a column; the lines that follow are indented."""
    short = _in_line(part)
    if isinstance(part, Leaf) or not part.entries or (not is_long and column + len(short) < COLUMNS_MAX):
        return short
    begin, end = ("[", "]") if part.is_list else ("{", "}")
    inner = f"{indent}  "
    lines = [_write_entry(entry, inner, is_long=is_long and entry.key in APART) for entry in part.entries]
    return "\n".join([begin, ",\n".join(lines), f"{indent}{end}"])


def _write_entry(entry: Entry, indent: str, *, is_long: bool) -> str:
    head = f"{indent}{_key(entry)}"
    return head + _write(entry.value, indent, len(head), is_long=is_long)


def _in_line(part: Part) -> str:
    if isinstance(part, Leaf):
        return _write_raw(part.text) if part.is_raw else write_quoted(part.text)
    written = ", ".join(f"{_key(entry)}{_in_line(entry.value)}" for entry in part.entries)
    return f"[{written}]" if part.is_list else f"{{{written}}}"


def _write_raw(text: str) -> str:
    """A value as JSON has it; YAML has other forms, too."""
    if text.lower() in ("", "~", "null", "true", "false"):
        return "null" if text in ("", "~") else text.lower()
    if _NUMBER.fullmatch(text):
        return text
    return str(int(text, 0)) if text.startswith(("0o", "0x")) else str(Decimal(text))


def _key(entry: Entry) -> str:
    return "" if entry.key is None else f"{write_quoted(entry.key)}: "

"""A stream that people read: at most 96 columns, signs or plain words, colour only where it helps.

Every line is written through here, so that no text of a workflow can send control characters to a terminal, and a
stream that isn't UTF-8 or isn't a terminal gets what it can show.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from pectin.cli.streams import answer

COLUMNS_MAX = 96

_PLAIN = {
    "✓": "ok",
    "✗": "FAIL",
    "●": "wait",
    "↻": "again",
    "⏸": "hold",
    "?": "?",
    "–": "-",
    "…": "...",
    "·": "-",
    "→": "->",
    "×": "x",
    "─": "-",
    "╌": "~",
    "│": "|",
    "┬": "+",
    "├": "+",
    "└": "+",
}
"""What stands for each of our signs where there is only ASCII."""

_COLORS = {"✓": "32", "✗": "31", "●": "33", "↻": "36", "⏸": "33"}
_MARKS = re.compile(f"[{''.join(_COLORS)}]")
_UP_AND_CLEAR = "\x1b[{}A\x1b[J"


class Paper:
    """One stream. Lines written with `live` are rewritten by the next ones, on a terminal; elsewhere they are left
    out."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.is_utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
        self.has_color = self.is_terminal and not os.environ.get("NO_COLOR")
        columns = shutil.get_terminal_size().columns - 1 if self.is_terminal else COLUMNS_MAX
        self.columns = min(columns, COLUMNS_MAX)
        self._live = 0

    def mark(self, sign: str) -> str:
        """One of our signs, or its word, as wide as the widest of them."""
        return sign if self.is_utf8 else _PLAIN[sign].ljust(max(len(_PLAIN[mark]) for mark in "✓✗●↻–"))

    def write(self, *lines: str) -> None:
        """Lines, each cut to the width."""
        self._put([self.fit(line) for line in lines], live=False)

    def write_whole(self, *lines: str) -> None:
        """Lines that are not cut: commands to paste, JSON."""
        self._put([self._plain(line) for line in lines], live=False)

    def write_text(self, text: str, indent: str = "") -> None:
        """Text in paragraphs, wrapped at words; a line that is indented itself keeps its form."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            if paragraph.startswith(" "):
                lines.append(indent + paragraph)
                continue
            lines += textwrap.wrap(
                self._plain(paragraph),
                self.columns,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [""]
        self.write_whole(*lines)

    def write_choices(self, *choices: tuple[str, str]) -> None:
        """Commands with what they are for: side by side if they fit, else each in a line of its own, and never cut."""
        entries = [f"{what}   {command}" for what, command in choices]
        line = "  " + "        ".join(entries)
        if len(line) <= self.columns:
            self.write_whole(line)
        else:
            width = max(len(what) for what, _ in choices)
            self.write_whole(*(f"  {what:<{width}}   {command}" for what, command in choices))

    def live(self, lines: Sequence[str]) -> None:
        """Lines that stand until the next are written."""
        if self.is_terminal:
            self._put([self.fit(line) for line in lines], live=True)

    def ask(self, question: str) -> None:
        """The beginning of a line, which a person ends."""
        self._put([], live=False)
        self._stream.write(self._plain(question))
        self._stream.flush()

    def _put(self, lines: list[str], *, live: bool) -> None:
        text = _UP_AND_CLEAR.format(self._live) if self._live else ""
        text += "".join(f"{line}\n" for line in lines)
        if self.has_color:
            text = _MARKS.sub(lambda match: f"\x1b[{_COLORS[match[0]]}m{match[0]}\x1b[0m", text)
        self._live = len(lines) if live else 0
        if text:
            self._stream.write(text)
            self._stream.flush()

    def _plain(self, line: str) -> str:
        """The line without control characters, in what the stream can show."""
        line = "".join(sign if sign.isprintable() else _escape(sign) for sign in line)
        if self.is_utf8:
            return line
        line = "".join(_PLAIN.get(sign, sign) for sign in line)
        return line.encode("ascii", "backslashreplace").decode()

    def fit(self, line: str, columns_max: int | None = None) -> str:
        """What the stream shows of a line, cut to so many columns, or to all that it has."""
        room = self.columns if columns_max is None else columns_max
        line = self._plain(line).rstrip()
        if columns_of(line) <= room:
            return line
        mark = "…" if self.is_utf8 else "..."
        kept, columns = "", len(mark)
        for sign in line:
            columns += columns_of(sign)
            if columns > room:
                break
            kept += sign
        return kept.rstrip() + mark


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def pad(text: str, columns: int) -> str:
    """The text, filled up to so many columns."""
    return text + " " * max(columns - columns_of(text), 0)


def out() -> Paper:
    """Standard output, for people."""
    return Paper(answer())


def err() -> Paper:
    """Standard error, for people."""
    return Paper(sys.stderr)


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode()

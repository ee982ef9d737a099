"""What an error adds to its message: the word that was probably meant, and a caret under the place.

Every room that reports a mistake uses these two, so that "did you mean" and carets look the same everywhere.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from pectin.core.error import clean

WORD_LENGTH_MAX = 100
"""Longer words are no typing mistake, and comparing them is slow."""

LINE_WIDTH_MAX = 88
"""Columns of source that a picture shows; a longer line is cut around the place."""


CANDIDATES_MAX = 100
"""With more candidates than these, only those are compared that begin like the word and are about as long."""

GUESSES_MAX = 20
"""More words than these are not guessed at once: whoever reads the tenth hint knows what is wrong."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` most likely stands for, or None if none is near. Case is ignored."""
    if len(word) > WORD_LENGTH_MAX:
        return None
    names = list(candidates)
    if len(names) > CANDIDATES_MAX:
        first, length = word[:1].casefold(), len(word)
        names = [name for name in names if name[:1].casefold() == first and abs(len(name) - length) <= 2]
        names = sorted(names)[:CANDIDATES_MAX]
    known = {name.casefold(): name for name in sorted(names, reverse=True)}
    matches = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return known[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``did you mean `risk`?``, or an empty string if nothing is near."""
    found = closest(word, candidates)
    return f"did you mean `{found}`?" if found else ""


class Guesses:
    """`did_you_mean` for many words and the same candidates: the first few are answered."""

    def __init__(self, candidates: Iterable[str]) -> None:
        self._candidates = list(candidates)
        self._left = GUESSES_MAX

    def __call__(self, word: str) -> str:
        if self._left == 0:
            return ""
        self._left -= 1
        return did_you_mean(word, self._candidates)


def picture(source: str, start: int, end: int, note: str = "") -> str:
    """The line of `source` in which `start` lies, with carets under `start:end` and the note beside them.

    Offsets count characters of `source`. A place that spans lines is marked to the end of its first line.
    """
    start = max(0, min(start, len(source)))
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", first)
    line = clean(source[first : last if last >= 0 else len(source)].rstrip("\r").replace("\t", " "))
    column = min(start - first, len(line))
    width = max(1, min(end - first, len(line)) - column)
    line, column, width = _cut(line, column, width)
    marks = " " * column + "^" * width
    return f"{line}\n{marks}  {note}".rstrip()


def _cut(line: str, column: int, width: int) -> tuple[str, int, int]:
    if len(line) <= LINE_WIDTH_MAX:
        return line, column, width
    first = max(0, min(column - LINE_WIDTH_MAX // 3, len(line) - LINE_WIDTH_MAX))
    last = first + LINE_WIDTH_MAX
    before = "…" if first else ""
    after = "…" if last < len(line) else ""
    column += len(before) - first
    width = max(1, min(width, LINE_WIDTH_MAX + len(before) - column))
    return f"{before}{line[first:last]}{after}", column, width

"""What is wrong with a definition: all of it at once, each with its place and what to do.

A problem is data, so that an error, `pectin check` and an editor can each show it in their own way. The codes are
explained in `core/explanation.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.definition import Place
from pectin.core.error import PectinError
from pectin.core.hint import picture


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    `code` has its entry in `EXPLANATIONS`. `where` is a part of the graph (`assess → review`), or empty when the
    message names it. `hint` says what to do. `source` is the text that `start:end` marks a part of: an
    expression, or for a place with a column the line of the document. `part` is the field that it is about, as a
    path in the node, edge or workflow (`timeout_ms`, `config.prompt`), for who knows where that stands.
    """

    code: str
    where: str
    message: str
    hint: str | None = None
    place: Place | None = None
    source: str | None = None
    start: int = 0
    end: int = 0
    part: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether a definition with this problem may be run all the same."""
        return self.code.startswith("W")


class DefinitionError(PectinError):
    """A workflow can't be run as it is written. `problems` are all of them, in the order of their places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(sorted(problems, key=_by_place))

    def __str__(self) -> str:
        return "\n".join(render(problem) for problem in self.problems)


def render(problem: Problem, color: bool = False) -> str:
    """The problem for people: where and what in one line, and under it the marked source if there is one.

    The hint stands beside the carets, or ends the line.
    """
    paint = _paint if color else _leave
    in_document = problem.place is not None and problem.place.column is not None
    place = "" if problem.place is None else paint("1", f"{problem.place}:") + " "
    where = f"{problem.where}: " if problem.where and not in_document else ""
    word = "warning:" if problem.is_warning else "error:"
    line = f"{place}{paint('31', word) + ' ' if in_document else ''}{where}{problem.message}"
    if problem.source is None:
        return f"{line}; {problem.hint}" if problem.hint else line
    shown, carets = picture(problem.source, problem.start, problem.end, problem.hint or "").split("\n")
    gutter = f"{problem.place.line:4} | " if in_document and problem.place else "    "
    under = f"{'|':>6} " if in_document else "    "
    return f"{line}\n{gutter}{shown}\n{under}{paint('31', carets)}"


def _by_place(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return ("", 0, 0) if place is None else (place.file, place.line, place.column or 0)


def _paint(sgr: str, text: str) -> str:
    return f"\x1b[{sgr}m{text}\x1b[0m"


def _leave(sgr: str, text: str) -> str:
    return text

"""From the place of a problem to the line of the document and the very word."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from pectin.authoring.document.offset import offset_in_file
from pectin.authoring.document.tree import Scalar, Source, Tree, walk
from pectin.core.definition import Place
from pectin.core.problem import Problem

_HINTS: Final = {
    "E015": "add it to `decisions`: a node, or `end`",
    "E009": "make the last step a `repeat`, with `when` and `max_iterations`",
    "E052": 'say the most that one attempt may spend: `ceiling: {cost_usd: "0.10"}`',
}
"""What to do, in the words of documents, where the core can't know that it is one."""

_WORDS: Final = {
    'session_type="persistent_governed"': "session_type: persistent_governed",
    'Secret("NAME")': "{secret: NAME}",
}
"""Words of Python in hints, and those of documents."""


class Pointer:
    """The documents of a file, for problems that know their places only."""

    def __init__(self, source: Source, trees: Iterable[Tree]) -> None:
        self._source = source
        self._trees = tuple(trees)

    @cached_property
    def _at(self) -> dict[int, Tree]:
        """What begins at each offset: the innermost, which is a scalar where a mapping begins with its first key."""
        found: dict[int, Tree] = {}
        for tree in self._trees:
            for part in walk(tree):
                if part.start not in found or isinstance(part, Scalar):
                    found[part.start] = part
        return found

    def locate(self, problem: Problem) -> Problem:
        """The problem with its line and the word in it."""
        place = problem.place
        if place is None or place.column is None or place.file != self._source.file:
            return problem
        found = self._at.get(self._source.offset(place))
        if found is None:
            return problem
        hint = _HINTS.get(problem.code, problem.hint) or ""
        for python, words in _WORDS.items():
            hint = hint.replace(python, words)
        if problem.source is None or not isinstance(found, Scalar) or found.text != problem.source:
            return self._mark(replace(problem, hint=hint or None), place, found.start, found.end)
        start = offset_in_file(self._source, found, problem.start)
        end = offset_in_file(self._source, found, problem.end - 1) + 1 if problem.end > problem.start else start + 1
        cut = self._is_cut(found, problem)
        hint = "` #` begins a comment in YAML: put the expression in quotes" if cut else hint
        return self._mark(replace(problem, hint=hint or None), self._source.place(start), start, end)

    def _mark(self, problem: Problem, place: Place, start: int, end: int) -> Problem:
        line = self._source.line(place.line)
        first = (place.column or 1) - 1
        last = min(first + max(end - start, 1), max(len(line.rstrip()), first + 1))
        return replace(problem, place=place, source=line, start=first, end=last)

    def _is_cut(self, scalar: Scalar, problem: Problem) -> bool:
        """Whether the end of an expression may be missing because a comment begins there."""
        if not scalar.is_plain or self._source.file.endswith(".json"):
            return False
        end = self._source.place(scalar.end)
        rest = self._source.line(end.line)[(end.column or 1) - 1 :]
        opened = scalar.text.count("'") % 2 or scalar.text.count('"') % 2
        return rest.lstrip().startswith("#") and bool(opened or problem.end >= len(scalar.text))

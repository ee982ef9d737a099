"""The problems found so far, each with the place at which its subject was written."""

from __future__ import annotations

from typing import Final

import msgspec

from pectin.core.definition import Definition, Edge, Places
from pectin.core.error import clean, shorten
from pectin.core.problem import Problem

CHARACTERS_MAX: Final = 1_000
"""Of a message, which names what may be of any length."""


class Report:
    """Collects problems; the subjects are those of `Places`."""

    def __init__(self, definition: Definition, places: Places) -> None:
        self._definition = definition
        self._places = places
        self.problems: list[Problem] = []

    def add(self, problem: Problem, *subject: str) -> None:
        """Note a problem of a subject: at its own place, at that of its part, or at the subject's."""
        place = problem.place or self._places.get((*subject, problem.part)) or self._places.get(subject)
        where, message = (clean(shorten(text, CHARACTERS_MAX)) for text in (problem.where, problem.message))
        self.problems.append(msgspec.structs.replace(problem, place=place, where=where, message=message))

    def workflow(self, code: str, message: str, hint: str = "", *, part: str = "") -> None:
        """Note a problem of the workflow as a whole."""
        self.add(Problem(code, "", message, hint or None, part=part), "workflow")

    def node(self, node: str, code: str, message: str, hint: str = "", *, part: str = "") -> None:
        """Note a problem of a node, which the message names."""
        self.add(Problem(code, "", message, hint or None, part=part), "node", node)

    def tool(self, tool: str, code: str, message: str, hint: str = "", *, part: str = "") -> None:
        """Note a problem of a tool, which the message names."""
        self.add(Problem(code, "", message, hint or None, part=part), "tool", tool)

    def edge(self, index: int, code: str, message: str, hint: str = "", *, part: str = "") -> None:
        """Note a problem of an edge."""
        problem = Problem(code, arrow(self._definition.edges[index]), message, hint or None, part=part)
        self.add(problem, "edge", str(index))


def arrow(edge: Edge) -> str:
    """An edge for people: `assess → review`."""
    return f"{edge.source} → {edge.target}"

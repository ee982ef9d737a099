"""Problems stand at the places of their subjects."""

from __future__ import annotations

from pectin.core.definition import Edge, Place
from pectin.nodes import examine
from tests.definitions import define, fn, node

PLACES = {
    ("workflow",): Place("refund.py", 1),
    ("node", "a"): Place("refund.py", 3),
    ("edge", "0"): Place("refund.py", 5),
}


def test_every_problem_has_its_place() -> None:
    definition = define(node("a", "magic"), Edge("a", "b"), version="1")
    lines = {problem.code: problem.place and problem.place.line for problem in examine(definition, PLACES)}
    assert lines == {"E001": 1, "E003": 3, "E006": 5}


def test_what_has_no_place_is_told_all_the_same() -> None:
    assert [problem.place for problem in examine(define(fn("a"), version="1"))] == [None]

"""From a problem's place to the word."""

from __future__ import annotations

from pectin.authoring.document.pointing import Pointer
from pectin.authoring.document.tree import Source
from pectin.authoring.document.yaml import read_yaml
from pectin.core.definition import Place
from pectin.core.problem import Problem

TEXT = "a:\n  when: 'state.x ''q'' == 1' # why\n  then: b\n"


def pointer() -> Pointer:
    source = Source(TEXT, "w.yaml")
    return Pointer(source, read_yaml(source))


def test_a_word_and_a_part_of_an_expression() -> None:
    found = pointer().locate(Problem("E006", "", "it", None, Place("w.yaml", 3, 9)))
    assert (found.source, found.start, found.end) == ("  then: b", 8, 9)
    place = Place("w.yaml", 2, 9)
    found = pointer().locate(Problem("E014", "", "it", None, place, "state.x 'q' == 1", 12, 14))
    assert TEXT.split("\n")[1][found.start : found.end] == "=="
    assert found.place == Place("w.yaml", 2, found.start + 1)


def test_an_expression_that_was_made_is_marked_where_it_comes_from() -> None:
    found = pointer().locate(Problem("E014", "", "it", None, Place("w.yaml", 3, 3), "made == 1", 0, 4))
    assert (found.source, found.start, found.end) == ("  then: b", 2, 6)


def test_what_is_elsewhere_is_left_alone() -> None:
    for place in (None, Place("f.py", 3), Place("other.yaml", 3, 9), Place("w.yaml", 3, 8)):
        problem = Problem("E006", "", "it", None, place)
        assert pointer().locate(problem) == problem

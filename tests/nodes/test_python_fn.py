"""`python_fn`: a worker runs it."""

from __future__ import annotations

import pytest

from pectin.core.action import Run
from pectin.core.definition import END, Definition
from pectin.core.program import Entry
from pectin.nodes import bind
from tests.definitions import define, fn, found, node, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (define(node("a", "python_fn")), [("E017", "", "python_fn `a` needs the setting `function`")]),
    (
        define(node("a", "python_fn", {"function": "a", "colour": 1})),
        [("E017", "", "python_fn `a` has no setting 'colour'; it has `function`")],
    ),
    (
        define(node("a", "python_fn", {"function": ""})),
        [("E017", "", "python_fn `a`, `function`: expected `str` of length >= 1")],
    ),
    (
        define(node("a", "python_fn", {"function": None})),
        [("E017", "", "python_fn `a`, `function`: expected `str`, got `null`")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_a_worker_is_to_run_it() -> None:
    assert bind(define(fn("a"))).enter["a"](Entry(state={}, at=0)) == Run()


def test_its_output_is_what_it_may_have_changed() -> None:
    assert found(define(fn("a"), when("a", END, "has(output.risk) && output.risk == 'high'"))) == []

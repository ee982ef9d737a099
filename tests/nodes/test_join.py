"""`join`: collects what arrives."""

from __future__ import annotations

import pytest

from pectin.core.action import Resolve
from pectin.core.definition import END, Definition, Edge
from pectin.core.program import Entry
from pectin.nodes import bind
from tests.definitions import collect, define, fn, found, node, on_error, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("a"), node("all", "join"), Edge("a", "all")),
        [("E018", "", "join `all` doesn't say what it waits for; give it `wait_for`")],
    ),
    (
        define(fn("pay"), fn("b"), collect("all", "pya", "b"), Edge("pay", "b"), Edge("pay", "all"), Edge("b", "all")),
        [
            ("E018", "", ("join `all` waits for `pya`, which doesn't lead to it; did you mean `pay`?")),
            ("E018", "", ("`pay` leads to the join `all`, which doesn't wait for it; add `pay` to `wait_for`")),
        ],
    ),
    (
        define(fn("a"), fn("b"), collect("all", "a", "b", "b"), Edge("a", "b"), Edge("a", "all"), Edge("b", "all")),
        [("E018", "", "join `all` waits for `b` twice; name it once")],
    ),
    (define(collect("all")), [("E018", "", "nothing leads to the join `all`; lead at least two nodes to it")]),
    (
        define(fn("a"), collect("all", "a"), Edge("a", "all")),
        [("W001", "", "join `all` has one source, `a`: there is nothing to wait for; lead on directly")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


PARTS = (fn("a"), fn("b"), Edge("a", "b"), Edge("a", "all"), Edge("b", "all"))


@pytest.mark.parametrize(
    ("arrivals", "output"),
    [
        ({"a": 1, "b": 2}, [{"source": "b", "output": 2}, {"source": "a", "output": 1}]),
        ({"a": 1}, [{"source": "a", "output": 1}]),
        ({"b": None}, [{"source": "b", "output": None}]),
        ({}, []),
        (None, []),
    ],
)
def test_arrivals_stand_in_declared_order(arrivals: dict[str, object] | None, output: object) -> None:
    program = bind(define(*PARTS, collect("all", "b", "a")))
    assert program.enter["all"](Entry(state={}, at=0, arrivals=arrivals)) == Resolve(output)


def test_its_output_names_its_sources() -> None:
    condition = "output.exists(x, x.source == 'c')"
    hint = "'c' is not a value of 'a' or 'b' ['c']; it is 'a' or 'b'"
    definition = define(*PARTS, collect("all", "a", "b"), when("all", END, condition))
    assert found(definition) == [("E014", "all → end", hint)]


def test_two_edges_of_one_source_are_one_arrival() -> None:
    assert found(define(*PARTS, on_error("b", "all"), collect("all", "a", "b"))) == []

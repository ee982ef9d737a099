"""`join`: collects what arrives."""

from __future__ import annotations

import pytest

from pectin.core.action import Resolve
from pectin.core.definition import END, Definition, Edge, Node
from pectin.core.program import Entry
from pectin.nodes import bind
from tests.definitions import collect, define, fn, found, node, on_error, repeat, when

PARTS = (fn("a"), fn("b"), Edge("a", "b"), Edge("a", "all"), Edge("b", "all"))

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
    (
        define(*PARTS, collect("all", "a", "b", at_least=0)),
        [("E042", "", "join `all` fires at 0 arrivals, and waits for 2; write `at_least` from 1 to 2")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", at_least=3)),
        [("E042", "", "join `all` fires at 3 arrivals, and waits for 2; write `at_least` from 1 to 2")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", at_least=1, fires_when="size(arrivals) > 1")),
        [("E042", "", "join `all` has both `at_least` and `fires_when`; write one of them")],
    ),
    (
        define(*PARTS, collect("all", "a", at_least=2)),
        [
            ("E018", "", "`b` leads to the join `all`, which doesn't wait for it; add `b` to `wait_for`"),
            ("E042", "", "join `all` fires at 2 arrivals, and waits for 1; write `at_least` from 1 to 1"),
        ],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="size(arivals) > 1")),
        [("E014", "all", "there is no variable `arivals` [arivals]; did you mean `arrivals`?")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="size(arrivals)")),
        [("E014", "all", "expected a bool; this is an int [size(arrivals)]; compare it with something")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="arrivals.exists(x, x.source == 'c')")),
        [("E014", "all", "'c' is not a value of 'a' or 'b' ['c']; it is 'a' or 'b'")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="arrivals.exists(x, x.sorce == 'a')")),
        [("E014", "all", "`x` has no field `sorce` [sorce]; did you mean `source`?")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="output == null")),
        [("E014", "all", "there is no variable `output` [output]; there are: `arrivals`, `state`")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="iteration > 1")),
        [("E014", "all", "there is no variable `iteration` [iteration]; there are: `arrivals`, `state`")],
    ),
    (
        define(*PARTS, collect("all", "a", "b", fires_when="arrivals =")),
        [("E014", "all", "`=` is no part of an expression [=]; write `==` to compare")],
    ),
    (
        define(*PARTS, fn("c"), Edge("all", "c"), repeat("c", "all"), collect("all", "a", "b", "c")),
        [("E018", "", "join `all` waits for `c`, which doesn't lead to it")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


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


@pytest.mark.parametrize(
    "join",
    [
        collect("all", "a", "b", at_least=1),
        collect("all", "a", "b", at_least=2),
        collect("all", "a", "b", fires_when="arrivals.exists(x, x.source == 'b' && x.output.risk == 'high')"),
        collect("all", "a", "b", fires_when="state.done || size(arrivals) == 2"),
    ],
)
def test_it_may_fire_early(join: Node) -> None:
    definition = define(*PARTS, join)
    assert found(definition) == []
    assert bind(definition).firing.keys() == ({"all"} if join.join and join.join.fires_when else set())


def test_it_may_begin_a_loop_and_fire_by_the_iteration() -> None:
    join = collect("all", "a", "b", fires_when="iteration > 1 || size(arrivals) == 2")
    definition = define(*PARTS, join, fn("c"), Edge("all", "c"), repeat("c", "all"))
    assert found(definition) == []
    arrivals = [{"source": "a", "output": 1}]
    holds = [bind(definition).firing["all"].holds({"state": {}, "iteration": n, "arrivals": arrivals}) for n in (1, 2)]
    assert holds == [False, True]

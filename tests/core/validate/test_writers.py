"""Who may write one key side by side: what is told by the edges alone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pectin.core.definition import Definition, Edge, Reducer
from pectin.nodes import bind
from tests.definitions import (
    approval,
    collect,
    define,
    each,
    fn,
    found,
    node,
    on_error,
    on_limit,
    otherwise,
    repeat,
    subgraph,
    when,
)

HINT = "give each a key of its own, or let one lead to the other"


def warned(definition: Definition) -> list[str]:
    """The warnings of two writers; nothing else may be wrong."""
    problems = found(definition)
    assert {code for code, _, _ in problems} <= {"W002", "W003"}
    return [message.removesuffix(f"; {HINT}") for code, _, message in problems if code == "W002"]


SIDE_BY_SIDE = "`b` and `c` can run side by side, and both write `count`"
A, B, C, D, E = fn("a"), fn("b", output_key="count"), fn("c", output_key="count"), fn("d"), fn("e")
CHOICE = node("a", "condition", {"branches": [{"when": "state.done", "to": "b"}], "default": "c"})


@pytest.mark.parametrize(
    "definition",
    [
        define(A, B, C, Edge("a", "b"), Edge("a", "c")),
        define(node("a", "parallel"), B, C, Edge("a", "b"), Edge("a", "c")),
        define(A, B, C, when("a", "b", "state.done"), Edge("a", "c")),
        define(A, B, C, Edge("a", "b"), when("a", "d", "state.done"), D, otherwise("a", "c")),
        define(A, B, C, when("a", "b", "state.done"), when("a", "c", "state.done")),
        define(A, B, C, on_error("a", "b"), on_error("a", "c", "error.attempt == 1")),
        define(A, D, E, B, C, Edge("a", "d"), Edge("a", "e"), Edge("d", "b"), Edge("e", "c")),
        define(A, D, B, C, Edge("a", "d"), Edge("a", "b"), when("d", "c", "state.done")),
        define(A, D, B, C, Edge("a", "d"), Edge("d", "b"), Edge("d", "c"), Edge("b", "e"), E, repeat("e", "d")),
        define(A, B, each("c", item="one", output_key="count"), fn("one"), Edge("a", "b"), Edge("a", "c")),
    ],
)
def test_two_that_can_run_side_by_side_are_told(definition: Definition) -> None:
    messages = [message for code, _, message in found(definition) if code == "W002"]
    assert messages == [f"{SIDE_BY_SIDE}; {HINT}"]


@pytest.mark.parametrize(
    "definition",
    [
        define(A, B, C, Edge("a", "b"), Edge("b", "c")),
        define(A, B, D, C, Edge("a", "b"), Edge("a", "d"), Edge("b", "c"), Edge("d", "c")),
        define(A, B, fn("c", output_key="done"), Edge("a", "b"), Edge("a", "c")),
        define(A, B, C, when("a", "b", "state.done"), otherwise("a", "c")),
        define(A, B, C, when("a", "b", "state.risk == 'low'"), when("a", "c", "state.risk == 'high'")),
        define(A, B, C, Edge("a", "b"), on_error("a", "c")),
        define(CHOICE, B, C, Edge("a", "b"), Edge("a", "c")),
        define(
            approval("a"),
            B,
            C,
            when("a", "b", "output.decision == 'approved'"),
            when("a", "c", "output.decision == 'rejected'"),
        ),
        define(A, B, C, Edge("a", "b"), Edge("b", "c"), repeat("c", "b")),
        # They part at a choice, whatever ran side by side before it.
        define(
            A,
            D,
            E,
            Edge("a", "d"),
            Edge("a", "e"),
            Edge("d", "f"),
            Edge("e", "f"),
            collect("f", "d", "e"),
            when("f", "b", "state.done"),
            otherwise("f", "c"),
            B,
            C,
        ),
    ],
)
def test_those_that_run_in_turn_or_never_both_are_not(definition: Definition) -> None:
    assert warned(definition) == []


def test_a_reducer_takes_what_both_write() -> None:
    assert warned(define(A, B, C, Edge("a", "b"), Edge("a", "c"), reducers={"count": Reducer.ADD})) == []


def test_what_a_child_s_output_is_mapped_to_is_written_too() -> None:
    child = subgraph("c", {}, {"count": "output.n"})
    assert warned(define(A, B, child, Edge("a", "b"), Edge("a", "c"))) == [SIDE_BY_SIDE]


def test_a_limit_s_way_is_the_only_one() -> None:
    looped = (A, D, Edge("a", "d"), repeat("d", "a"), Edge("d", "b"), B, C)
    assert warned(define(*looped, on_limit("a", "c"))) == []
    assert warned(define(A, D, Edge("a", "d"), repeat("d", "a"), on_limit("a", "b"), on_limit("a", "c"), B, C)) == [
        SIDE_BY_SIDE
    ]


def test_it_is_a_warning_and_each_node_is_told_once() -> None:
    definition = define(A, B, C, fn("d", output_key="count"), *(Edge("a", name) for name in "bcd"))
    assert warned(definition) == [SIDE_BY_SIDE, SIDE_BY_SIDE.replace("`c`", "`d`")]
    assert bind(definition).definition is definition


def test_a_long_chain_and_a_wide_fan_are_looked_at() -> None:
    names = [f"n{number}" for number in range(1_000)]
    writers = [fn(name, output_key="count") for name in names]
    chain = define(*writers, *(Edge(one, other) for one, other in pairwise(names)))
    fan = define(A, *writers, *(Edge("a", name) for name in names))
    assert warned(chain) == []
    assert len(warned(fan)) == 999

"""How the edges lead: what is reached, and which loops can run."""

from __future__ import annotations

from itertools import combinations_with_replacement, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pectin.core.definition import END, Definition, Edge, Node, Trigger, WorkflowLimits
from pectin.core.graph import build_graph
from tests.definitions import collect, define, each, fn, found, node, on_error, on_limit, otherwise, repeat, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("a"), fn("b")),
        [("E008", "", ("no way leads from the start, `a`, to `b`; lead an edge to it, or delete it"))],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), Edge("b", "c")),
        [
            ("E008", "", ("no way leads from the start, `a`, to `b`; lead an edge to it, or delete it")),
            ("E008", "", ("no way leads from the start, `a`, to `c`; lead an edge to it, or delete it")),
        ],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), Edge("b", "b")),
        [
            (
                "E009",
                "b → b",
                ("`b → b` goes round without `repeat`; make `b → b` a `repeat`, with a condition and a limit"),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), Edge("a", "b"), Edge("b", "c"), Edge("c", "b")),
        [
            (
                "E009",
                "c → b",
                ("`b → c → b` goes round without `repeat`; make `c → b` a `repeat`, with a condition and a limit"),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), on_error("b", "a")),
        [
            (
                "E009",
                "b → a",
                ("`a → b → a` goes round without `repeat`; make `b → a` a `repeat`, with a condition and a limit"),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), Edge("a", "b"), Edge("a", "c"), Edge("b", "c"), repeat("c", "b")),
        [
            (
                "E010",
                "c → b",
                (
                    "`repeat` leads to `b`, but `c` can be reached without passing it; lead it "
                    "to the one node by which the loop is entered"
                ),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), repeat("a", "b")),
        [
            (
                "E010",
                "a → b",
                (
                    "`repeat` leads to `b`, but `a` can be reached without passing it; lead it "
                    "to the one node by which the loop is entered"
                ),
            )
        ],
    ),
    (
        define(node("fan", "parallel"), node("fork", "parallel"), Edge("fan", "fork"), repeat("fork", "fan")),
        [
            (
                "E011",
                "",
                ("the loop at `fan` does nothing: `fan`, `fork` only lead on; put a node into it that runs or waits"),
            )
        ],
    ),
    (
        define(node("fan", "parallel"), repeat("fan", "fan")),
        [("E011", "", ("the loop at `fan` does nothing: `fan` only leads on; put a node into it that runs or waits"))],
    ),
    (
        define(fn("a"), fn("b"), fn("log"), Edge("a", "b"), Edge("a", "log"), repeat("b", "a")),
        [("W004", "a → log", ("the edge leaves the loop at `a`: it is taken once, after the last iteration"))],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), on_limit("a", END)),
        [("E028", "a → end", "`on_limit` leaves `a`, which begins no loop; delete it, or make a loop with `repeat`")],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), Edge("a", "b"), repeat("b", "a"), on_limit("b", "c")),
        [("E028", "b → c", "`on_limit` leaves `b`, which begins no loop; lead it from `a`, which does")],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), repeat("b", "a"), on_limit("a", "b")),
        [
            (
                "E028",
                "a → b",
                ("`on_limit` leads to `b`, which is in the loop at `a`; lead it out of the loop, or to the end"),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), Edge("a", "b"), repeat("b", "a"), on_limit("a", "a")),
        [
            (
                "E009",
                "a → a",
                ("`a → a` goes round without `repeat`; make `a → a` a `repeat`, with a condition and a limit"),
            )
        ],
    ),
    (
        define(
            fn("a"),
            fn("b"),
            fn("c"),
            Edge("a", "b"),
            Edge("b", "c"),
            repeat("c", "a"),
            repeat("b", "b"),
            on_limit("b", END),
            on_limit("c", END),
        ),
        [("E028", "c → end", "`on_limit` leaves `c`, which begins no loop; lead it from `a`, which does")],
    ),
    (
        define(
            fn("a"), fn("b"), Edge("a", "b"), fn("sorry"), Edge("sorry", "b"), limits=WorkflowLimits(on_limit="sorry")
        ),
        [
            (
                "E038",
                "",
                (
                    "`sorry`, which `on_limit` of the limits names, leads to what the start leads to: "
                    "`b`; lead it to nodes of its own, or to the end"
                ),
            )
        ],
    ),
    (
        define(
            fn("a"),
            fn("b"),
            Edge("a", "b"),
            fn("sorry"),
            fn("c"),
            Edge("sorry", "a"),
            Edge("c", END),
            limits=WorkflowLimits(on_limit="sorry"),
        ),
        [
            ("E008", "", "no way leads from the start, `a`, to `c`; lead an edge to it, or delete it"),
            (
                "E038",
                "",
                (
                    "`sorry`, which `on_limit` of the limits names, leads to what the start leads to: "
                    "`a`, `b`; lead it to nodes of its own, or to the end"
                ),
            ),
        ],
    ),
    (
        define(
            fn("a"),
            fn("sorry"),
            fn("b"),
            fn("c"),
            Edge("sorry", "b"),
            Edge("sorry", "c"),
            Edge("b", "c"),
            repeat("c", "b"),
            limits=WorkflowLimits(on_limit="sorry"),
        ),
        [
            (
                "E010",
                "c → b",
                (
                    "`repeat` leads to `b`, but `c` can be reached without passing it; lead it to the "
                    "one node by which the loop is entered"
                ),
            )
        ],
    ),
    (
        define(fn("a"), fn("sorry"), fn("b"), limits=WorkflowLimits(on_limit="sorry")),
        [("E008", "", "no way leads from the start, `a`, to `b`; lead an edge to it, or delete it")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_a_misspelt_target_explains_what_is_not_reached() -> None:
    codes = [code for code, _, _ in found(define(fn("a"), fn("pay"), Edge("a", "payy")))]
    assert codes == ["E006"]


def test_loops_lie_one_in_another_and_side_by_side() -> None:
    parts = [fn(name) for name in "abcdef"]
    edges = [Edge(source, target) for source, target in pairwise("abcdef")]
    definition = define(*parts, *edges, repeat("c", "b"), repeat("d", "a"), repeat("f", "e"), repeat("b", "b"))
    assert found(definition) == []


def test_a_loop_may_have_several_ways_back() -> None:
    parts = (fn("a"), fn("b"), fn("c"), when("a", "b", "state.done"), otherwise("a", "c"))
    assert found(define(*parts, repeat("b", "a"), repeat("c", "a"))) == []


def test_a_join_may_begin_a_loop() -> None:
    parts = (fn("a"), fn("b"), Edge("a", "b"), collect("all", "a", "b"), Edge("a", "all"), Edge("b", "all"))
    assert found(define(*parts, fn("c"), Edge("all", "c"), repeat("c", "all"))) == []


def test_an_inner_loop_may_repeat_an_outer_one() -> None:
    parts = (fn("a"), fn("b"), fn("c"), Edge("a", "b"), Edge("b", "c"))
    assert found(define(*parts, repeat("c", "b"), repeat("b", "a"))) == []


def test_an_exit_beside_the_way_back_is_the_usual_loop() -> None:
    parts = (fn("search"), fn("write"), fn("publish"), Edge("search", "write"), Edge("write", "publish"))
    assert found(define(*parts, repeat("write", "search"))) == []


@pytest.mark.parametrize(
    "busy",
    [fn("busy"), node("busy", "wait", {"duration_ms": 1}), each("busy", max_concurrency=2)],
    ids=lambda n: n.kind,
)
def test_a_loop_in_which_something_happens_is_fine(busy: Node) -> None:
    items = (fn("one"),) if busy.each is not None else ()
    assert found(define(node("fan", "parallel"), busy, *items, Edge("fan", "busy"), repeat("busy", "fan"))) == []


def test_a_loop_s_limit_leads_out_of_it_to_several() -> None:
    parts = (fn("a"), fn("b"), fn("c"), fn("d"), Edge("a", "b"), repeat("b", "a"), Edge("b", "c"))
    assert found(define(*parts, on_limit("a", "c"), on_limit("a", "d"), on_limit("a", END))) == []


def test_an_inner_loop_s_limit_may_lead_on_in_the_outer_one() -> None:
    parts = (fn("a"), fn("b"), fn("c"), Edge("a", "b"), Edge("b", "c"), repeat("b", "b"), repeat("c", "a"))
    assert found(define(*parts, on_limit("b", "c"), on_limit("a", END))) == []


def test_what_a_limit_leads_to_has_loops_of_its_own() -> None:
    parts = (fn("a"), fn("sorry"), fn("b"), fn("c"), Edge("sorry", "b"), Edge("b", "c"), repeat("c", "b"))
    assert found(define(*parts, on_limit("b", END), limits=WorkflowLimits(on_limit="sorry"))) == []


def test_two_cycles_are_both_named() -> None:
    edges = [Edge("a", "b"), Edge("b", "a"), Edge("b", "c"), Edge("c", "b")]
    problems = found(define(fn("a"), fn("b"), fn("c"), *edges))
    assert [message.split(" goes")[0] for _, _, message in problems] == ["`a → b → a`", "`b → c → b`"]


def test_a_long_chain_is_walked_without_recursion() -> None:
    names = [f"n{index}" for index in range(3_000)]
    chain = [Edge(source, target) for source, target in pairwise(names)]
    assert found(define(*(fn(name) for name in names), *chain)) == []


@st.composite
def graphs(draw: st.DrawFn) -> Definition:
    """Graphs without cycles but for `repeat` edges, which lead back anywhere. Every node can be reached."""
    names = "abcdefg"[: draw(st.integers(1, 7))]
    sources = [draw(st.sets(st.sampled_from(names[:index]), min_size=1)) for index in range(1, len(names))]
    forward = [Edge(a, b) for b, before in zip(names[1:], sources, strict=True) for a in sorted(before)]
    back = [repeat(b, a) for a, b in combinations_with_replacement(names, 2) if draw(st.integers(0, 5)) == 0]
    return define(*map(fn, names), *forward, *back)


@given(graphs())
def test_in_what_is_valid_a_loop_is_entered_at_its_header_and_left_from_anywhere(definition: Definition) -> None:
    assume(all(code.startswith("W") for code, _, _ in found(definition)))
    graph = build_graph(definition)
    assert graph.activation(graph.start, (), ()) is not None
    for edge in definition.edges:
        inside, there = graph.path[edge.source], graph.path[edge.target]
        if edge.trigger is Trigger.REPEAT:
            assert edge.target in inside
        else:
            entered = [header for header in there if header not in inside]
            assert entered in ([], [edge.target])
            assert there[: len(there) - len(entered)] == inside[: len(there) - len(entered)]

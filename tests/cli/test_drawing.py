"""Graphs in text."""

from __future__ import annotations

import io
import itertools

from pectin.cli.drawing import draw
from pectin.cli.paper import Paper, columns_of
from pectin.cli.picture.standing import Standing
from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.schema import Bool, Field, Object
from pectin.nodes import bind


def drawn(edges: list[Edge], standings: dict[str, Standing] | None = None) -> list[str]:
    names = dict.fromkeys(name for edge in edges for name in (edge.source, edge.target) if name != END)
    nodes = tuple(Node(name, "python_fn", {"function": name}) for name in names)
    state = Object({"ok": Field(Bool())})
    definition = Definition("w", "1.0.0", state, edges[0].source, nodes, tuple(edges))
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    return draw(bind(definition), standings or {}, Paper(stream))


def when(source: str, target: str, trigger: Trigger = Trigger.WHEN) -> Edge:
    return Edge(source, target, trigger, "state.ok")


def test_a_line() -> None:
    assert drawn([Edge("a", "b"), Edge("b", "c"), Edge("c", END)], {"a": Standing("✓", "done")}) == ["a ✓ ── b ── c"]


def test_branches_and_where_they_meet() -> None:
    edges = [when("a", "b"), Edge("a", "c", Trigger.OTHERWISE), Edge("b", "d"), Edge("c", "d")]
    assert drawn(edges) == [
        "a ─┬─ b ── d",
        "   └╌ otherwise ╌ c ── d",
    ]


def test_branches_in_branches() -> None:
    edges = [Edge("a", "b"), Edge("a", "c"), Edge("a", "d"), Edge("b", "e"), Edge("b", "f")]
    assert drawn(edges) == [
        "a ─┬─ b ─┬─ e",
        "   │     └─ f",
        "   ├─ c",
        "   └─ d",
    ]


def test_loops_and_errors() -> None:
    edges = [Edge("a", "b"), Edge("b", "a", Trigger.REPEAT, "state.ok", 3), Edge("b", "c", Trigger.ERROR)]
    assert drawn([*edges, Edge("b", END)]) == [
        "a ── b ─┬╌ again ╌ a",
        "        └╌ on error ╌ c",
    ]


def test_what_is_too_wide_goes_down_the_page() -> None:
    names = [f"a_long_name_{number}" for number in range(12)]
    assert drawn([Edge(one, other) for one, other in itertools.pairwise(names)]) == [
        f"{name}  (pure)" for name in names
    ]


def test_what_is_too_long_too_is_a_list() -> None:
    names = [f"a_long_name_{number}" for number in range(100)]
    lines = drawn([Edge(one, other) for one, other in itertools.pairwise(names)])
    assert " · " in lines[0]
    assert len(lines) > 1
    assert all(columns_of(line) <= 96 for line in lines)

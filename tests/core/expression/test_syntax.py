"""Questions about a tree."""

import pytest

from pectin.core.expression.parse import parse
from pectin.core.expression.syntax import Literal, Name, keys_read, path_of, walk


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("state.a > 1 && state.b.c == state.a", {"a", "b"}),
        ("state['a b'] == input.c", {"a b"}),
        ("has(state.a)", {"a"}),
        ("state.a.exists(x, x.b == state.c)", {"a", "c"}),
        ("state.a[state.b]", {"a", "b"}),
        ("input.state.a", set[str]()),
        ("1 + 1", set[str]()),
        ("state", None),
        ("state == {}", None),
        ("state[input.key]", None),
        ("'a' in state", None),
        ("state.exists(k, k == 'a')", None),
        ("state.a == 1 || size(state) == 2", None),
    ],
)
def test_the_keys_an_expression_names(source: str, keys: set[str] | None) -> None:
    assert keys_read(parse(source), "state") == keys


def test_a_path_names_a_value() -> None:
    assert path_of(parse("a.b[0]['c'][i.j]")) == ("a", ("b",), (0,), ("c",), ("i", ("j",)))
    assert path_of(parse("a['b']")) == path_of(parse("a.b"))
    assert path_of(parse("a[1 + 1]")) is None
    assert path_of(parse("(a + b).c")) is None


def test_the_same_text_twice_is_two_nodes() -> None:
    nodes = [node for node, _ in walk(parse("a == a"))]
    assert len(set(nodes)) == 3


def test_walking_gives_every_node_with_its_depth() -> None:
    found = {(type(node), depth) for node, depth in walk(parse("{'k': [a, 1]}.k"))}
    assert found >= {(Name, 4), (Literal, 4)}

"""Names of activations are written and read in one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.activation import NODE_ID, ActivationName, activation_name, parse_activation
from pectin.core.error import BadValue

NODES = st.from_regex(NODE_ID, fullmatch=True)
ITERATIONS = st.lists(st.integers(1, 10_000), max_size=4).map(tuple[int, ...])
ITEMS = st.none() | st.integers(0, 100_000)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("review", ActivationName("review")),
        ("act[3]", ActivationName("act", (3,))),
        ("act[3][1]", ActivationName("act", (3, 1))),
        ("score#0", ActivationName("score", (), 0)),
        ("score[3]#7", ActivationName("score", (3,), 7)),
    ],
)
def test_the_names_of_the_specification(name: str, parts: ActivationName) -> None:
    assert parse_activation(name) == parts
    assert activation_name(*parts) == str(parts) == name


@given(NODES, ITERATIONS, ITEMS)
def test_what_is_written_is_read(node: str, iterations: tuple[int, ...], item: int | None) -> None:
    assert parse_activation(activation_name(node, iterations, item)) == (node, iterations, item)


@given(st.text(alphabet="a1[]#-_ 0٣\n", max_size=8))
def test_what_is_read_is_written_the_same_way(text: str) -> None:
    try:
        name = parse_activation(text)
    except BadValue:
        return
    assert str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3act",
        "act[0]",
        "act[03]",
        "act[]",
        "act[1",
        "act#01",
        "act#",
        "act#1[2]",
        "act#1#2",
        "act\n",
        "act[٣]",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"is not the name of an activation; write a node's id, then \[n\]"):
        parse_activation(text)


@pytest.mark.parametrize(("iterations", "item"), [((0,), None), ((1, -1), None), ((), -1)])
def test_counts_that_cannot_be_are_a_bug(iterations: tuple[int, ...], item: int | None) -> None:
    with pytest.raises(AssertionError):
        activation_name("act", iterations, item)

"""`parallel`: leads on along all its edges, or runs an item node for every item."""

from __future__ import annotations

import pytest

from pectin.core.action import Resolve, Spawn
from pectin.core.definition import END, Definition, Edge, Node
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError
from pectin.core.schema import Object
from pectin.nodes import bind
from tests.definitions import define, each, fn, found, node, repeat, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("a", "parallel", {"items": "state.items"})),
        [("E017", "", "parallel `a` has no setting 'items'; it has none")],
    ),
    (
        define(node("a", "parallel", output_key="labels")),
        [("E020", "", "parallel `a` gives null, and `state.labels` is a list of strings")],
    ),
    (
        define(each("label", "state.itms"), fn("one")),
        [("E014", "label", "`state` has no field `itms` [itms]; did you mean `items`?")],
    ),
    (
        define(each("label", "state.risk"), fn("one")),
        [("E014", "label", "expected a list; this is 'unknown', 'low' or 'high' [state.risk]")],
    ),
    (
        define(each("label", max_concurrency=0), fn("one")),
        [("E017", "", "map `label` runs 0 items at once; write `max_concurrency` from 1 on")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def enter(part: Node, state: dict[str, object]) -> object:
    """What the node answers on entry."""
    return bind(define(part, fn("one"), *([] if part.each else [Edge(part.id, "one")]))).enter[part.id](
        Entry(state=state, at=0)
    )


def test_it_leads_on_at_once() -> None:
    assert enter(node("fan", "parallel"), {}) == Resolve(None)


def test_a_map_spawns_its_items() -> None:
    assert enter(each("label"), {"items": ["a", "b"]}) == Spawn(["a", "b"])


def test_a_map_of_nothing_spawns_nothing() -> None:
    assert enter(each("label"), {"items": []}) == Spawn([])


def test_the_items_are_their_own_copy() -> None:
    items: list[object] = ["a"]
    action = enter(each("label"), {"items": items})
    assert isinstance(action, Spawn)
    assert action.items is not items


def test_decimals_among_the_items_are_written_as_in_the_state() -> None:
    assert enter(each("label", "[state.amount, decimal('2.50')]"), {"amount": "1.10"}) == Spawn(["1.10", "2.50"])


@pytest.mark.parametrize(
    ("items", "what"), [(None, "null"), ("ab", "a string"), ({"a": 1}, "a map"), (3, "an int"), (True, "a bool")]
)
def test_what_is_no_list_is_refused_at_run_time(items: object, what: str) -> None:
    state = Object({}, open=True)
    definition = define(each("label"), fn("one"), state=state)
    with pytest.raises(NodeError) as error:
        bind(definition).enter["label"](Entry(state={"items": items}, at=0))
    assert error.value.error_class == "bad_items"
    assert str(error.value) == f"the items of `label` are no list but {what} (`state.items`)"


def test_a_missing_list_is_an_evaluation_error() -> None:
    with pytest.raises(EvaluationError):
        enter(each("label"), {})


def test_a_map_gives_a_list_and_a_plain_one_nothing() -> None:
    assert found(define(each("label"), fn("one"), when("label", END, "size(output) == 0"))) == []
    assert found(define(node("fan", "parallel"), when("fan", END, "output == null"))) == []


def test_the_items_may_depend_on_the_iteration() -> None:
    program = bind(define(each("label", "[iteration]"), fn("one"), repeat("label", "label")))
    assert program.enter["label"](Entry(state={}, at=0, iteration=3)) == Spawn([3])

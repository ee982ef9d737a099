"""Which workflow a child runs, and its mappings."""

from __future__ import annotations

import pytest

from pectin.core.definition import Child, Definition, Edge
from pectin.nodes import bind
from tests.definitions import define, each, found, node, repeat, subgraph

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("ship", "subgraph", child=Child("my ship", "1.0.0"))),
        [
            (
                "E041",
                "",
                (
                    "subgraph `ship`: 'my ship' is no workflow's id; use letters, digits, `_` and `-`; "
                    "begin with no digit"
                ),
            )
        ],
    ),
    (
        define(node("ship", "subgraph", child=Child("ship", "1"))),
        [("E041", "", 'subgraph `ship`: \'1\' is no version; write a semantic one, such as "1.0.0" or "0.0.0-dev"')],
    ),
    (
        define(node("ship", "subgraph", child=Child("", ""))),
        [
            (
                "E041",
                "",
                ("subgraph `ship`: '' is no workflow's id; use letters, digits, `_` and `-`; begin with no digit"),
            ),
            ("E041", "", 'subgraph `ship`: \'\' is no version; write a semantic one, such as "1.0.0" or "0.0.0-dev"'),
        ],
    ),
    (
        define(subgraph("ship", {"order": "state.oder"})),
        [("E014", "ship, input `order`", "`state` has no field `oder` [oder]; did you mean `order`?")],
    ),
    (
        define(subgraph("ship", {"order": "state."})),
        [("E014", "ship, input `order`", "expected a field's name after `.`, found the end []")],
    ),
    (
        define(subgraph("ship", {"order": "output.order"})),
        [("E014", "ship, input `order`", "there is no variable `output` [output]; there are: `state`")],
    ),
    (
        define(subgraph("ship", {"order": "item"})),
        [("E014", "ship, input `order`", "there is no variable `item` [item]; there are: `state`")],
    ),
    (
        define(subgraph("ship", {"n": "iteration"})),
        [("E014", "ship, input `n`", "there is no variable `iteration` [iteration]; there are: `state`")],
    ),
    (
        define(subgraph("ship", {}, {"receipt": "state.receipt"})),
        [("E014", "ship, output `receipt`", "there is no variable `state` [state]; there are: `output`")],
    ),
    (
        define(subgraph("ship", {}, {"recipt": "output.receipt"})),
        [
            (
                "E019",
                "",
                ("subgraph `ship` has the output `recipt`, and the state has no such field; did you mean `receipt`?"),
            )
        ],
    ),
    (
        define(subgraph("ship", {}, {"count": "'three'"})),
        [("E020", "", "subgraph `ship` gives 'three', and `state.count` is an int")],
    ),
    (
        define(subgraph("ship", {}, {"count": "null"})),
        [("E020", "", "subgraph `ship` gives null, and `state.count` is an int")],
    ),
    (
        define(subgraph("ship", {}, {"count": "output.count"}, output_key="count")),
        [
            ("E020", "", "subgraph `ship` gives an object, and `state.count` is an int"),
            ("E041", "", "subgraph `ship` writes `count` twice: as its `output_key`, and by a mapping; delete one"),
        ],
    ),
    (
        define(subgraph("ship", {}, {"receipt": "output.receipt"}, output_key="receipt")),
        [
            ("E020", "", "subgraph `ship` gives an object, and `state.receipt` is a string or null"),
            ("E041", "", ("subgraph `ship` writes `receipt` twice: as its `output_key`, and by a mapping; delete one")),
        ],
    ),
    (
        define(each("ship_all", "[{'id': 1}]"), subgraph("one", {"id": "item.ident"})),
        [("E014", "one, input `id`", "`item` has no field `ident` [ident]")],
    ),
    (
        define(each("ship_all"), subgraph("one", {"id": "item + index"})),
        [("E014", "one, input `id`", "`+` doesn't go with a string and an int [item + index]; write `string(index)`")],
    ),
    (
        define(
            each("ship_all"),
            each("send_all", "[state.count]"),
            Edge("ship_all", "send_all"),
            subgraph("one", {"id": "itm"}),
        ),
        [("E014", "one, input `id`", "there is no variable `itm` [itm]; did you mean `item`?")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_the_mappings_are_compiled_once_and_bound() -> None:
    definition = define(subgraph("ship", {"order": "state.order"}, {"receipt": "output.receipt"}))
    assert found(definition) == []
    mappings = bind(definition).mappings["ship"]
    assert mappings.input["order"].evaluate({"state": {"order": "A-1"}}) == "A-1"
    assert mappings.output["receipt"].evaluate({"output": {"receipt": "paid"}}) == "paid"


def test_an_item_s_child_sees_its_item_and_maps_under_names_of_its_own() -> None:
    mapped = subgraph("one", {"id": "item", "at": "index", "all": "state.items"}, {"done": "output.sent"})
    assert found(define(each("ship_all"), mapped)) == []


def test_a_child_in_a_loop_sees_the_iteration_and_so_does_an_item_s() -> None:
    assert found(define(subgraph("ship", {"n": "iteration"}), repeat("ship", "ship"))) == []
    assert found(define(each("ship_all"), subgraph("one", {"n": "iteration"}), repeat("ship_all", "ship_all"))) == []


@pytest.mark.parametrize(("items", "codes"), [("state.labels", ["E014"]), ("[state.count]", []), ("[{'a': 1}]", [])])
def test_what_two_maps_have_in_common_is_known_of_an_item(items: str, codes: list[str]) -> None:
    maps = (each("first"), each("then", items), Edge("first", "then"))
    assert [code for code, _, _ in found(define(*maps, subgraph("one", {"id": "item.name"})))] == codes

"""`subgraph`: a child execution of another workflow."""

from __future__ import annotations

import pytest

from pectin.core.action import Spawn
from pectin.core.definition import END, Child, Definition, Effect
from pectin.core.program import Entry
from pectin.core.retry import PRESETS
from pectin.core.schema import Any, Field, Object
from pectin.nodes import bind
from tests.definitions import WIDE, define, fn, found, node, subgraph, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("ship", "subgraph")),
        [
            (
                "E041",
                "",
                ("subgraph `ship` doesn't say which workflow it runs; give it `child`: a workflow and its version"),
            )
        ],
    ),
    (
        define(node("ship", "subgraph", {"workflow": "ship"}, child=Child("ship", "1.0.0"))),
        [("E017", "", "subgraph `ship` has no setting 'workflow'; it has none")],
    ),
    (
        define(subgraph("ship", output_key="whole")),
        [
            (
                "E019",
                "",
                ("subgraph `ship` has the `output_key` `whole`, and the state has no such field; declare it there"),
            )
        ],
    ),
    (
        define(subgraph("ship", output_key="risk")),
        [("E020", "", "subgraph `ship` gives an object, and `state.risk` is 'unknown', 'low' or 'high'")],
    ),
    (
        define(subgraph("ship", retry=PRESETS["io_default"])),
        [("E021", "", "subgraph `ship` takes no `retry`: it has no attempts; delete it")],
    ),
    (
        define(subgraph("ship", timeout_ms=5)),
        [("E022", "", "subgraph `ship` takes no `timeout_ms`: it has no attempts; delete it")],
    ),
    (
        define(subgraph("ship", effect=Effect.KEYED)),
        [("E026", "", "subgraph `ship` takes no `effect`: it has no attempts; delete it")],
    ),
    (define(subgraph("ship", reconcile="ask")), [("E017", "", "subgraph `ship` takes no `reconcile`; delete it")]),
    (define(fn("a", child=Child("ship", "1.0.0"))), [("E017", "", "python_fn `a` takes no `child`; delete it")]),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_it_spawns_its_child() -> None:
    program = bind(define(subgraph("ship", {"order": "state.order"})))
    assert program.enter["ship"](Entry(state={}, at=0)) == Spawn()


def test_its_output_is_the_child_s_last_state_also_with_an_output_key() -> None:
    state = Object({"whole": Field(Any(), default=None)})
    assert found(define(subgraph("ship", output_key="whole"), when("ship", END, "output.sent"), state=state)) == []
    assert found(define(subgraph("ship", output_key="address"), state=WIDE)) == []

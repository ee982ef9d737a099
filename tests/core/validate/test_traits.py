"""The fields of a node that only some kinds have."""

from __future__ import annotations

import msgspec
import pytest

from pectin.core.definition import END, Definition, Each, Edge, Effect, Join, RunOn
from pectin.core.retry import PRESETS
from pectin.core.schema import Any, Field, List, Object
from tests.definitions import approval, collect, define, each, fn, found, node

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(msgspec.structs.replace(approval(), retry=PRESETS["io_default"]), Edge("review", END)),
        [("E021", "", ("human_approval `review` takes no `retry`: it has no attempts; delete it"))],
    ),
    (
        define(node("nap", "wait", {"duration_ms": 1}, timeout_ms=5)),
        [("E022", "", "wait `nap` takes no `timeout_ms`: it has no attempts; delete it")],
    ),
    (
        define(
            node(
                "fork",
                "condition",
                {"branches": [{"when": "state.done", "to": "end"}], "default": "end"},
                effect=Effect.KEYED,
            ),
            Edge("fork", END),
        ),
        [("E026", "", "condition `fork` takes no `effect`: it has no attempts; delete it")],
    ),
    (
        define(node("fan", "parallel", retry=PRESETS["io_default"])),
        [("E021", "", "parallel `fan` takes no `retry`: it has no attempts; delete it")],
    ),
    (
        define(msgspec.structs.replace(approval(), output_key="risk"), Edge("review", END)),
        [("E019", "", "human_approval `review` takes no `output_key`; delete it")],
    ),
    (
        define(fn("a", each=Each("state.items", "one")), fn("one")),
        [("E017", "", "python_fn `a` takes no `each`; delete it")],
    ),
    (define(fn("a", join=Join(("b",)))), [("E017", "", "python_fn `a` takes no `join`; delete it")]),
    (
        define(fn("a"), fn("b", run_on=RunOn.ALWAYS)),
        [
            ("E008", "", ("no way leads from the start, `a`, to `b`; lead an edge to it, or delete it")),
            ("E017", "", "python_fn `b` takes no `run_on`; delete it"),
        ],
    ),
    (
        define(fn("a", timeout_ms=0)),
        [("E022", "", ("python_fn `a`: 0 ms is no timeout; write more than nothing, and at most 100 years"))],
    ),
    (
        define(fn("a", timeout_ms=10**13)),
        [
            (
                "E022",
                "",
                ("python_fn `a`: 10000000000000 ms is no timeout; write more than nothing, and at most 100 years"),
            )
        ],
    ),
    (
        define(fn("a", output_key="recipt")),
        [
            (
                "E019",
                "",
                (
                    "python_fn `a` has the `output_key` `recipt`, and the state has no such "
                    "field; did you mean `receipt`?"
                ),
            )
        ],
    ),
    (
        define(fn("a", output_key="zzz")),
        [("E019", "", ("python_fn `a` has the `output_key` `zzz`, and the state has no such field; declare it there"))],
    ),
    (
        define(each("label", output_key="risk"), fn("one")),
        [("E020", "", ("parallel `label` gives a list, and `state.risk` is 'unknown', 'low' or 'high'"))],
    ),
    (
        define(
            fn("a"),
            fn("b"),
            Edge("a", "b"),
            collect("all", "a", "b", output_key="count"),
            Edge("a", "all"),
            Edge("b", "all"),
        ),
        [("E020", "", "join `all` gives a list of objects, and `state.count` is an int")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_a_worker_s_node_may_have_them() -> None:
    traits = {"effect": Effect.KEYED, "retry": PRESETS["io_default"], "timeout_ms": 1, "output_key": "risk"}
    assert found(define(fn("a", **traits))) == []


def test_an_open_state_takes_any_key() -> None:
    assert found(define(fn("a", output_key="whatever"), state=Object({}, open=True))) == []


def test_a_result_that_fits_its_field_is_fine() -> None:
    join = collect("all", "a", "b", output_key="found")
    state = Object({"found": Field(List(Any()), default=[])})
    edges = (Edge("a", "b"), Edge("a", "all"), Edge("b", "all"))
    assert found(define(fn("a"), fn("b"), join, *edges, state=state)) == []

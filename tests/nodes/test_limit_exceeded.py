"""`limit_exceeded`: an end of the application's own."""

from __future__ import annotations

import pytest

from pectin.core.action import Resolve
from pectin.core.definition import END, Definition, Edge, WorkflowLimits
from pectin.core.program import Entry
from pectin.nodes import bind
from tests.definitions import define, fn, found, limit_exceeded, node, on_error

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (define(node("stop", "limit_exceeded")), [("E017", "", "limit_exceeded `stop` needs the setting `message`")]),
    (
        define(limit_exceeded(message="")),
        [("E017", "", "limit_exceeded `stop`, `message`: expected `str` of length >= 1")],
    ),
    (
        define(limit_exceeded(message="More than {{ state.amont }}.")),
        [("E014", "stop", "`state` has no field `amont` [amont]; did you mean `amount`?")],
    ),
    (
        define(limit_exceeded(), Edge("stop", END)),
        [
            (
                "E012",
                "",
                (
                    "limit_exceeded `stop` has an edge to `end`, and nothing comes after it; delete the "
                    "edge: it ends the execution"
                ),
            )
        ],
    ),
    (
        define(limit_exceeded(), fn("b"), on_error("stop", "b")),
        [
            (
                "E012",
                "",
                (
                    "limit_exceeded `stop` has an edge to `b`, and nothing comes after it; delete the "
                    "edge: it ends the execution"
                ),
            )
        ],
    ),
    (
        define(node("stop", "limit_exceeded", {"message": "x"}, output_key="receipt")),
        [("E019", "", "limit_exceeded `stop` takes no `output_key`; delete it")],
    ),
    (
        define(node("stop", "limit_exceeded", {"mesage": "x"})),
        [
            ("E017", "", "limit_exceeded `stop` has no setting 'mesage'; did you mean `message`?"),
            ("E017", "", "limit_exceeded `stop` needs the setting `message`"),
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_it_ends_the_execution_for_its_reason() -> None:
    program = bind(define(limit_exceeded(message="{{ state.count }} tries are enough.")))
    assert program.enter["stop"](Entry(state={"count": 3}, at=0)) == Resolve(limit="3 tries are enough.")


def test_what_a_limit_leads_to_may_say_which() -> None:
    stop = limit_exceeded(message="Past {{ error.error_class }}: {{ error.message }}")
    program = bind(define(fn("a"), stop, limits=WorkflowLimits(on_limit="stop")))
    error = {"error_class": "wall_time", "type": "LimitExceeded", "message": "3 days"}
    assert program.enter["stop"](Entry(state={}, at=0, error=error)) == Resolve(limit="Past wall_time: 3 days")

"""`wait`: a timer."""

from __future__ import annotations

import pytest

from pectin.core.action import Await
from pectin.core.definition import END, Definition
from pectin.core.program import Entry, NodeError
from pectin.core.schema import Object
from pectin.nodes import bind
from tests.definitions import define, found, node, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("nap", "wait")),
        [("E017", "", ("wait `nap` has neither a duration nor a time; write `duration_ms` or `until`"))],
    ),
    (
        define(node("nap", "wait", {"duration_ms": 5, "until": "state.due"})),
        [("E017", "", ("wait `nap` has both a duration and a time; write `duration_ms` or `until`"))],
    ),
    (
        define(node("nap", "wait", {"duration_ms": -5})),
        [("E022", "", ("wait `nap`: -5 ms is no duration; write more than nothing, and at most 100 years"))],
    ),
    (
        define(node("nap", "wait", {"until": "state.amount"})),
        [("E014", "nap", "expected a string; this is a decimal [state.amount]")],
    ),
    (
        define(node("nap", "wait", {"until": "state.receipt"})),
        [("E014", "nap", "the result may be null [state.receipt]; test it against null first")],
    ),
    (
        define(node("nap", "wait", {"duration": 5})),
        [("E017", "", "wait `nap` has no setting 'duration'; did you mean `duration_ms`?")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def until(text: object) -> object:
    """What a wait until this time answers, entered a second after the epoch."""
    definition = define(node("nap", "wait", {"until": "state.at"}), state=Object({}, open=True))
    return bind(definition).enter["nap"](Entry(state={"at": text}, at=1_000))


def test_a_duration_counts_from_the_entry() -> None:
    program = bind(define(node("nap", "wait", {"duration_ms": 259_200_000})))
    assert program.enter["nap"](Entry(state={}, at=1_000)) == Await(until=259_201_000)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:02Z", 2_000),
        ("1970-01-01T00:00:02.345+00:00", 2_345),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59Z", -1_000),
        ("2026-11-26T09:14:03Z", 1_795_684_443_000),
    ],
)
def test_a_time_is_read_with_its_zone(text: str, at: int) -> None:
    assert until(text) == Await(until=at)


@pytest.mark.parametrize("text", ["2026-11-26T09:14:03", "2026-11-26", "tomorrow", "", None, 5, ["2026"]])
def test_what_is_no_time_is_refused_at_run_time(text: object) -> None:
    with pytest.raises(NodeError) as error:
        until(text)
    assert error.value.error_class == "bad_time"
    assert str(error.value) == (
        f"`nap` waits until {text!r}, which is no date and time with a zone (2026-11-26T09:14:03Z)"
    )


def test_a_time_of_the_state_is_fine() -> None:
    assert found(define(node("nap", "wait", {"until": "state.due"}))) == []


def test_it_gives_nothing() -> None:
    assert found(define(node("nap", "wait", {"duration_ms": 1}), when("nap", END, "output == null"))) == []

"""`wait`: a time, an event, a signal, or whichever comes first."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.action import Await
from pectin.core.definition import END, Definition
from pectin.core.program import Entry, NodeError
from pectin.core.schema import Object
from pectin.nodes import bind
from tests.definitions import define, found, node, wait, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("nap", "wait")),
        [("E017", "", "wait `nap` waits for nothing; write `duration_ms`, `until`, `event` or `signal`")],
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
    (
        define(wait(deadline_ms=5)),
        [("E017", "", "wait `nap` waits for nothing; write `duration_ms`, `until`, `event` or `signal`")],
    ),
    (
        define(wait(duration_ms=5, deadline_ms=5)),
        [
            (
                "E017",
                "",
                ("wait `nap` has both a time and a deadline; delete the deadline: the time ends the wait by itself"),
            )
        ],
    ),
    (
        define(wait(until="state.due", event="parcel", correlation="{{ state.order }}", deadline_ms=5)),
        [
            (
                "E017",
                "",
                ("wait `nap` has both a time and a deadline; delete the deadline: the time ends the wait by itself"),
            )
        ],
    ),
    (
        define(wait(duration_ms=5, until="state.due", signal="go")),
        [("E017", "", "wait `nap` has both a duration and a time; write `duration_ms` or `until`")],
    ),
    (
        define(wait(event="parcel")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` doesn't say which event `parcel` is its own; write a `correlation`, such "
                    "as `{{ state.order }}`"
                ),
            )
        ],
    ),
    (
        define(wait(event="parcel", correlation="")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` doesn't say which event `parcel` is its own; write a `correlation`, such "
                    "as `{{ state.order }}`"
                ),
            )
        ],
    ),
    (
        define(wait(duration_ms=5, correlation="{{ state.order }}")),
        [("E017", "", "wait `nap` has a correlation and no event; name the event, or delete the correlation")],
    ),
    (
        define(wait(correlation="{{ state.order }}")),
        [
            ("E017", "", "wait `nap` waits for nothing; write `duration_ms`, `until`, `event` or `signal`"),
            ("E017", "", "wait `nap` has a correlation and no event; name the event, or delete the correlation"),
        ],
    ),
    (
        define(wait(event="2nd", correlation="x")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` waits for '2nd', which can't be the name of an event; use letters, "
                    "digits, `_`, `.` and `-`; begin with a letter or `_`"
                ),
            )
        ],
    ),
    (
        define(wait(event=":child", correlation="x")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` waits for ':child', which can't be the name of an event; use letters, "
                    "digits, `_`, `.` and `-`; begin with a letter or `_`"
                ),
            )
        ],
    ),
    (
        define(wait(signal="go!")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` waits for 'go!', which can't be the name of a signal; use letters, "
                    "digits, `_`, `.` and `-`; begin with a letter or `_`"
                ),
            )
        ],
    ),
    (
        define(wait(signal="")),
        [
            (
                "E017",
                "",
                (
                    "wait `nap` waits for '', which can't be the name of a signal; use letters, digits, "
                    "`_`, `.` and `-`; begin with a letter or `_`"
                ),
            )
        ],
    ),
    (define(wait(signal=5)), [("E017", "", "wait `nap`, `signal`: expected `str | null`, got `int`")]),
    (define(wait(signls="go")), [("E017", "", "wait `nap` has no setting 'signls'; did you mean `signal`?")]),
    (
        define(wait(event="parcel", correlation="{{ state.ordr }}")),
        [("E014", "nap, correlation", "`state` has no field `ordr` [ordr]; did you mean `order`?")],
    ),
    (
        define(wait(event="parcel", correlation="{{ state.order")),
        [("E014", "nap, correlation", "`{{` is never closed [{{]; add `}}`; a literal one is `{{ '{{' }}`")],
    ),
    (
        define(wait(event="parcel", correlation="{{ iteration }}")),
        [("E014", "nap, correlation", "there is no variable `iteration` [iteration]; there are: `state`")],
    ),
    (
        define(wait(signal="go", deadline_ms=0)),
        [("E022", "", "wait `nap`: 0 ms is no deadline; write more than nothing, and at most 100 years")],
    ),
    (
        define(wait(signal="go", duration_ms=0)),
        [("E022", "", "wait `nap`: 0 ms is no duration; write more than nothing, and at most 100 years")],
    ),
    (
        define(wait(duration_ms=5, output_key="receipt")),
        [
            (
                "E019",
                "",
                (
                    "wait `nap` has the `output_key` `receipt`, and nothing that it waits for brings a "
                    "payload; delete it, or wait for an event or a signal"
                ),
            )
        ],
    ),
    (
        define(wait(signal="go", output_key="recipt")),
        [
            (
                "E019",
                "",
                ("wait `nap` has the `output_key` `recipt`, and the state has no such field; did you mean `receipt`?"),
            )
        ],
    ),
    (
        define(wait(signal="go", duration_ms=5, output_key="count")),
        [
            (
                "E020",
                "",
                (
                    "wait `nap` gives null where its time ends it, and `state.count` can't be null; let "
                    "it be null, or give the wait a deadline, which fails"
                ),
            )
        ],
    ),
    (
        define(wait(event="parcel", correlation="x", until="state.due", output_key="order")),
        [
            (
                "E020",
                "",
                (
                    "wait `nap` gives null where its time ends it, and `state.order` can't be null; let "
                    "it be null, or give the wait a deadline, which fails"
                ),
            )
        ],
    ),
    (
        define(wait(signal="go"), when("nap", END, "output.came == 'timer'")),
        [("E014", "nap → end", "'timer' is not a value of 'signal' ['timer']; it is 'signal'")],
    ),
    (
        define(wait(signal="go", duration_ms=5), when("nap", END, "output.came == 'event'")),
        [("E014", "nap → end", "'event' is not a value of 'timer' or 'signal' ['event']; it is 'timer' or 'signal'")],
    ),
    (
        define(wait(signal="go", output_key="count"), when("nap", END, "output.count == 3")),
        [("E014", "nap → end", "`output` has no field `count` [count]")],
    ),
    (
        define(wait(duration_ms=5), when("nap", END, "output.came == 'timer'")),
        [("E014", "nap → end", "`output` is null and has no field `came` [came]")],
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


STATE = {"order": "A-1", "due": "1970-01-01T00:00:02Z"}
EVENT = {"event": "parcel", "correlation": "{{ state.order }}"}


@pytest.mark.parametrize(
    ("config", "action"),
    [
        ({"signal": "go"}, Await(signal="go")),
        (EVENT, Await(event="parcel", correlation="A-1")),
        ({"event": "parcel.sent-2", "correlation": "x"}, Await(event="parcel.sent-2", correlation="x")),
        ({**EVENT, "signal": "go"}, Await(event="parcel", correlation="A-1", signal="go")),
        ({"signal": "go", "duration_ms": 5}, Await(signal="go", until=1_005)),
        ({**EVENT, "until": "state.due"}, Await(event="parcel", correlation="A-1", until=2_000)),
        ({"signal": "go", "deadline_ms": 5}, Await(signal="go", until=1_005, fails_late=True)),
    ],
)
def test_whichever_comes_first_ends_it(config: dict[str, Any], action: Await) -> None:
    definition = define(wait(**config))
    assert found(definition) == []
    assert bind(definition).enter["nap"](Entry(state=STATE, at=1_000)) == action


@pytest.mark.parametrize("order", ["", "x" * 257])
def test_an_event_needs_a_correlation(order: str) -> None:
    program = bind(define(wait(**EVENT)))
    with pytest.raises(NodeError, match="`nap` waits for an event with the correlation ") as error:
        program.enter["nap"](Entry(state={"order": order}, at=0))
    assert error.value.error_class == "bad_correlation"


def test_it_tells_what_came_beside_the_payload() -> None:
    edges = (when("nap", END, "output.came == 'timer'"), when("nap", END, "output.came == 'signal'"))
    assert found(define(wait(signal="go", duration_ms=5, output_key="receipt"), *edges)) == []
    assert found(define(wait(signal="go"), when("nap", END, "output.payload.amount > 3"))) == []


def test_the_payload_goes_where_null_can_if_time_may_end_it() -> None:
    assert found(define(wait(signal="go", duration_ms=5, output_key="receipt"))) == []
    assert found(define(wait(signal="go", deadline_ms=5, output_key="order"))) == []
    assert found(define(wait(signal="go", duration_ms=5, output_key="any"), state=Object({}, open=True))) == []

"""Session types, times, limits and reducers."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Definition, Edge, Effect, Reducer, WorkflowLimits
from pectin.core.schema import Any, Field, List, Object, String
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from tests.definitions import WIDE, approval, define, each, fn, found, limit_exceeded, subgraph, wait

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("a"), timeouts=TimeoutConfig(heartbeat_interval_ms=1)),
        [
            (
                "E023",
                "",
                (
                    "`heartbeat_interval`, for workers in other processes than the engine's, is not "
                    "there yet; leave it out: an operating system lock shows that an engine lives"
                ),
            )
        ],
    ),
    (
        define(wait(duration_ms=1), session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`nap` is a wait, and a stateless execution can't wait: nothing of it is kept; make "
                    "the workflow `resumable`"
                ),
            )
        ],
    ),
    (
        define(
            wait(signal="go"),
            approval(),
            Edge("nap", "review"),
            Edge("review", END),
            session_type=SessionType.STATELESS,
        ),
        [
            (
                "E040",
                "",
                (
                    "`nap` is a wait, and a stateless execution can't wait: nothing of it is kept; make "
                    "the workflow `resumable`"
                ),
            ),
            (
                "E040",
                "",
                (
                    "`review` is a human_approval, and a stateless execution can't wait: nothing of it "
                    "is kept; make the workflow `resumable`"
                ),
            ),
        ],
    ),
    (
        define(subgraph("ship"), session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`ship` is a subgraph, and a stateless execution can't wait: nothing of it is kept; "
                    "make the workflow `resumable`"
                ),
            )
        ],
    ),
    (
        define(each("ship_all"), subgraph("one"), session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`one` is a subgraph, and a stateless execution can't wait: nothing of it is kept; "
                    "make the workflow `resumable`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.ONCE), session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`pay` is `once`, and a stateless execution keeps no record of its attempts; make "
                    "the workflow `resumable`, or the node `keyed`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.TRANSACTIONAL), session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`pay` is `transactional`, and a stateless execution keeps no record of its "
                    "attempts; make the workflow `resumable`, or the node `keyed`"
                ),
            )
        ],
    ),
    (
        define(fn("a"), reducers={"lables": Reducer.APPEND}),
        [("E029", "", "`lables` has a reducer, and the state has no such field; did you mean `labels`?")],
    ),
    (
        define(fn("a"), reducers={"comments": Reducer.APPEND}),
        [("E029", "", "`comments` has a reducer, and the state has no such field; did you mean `count`?")],
    ),
    (
        define(fn("a"), reducers={"order": Reducer.APPEND}),
        [("E029", "", "`append` is the reducer of `order`, which is a string; it takes a list")],
    ),
    (
        define(fn("a"), reducers={"receipt": Reducer.UNION}),
        [("E029", "", "`union` is the reducer of `receipt`, which is a string or null; it takes a list")],
    ),
    (
        define(fn("a"), reducers={"labels": Reducer.ADD}),
        [
            (
                "E029",
                "",
                (
                    "`add` is the reducer of `labels`, which is a list of strings; it takes an int or a "
                    "decimal, because it is exact"
                ),
            )
        ],
    ),
    (
        define(fn("a"), reducers={"done": Reducer.ADD}),
        [
            (
                "E029",
                "",
                ("`add` is the reducer of `done`, which is a bool; it takes an int or a decimal, because it is exact"),
            )
        ],
    ),
    (
        define(fn("a"), reducers={"weight": Reducer.ADD}, state=WIDE),
        [
            (
                "E029",
                "",
                (
                    "`add` is the reducer of `weight`, which is a double; it takes an int or a decimal, "
                    "because it is exact"
                ),
            )
        ],
    ),
    (
        define(fn("a"), reducers={"done": Reducer.MAX}),
        [("E029", "", "`max` is the reducer of `done`, which is a bool; it takes a number or a string")],
    ),
    (
        define(fn("a"), reducers={"items": Reducer.MIN}),
        [("E029", "", ("`min` is the reducer of `items`, which is a list of strings; it takes a number or a string"))],
    ),
    (
        define(fn("a"), reducers={"address": Reducer.MAX}, state=WIDE),
        [("E029", "", "`max` is the reducer of `address`, which is a Place or null; it takes a number or a string")],
    ),
    (
        define(fn("a"), reducers={"labels": Reducer.MERGE}),
        [("E029", "", ("`merge` is the reducer of `labels`, which is a list of strings; it takes an object or a map"))],
    ),
    (
        define(fn("a"), reducers={"risk": Reducer.MERGE}),
        [
            (
                "E029",
                "",
                ("`merge` is the reducer of `risk`, which is 'unknown', 'low' or 'high'; it takes an object or a map"),
            )
        ],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(max_iterations=0)),
        [("E038", "", "the limits: `max_iterations` is 0; write a whole number from 1 on")],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(wall_time_ms=0)),
        [("E022", "", "the limits: 0 ms is no `wall_time`; write more than nothing, and at most 100 years")],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(wall_time_ms=10**13)),
        [
            (
                "E022",
                "",
                ("the limits: 10000000000000 ms is no `wall_time`; write more than nothing, and at most 100 years"),
            )
        ],
    ),
    (
        define(fn("a"), limits=WorkflowLimits(wall_time_ms=5), timeouts=TimeoutConfig(workflow_timeout_ms=5)),
        [
            (
                "E038",
                "",
                ("`wall_time` of the limits and `workflow_timeout` of the timeouts are the same limit; delete one"),
            )
        ],
    ),
    (define(fn("a"), stop_grace_ms=-1), [("E022", "", "-1 ms is no `stop_grace`; write 0 to 1 h")]),
    (define(fn("a"), stop_grace_ms=3_600_001), [("E022", "", "3600001 ms is no `stop_grace`; write 0 to 1 h")]),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


@pytest.mark.parametrize(
    ("key", "reducer"),
    [
        ("labels", Reducer.APPEND),
        ("labels", Reducer.UNION),
        ("count", Reducer.ADD),
        ("amount", Reducer.ADD),
        ("order", Reducer.MAX),
        ("receipt", Reducer.MIN),
        ("due", Reducer.MAX),
        ("amount", Reducer.MIN),
    ],
)
def test_a_reducer_that_fits_is_fine(key: str, reducer: Reducer) -> None:
    assert found(define(fn("a"), reducers={key: reducer})) == []


def test_objects_maps_and_what_is_unknown_take_a_merge() -> None:
    reducers = {"address": Reducer.MERGE, "prices": Reducer.MERGE, "weight": Reducer.MAX}
    assert found(define(fn("a"), reducers=reducers, state=WIDE)) == []
    assert found(define(fn("a"), reducers={"any": Reducer.MERGE}, state=Object({}, open=True))) == []
    assert found(define(fn("a"), reducers={"x": Reducer.ADD}, state=Object({"x": Field(Any())}))) == []


def test_a_part_of_an_object_may_be_merged_into_it() -> None:
    state = Object({**WIDE.fields, "items": Field(List(String()))})
    reducers = {"address": Reducer.MERGE}
    merged = subgraph("ship", {}, {"address": "{'town': 'Bonn'}"})
    assert found(define(merged, reducers=reducers, state=state)) == []
    assert [code for code, _, _ in found(define(merged, state=state))] == ["E020"]


@pytest.mark.parametrize("grace_ms", [None, 0, 3_600_000])
def test_a_stop_grace_is_at_most_an_hour(grace_ms: int | None) -> None:
    assert found(define(fn("a"), stop_grace_ms=grace_ms)) == []


def test_time_may_be_limited_in_one_way_or_the_other() -> None:
    assert found(define(fn("a"), limits=WorkflowLimits(wall_time_ms=1, max_iterations=1))) == []
    assert found(define(fn("a"), timeouts=TimeoutConfig(workflow_timeout_ms=1))) == []


def test_what_runs_or_routes_may_be_stateless() -> None:
    parts = (
        each("all"),
        fn("one"),
        fn("b", effect=Effect.KEYED),
        Edge("all", "b"),
        limit_exceeded(),
        Edge("b", "stop"),
    )
    assert found(define(*parts, session_type=SessionType.STATELESS)) == []

"""Doors of the small languages: durations, times, ids, names, versions, keys, SQL and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final, cast

import apsw

from pectin.cli.given import check_comment, check_name
from pectin.core.activation import parse_activation
from pectin.core.codec import check_text
from pectin.core.duration import DURATION_MS_MAX, duration_to_json, format_duration, parse_duration
from pectin.core.error import BadValue, PectinError
from pectin.core.hint import did_you_mean, picture
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.core.record import format_time, parse_time
from pectin.core.retry import RetryPolicy
from pectin.core.timeout import TimeoutConfig
from pectin.ports.context import Context
from pectin.ports.store import DedupTaken, Statement, StatementFailed
from pectin.runtime.clock import SystemClock
from pectin.runtime.post import Post
from pectin.store.memory import MemoryStore
from pectin.store.sqlite.user_sql import UserSql
from tests.fuzz.doors.at_once import at_once
from tests.fuzz.judge import Door
from tests.fuzz.mutate import SIGNS, change_text, oddity, value
from tests.fuzz.recipe import Recipe, special, text


def drawing(*good: Recipe, foreign: bool = True) -> Callable[[Random], Recipe]:
    """Draws one of these, mostly changed, or something else altogether."""

    def draw(random: Random) -> Recipe:
        drawn, chosen = random.random(), random.choice(good)
        if drawn < 0.2:
            return (
                oddity(random, foreign=foreign) if foreign else text((random.choice(SIGNS), random.choice((1, 3_000))))
            )
        if not isinstance(chosen, str):
            return chosen
        if drawn < 0.3:
            return text((chosen, random.choice((2, 50, 5_000))))
        return chosen if drawn < 0.35 else change_text(random, chosen)

    return draw


def enter_duration(given: object) -> None:
    read = parse_duration(given)
    assert 0 <= read <= DURATION_MS_MAX
    assert parse_duration(duration_to_json(read)) == read
    format_duration(read)


def enter_time(given: object) -> None:
    read = parse_time(given)
    assert parse_time(format_time(read)) == read


def enter_id(given: Any) -> None:
    read = ExecutionId.parse(given)
    assert ExecutionId.parse(str(read)) == ExecutionId.parse(read.to_json()) == read


def enter_activation(given: Any) -> None:
    assert str(parse_activation(given)) == given


def enter_key(given: Any) -> None:
    check_text(given, "key", LIMITS.key_characters_max, may_be_blank=False)


def draw_name(random: Random) -> Recipe:
    return drawing("ann", "order-1042", "a\nb", "x\x07y", foreign=False)(random)


def enter_name(given: str) -> None:
    check_name(given, "--by", LIMITS.identifier_characters_max)
    check_comment(given, "--comment")


def draw_event(random: Random) -> Recipe:
    name = drawing("order.paid", "go", "parcel")(random)
    correlation = drawing("A-1042", "x")(random) if random.random() < 0.5 else "A-1042"
    dedup = drawing("k-1")(random) if random.random() < 0.3 else None
    return [name, correlation, value(random, foreign=True), dedup]


def enter_event(case: list[Any]) -> None:
    """An external event is kept, or refused before anything is."""
    store = MemoryStore()
    post = Post(store, cast("Any", None), SystemClock(), LIMITS, cast("Any", None), engine=False)
    assert at_once(post.send(*case))
    assert case[3] is None or not at_once(post.send(*case)), "the same message twice is one"


_SQL: Final = (
    *(
        "select 1",
        "insert into mine values (?, ?)",
        "create table mine2 (a)",
        "update mine set a = ?",
        "delete from mine",
    ),
    *(
        "select * from history",
        "pragma user_version = 1",
        "begin",
        "commit",
        "attach 'x' as y",
        "vacuum",
        "select 1; select 2",
    ),
    *("with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c", "select 1; -- done"),
    *(
        "insert into mine select randomblob(1000)",
        "drop table executions",
        "select load_extension('x')",
        "explain select 1",
    ),
)


def draw_sql(random: Random) -> Recipe:
    sql = random.choice(_SQL)
    drawn = random.random()
    if drawn < 0.12:
        comments = text((random.choice(("/**/", "-- x\n", " ", ";", "/* */ ", "(")), random.choice((3, 40, 3_000))))
        return (
            [
                special(
                    "join", "select 1;", ["/**/", random.choice((3, 40, 4_000))], random.choice(("", "x", "select 2"))
                )
            ]
            if (drawn < 0.06)
            else [comments]
        )
    parameters = [value(random, 1, foreign=True) for _ in range(random.choice((0, 0, 1, 2)))]
    return [sql if drawn < 0.4 else change_text(random, sql), *parameters]


def enter_sql(case: list[Any]) -> None:
    """What a node hands over is refused there, or by the database when it is run."""
    context = Context()
    context.sql(*case)
    connection = apsw.Connection(":memory:")
    try:
        sql = UserSql(cast("Any", connection))
        sql.run([Statement("create table mine (a, b)")])
        sql.run(context.statements)
    finally:
        connection.close()


def draw_parameters(random: Random) -> Recipe:
    sql = oddity(random, foreign=True) if random.random() < 0.3 else "select ?"
    return [sql, *(value(random, foreign=True) for _ in range(random.randint(1, 3)))]


def enter_parameters(case: list[Any]) -> None:
    Context().sql(*case)


def draw_picture(random: Random) -> Recipe:
    written = "".join(random.choice((*SIGNS, "word ", "x" * 90)) for _ in range(random.randint(0, 8)))
    return [written, random.randint(-5, 200), random.randint(-5, 200), [written[:5], *SIGNS[:30], "word"]]


def enter_picture(case: list[Any]) -> None:
    """What errors add to themselves must not fail either: these two never raise."""
    source, start, end, words = case
    assert len(picture(source, start, end).split("\n")[0]) <= 100
    did_you_mean(source, words)


_POLICY: Final = {
    "max_attempts": 3,
    "backoff": "linear",
    "initial_delay": 1,
    "max_delay": "1m",
    "jitter": False,
    "retryable_on": ["timeout", {"custom": "bank is down"}],
}
_TIMEOUTS: Final = {"node_timeout": 300, "workflow_timeout": None, "heartbeat_interval": "30s"}


def draw_policy(random: Random) -> Recipe:
    return _with_odd_field(random, _POLICY)


def draw_timeouts(random: Random) -> Recipe:
    return _with_odd_field(random, _TIMEOUTS)


def draw_limits(random: Random) -> Recipe:
    name = random.choice(Limits.__struct_fields__)
    return {name: oddity(random, foreign=True) if random.random() < 0.6 else random.choice((0, -1, 1, 1.0, "1", True))}


def _with_odd_field(random: Random, given: dict[str, Any]) -> Recipe:
    name = random.choice([*given])
    if random.random() < 0.15:
        return oddity(random, foreign=True)
    if random.random() < 0.2:
        return {key: part for key, part in given.items() if key != name}
    odd = random.choice((oddity(random, foreign=True), value(random), drawing("90s", "linear", "PT1H")(random)))
    return {**given, name: odd}


def enter_policy(given: Any) -> None:
    policy = RetryPolicy.from_json(given)
    assert RetryPolicy.from_json(policy.to_json()) == policy
    policy.delay_ms(1_000, 0.5)


def enter_timeouts(given: Any) -> None:
    timeouts = TimeoutConfig.from_json(given)
    assert TimeoutConfig.from_json(timeouts.to_json()) == timeouts


def enter_limits(given: Any) -> None:
    Limits(**given)


_DURATIONS: Final = (
    *("90s", "1h30m", "72h", "250ms", "3d", "1.5 h", "PT1H30M", "P3D", "P1W", "1min", "0s", "0.0005s", "36501d", "P1Y"),
    *(90, -1, 0, True, 1.5, special("span", -86_400_000_000), special("span", 1), special("power", 10, 400)),
    *({"secs": 90, "nanos": 0}, {"secs": -1, "nanos": 0}, {"secs": 1, "nanos": 10**9}, {"secs": "1", "nanos": 0}),
    *({"secs": special("power", 10, 5_000), "nanos": 0}, {"secs": 1}, special("pairs", [special("tuple", 1), 2])),
)
_ID: Final = "exec_0199f3c2b1e47d0c9a51c3d05e3f7c41"

DOORS: Final = (
    Door("duration", drawing(*_DURATIONS), enter_duration, (BadValue,), share=40),
    Door("time", drawing("2026-11-23T09:14:03Z", "2026-11-23 09:14:03.123456789+14:59"), enter_time, (BadValue,)),
    Door("id", drawing(_ID, "7c9e6679-7425-40de-944b-e07fc1f90ae7"), enter_id, (BadValue,), share=20),
    Door("activation", drawing("review", "act[3][1]", "score[3]#7", foreign=False), enter_activation, (BadValue,)),
    Door("key", drawing("order-1042"), enter_key, (BadValue,), share=20),
    Door("name", draw_name, enter_name, (BadValue,), share=20),
    Door("event", draw_event, enter_event, (BadValue, DedupTaken), share=40),
    Door("sql", draw_sql, enter_sql, (PectinError, StatementFailed), share=40),
    Door("parameters", draw_parameters, enter_parameters, (BadValue,), share=30),
    Door("picture", draw_picture, enter_picture, (), share=20),
    Door("policy", draw_policy, enter_policy, (BadValue,)),
    Door("timeouts", draw_timeouts, enter_timeouts, (BadValue,)),
    Door("limits", draw_limits, enter_limits, (BadValue,), share=15),
)

"""What a node's function may ask of the engine, and what a unit test makes by hand."""

import datetime
import logging
from decimal import Decimal
from typing import Any

import pytest

from pectin.core.budget import Amount, Budget
from pectin.core.error import BadValue, PectinError
from pectin.core.limits import Limits
from pectin.ports.context import BudgetExceeded, Context, Stop
from pectin.ports.store import Statement


def test_a_context_made_by_hand_beats_without_an_engine() -> None:
    context = Context(key="k")
    context.heartbeat()
    assert (context.key, context.attempt) == ("k", 1)


def test_a_heartbeat_tells_an_attempt_that_nobody_wants_it() -> None:
    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        Context(beat=stop).heartbeat()


def test_stop_is_let_through_by_what_catches_errors() -> None:
    assert not issubclass(Stop, Exception)


def test_the_log_names_the_execution_and_the_activation(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pectin.node"):
        Context(execution_id="exec_1", activation="pay[2]").log.info("paid %s", "A-1042")
    (record,) = caplog.records
    assert (record.getMessage(), record.__dict__["execution_id"], record.__dict__["activation"]) == (
        "paid A-1042",
        "exec_1",
        "pay[2]",
    )


def test_sql_is_collected_in_order() -> None:
    context = Context(key="k")
    context.sql("insert into ledger values (?, ?)", 1, "a")
    context.sql("insert into blobs values (?, ?, ?, ?)", b"\x00", 1.5, None, True)
    assert context.statements == [
        Statement("insert into ledger values (?, ?)", (1, "a")),
        Statement("insert into blobs values (?, ?, ?, ?)", (b"\x00", 1.5, None, True)),
    ]


def test_sql_that_could_run_twice_is_refused() -> None:
    context = Context(activation="pay", transactional=False)
    with pytest.raises(PectinError, match=r'`pay` is not transactional.*effect="transactional"'):
        context.sql("delete from ledger")
    assert context.statements == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), r"parameters\[1\]: Decimal is no JSON type; write str\(value\)"),
        (datetime.date(2026, 11, 23), r"parameters\[1\]: date is no JSON type; write value.isoformat\(\)"),
        ([1], r"parameters\[1\]: \[1\] is no single value; write json.dumps\(value\)"),
        ({"a": 1}, r"parameters\[1\]: .* write json.dumps\(value\)"),
        (2**63, r"parameters\[1\]: an integer beyond 64 bits"),
        (float("nan"), r"parameters\[1\]: nan is no JSON number; use null"),
        ("\ud800", r"parameters\[1\]: text with half a surrogate pair"),
        ("x" * 99, r"parameters\[1\]: 101 bytes, and 64 are allowed"),
        (b"x" * 65, r"parameters\[1\]: has 65 bytes; 64 are allowed"),
    ],
)
def test_a_parameter_that_means_another_thing_elsewhere_is_refused(value: Any, text: str) -> None:
    context = Context(limits=Limits(payload_bytes_max=64))
    with pytest.raises(BadValue, match=text):
        context.sql("insert into ledger values (?, ?)", 1, value)
    assert context.statements == []


@pytest.mark.parametrize("sql", ["", " ", None, b"select 1"])
def test_what_is_no_sql_is_refused(sql: Any) -> None:
    with pytest.raises(BadValue, match=r"^sql: "):
        Context().sql(sql)


def test_statements_have_a_limit() -> None:
    context = Context(limits=Limits(statements_max=2))
    context.sql("select 1")
    context.sql("select 2")
    with pytest.raises(PectinError, match="more than 2 statements"):
        context.sql("select 3")


def test_what_never_logs_has_nothing_to_tell() -> None:
    assert Context().take_logs(0) == []


def test_what_is_logged_is_told_once_with_the_attempt_and_the_time() -> None:
    context = Context(activation="pay", attempt=2, now=lambda: 7)
    context.log.info("paid %s", "A-1042")
    (record,) = context.take_logs(9)
    assert (record.activation, record.attempt, record.at, record.level) == ("pay", 2, 7, logging.INFO)
    assert record.message == "paid A-1042"
    assert context.take_logs(9) == []


# -- what an attempt spends -------------------------------------------------------------------------------------


def test_what_is_spent_adds_up() -> None:
    context = Context(key="k")
    assert context.spent is None
    context.spend(cost_usd="0.10", input_tokens=5)
    context.spend(cost_usd=Decimal("0.20"), output_tokens=7)
    assert context.spent == Amount("0.3", 5, 7)


def test_no_more_is_spent_than_the_ceiling_and_what_is_refused_doesn_t_count() -> None:
    context = Context(activation="write", allowed=Budget("0.10", output_tokens=20))
    context.spend(cost_usd="0.08", output_tokens=20)
    with pytest.raises(BudgetExceeded) as caught:
        context.spend(cost_usd="0.03")
    assert str(caught.value) == "`write` wants $0.03 and has spent $0.08; the ceiling of an attempt is $0.10"
    assert caught.value.error_class == "budget_exceeded"
    with pytest.raises(BudgetExceeded, match="wants 1 output tokens and has spent 20; the ceiling of an attempt is 20"):
        context.spend(output_tokens=1)
    context.spend(cost_usd="0.02")
    assert context.spent == Amount("0.1", 0, 20)


@pytest.mark.parametrize(
    ("allowed", "spent", "sort"),
    [(Budget("0"), {"cost_usd": "0.01"}, "cost_usd"), (Budget("1", 0), {"input_tokens": 1}, "input_tokens")],
)
def test_without_a_ceiling_nothing_is_spent_of_what_is_limited(allowed: Budget, spent: Any, sort: str) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        Context(activation="write", allowed=allowed).spend(**spent)
    message = f"`write` has no ceiling for `{sort}`, and so can't spend it here"
    assert str(caught.value) == f'{message}; declare the node with `ceiling={{"{sort}": ...}}`'


@pytest.mark.parametrize("spent", [{"cost_usd": 0.1}, {"cost_usd": "-1"}, {"input_tokens": 1.5}, {"output_tokens": -1}])
def test_what_is_no_amount_is_refused(spent: Any) -> None:
    context = Context(key="k")
    with pytest.raises(BadValue, match=r"^spend\."):
        context.spend(**spent)
    assert context.spent is None

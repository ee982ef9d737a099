"""What a worker reports: commands, and what goes into their commits."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.command import Complete, Fail, Reconciled, Stopped
from pectin.core.error import ErrorData
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Conclusion, Request, Result, Verdict
from pectin.ports.store import Statement, StatementFailed
from pectin.runtime.attempt import Attempt
from pectin.runtime.host import ProcessHost
from pectin.runtime.report import Reporter
from pectin.testing import VirtualClock

CLOCK = VirtualClock()
REPORTER = Reporter(ProcessHost(), CLOCK, Limits(payload_bytes_max=64, message_characters_max=20))
EXECUTION = ExecutionId.new()


class Nothing:
    """A function that is not called here."""

    is_async = True
    keys = None

    def call(self, request: Request) -> Conclusion:
        raise AssertionError


def an_attempt(*, asks: bool = False, context: Context | None = None) -> Attempt:
    context = context or Context(activation="pay", attempt=2)
    return Attempt(EXECUTION, "pay", 2, 30_000, Nothing(), context, Request({}, context, asks=asks), asks)


def test_a_result_completes() -> None:
    said = REPORTER.concluded(an_attempt(), Result({"n": 1}, ("m",), 3))
    assert said == Complete(at=CLOCK.now(), activation="pay", attempt=2, patch={"n": 1}, unset=("m",), output=3)


@pytest.mark.parametrize("result", [Result({"n": "x" * 99}), Result(output="x" * 99), Result({"n": float("inf")})])
def test_a_result_that_cannot_be_stored_has_failed_for_good(result: Result) -> None:
    said = REPORTER.concluded(an_attempt(), result)
    assert isinstance(said, Fail)
    assert (said.error.error_class, said.output) == ("bad_result", None)
    asked = REPORTER.concluded(an_attempt(asks=True), Verdict(True, result))
    assert isinstance(asked, Reconciled)
    assert (asked.happened, asked.error, asked.patch) == (None, said.error, {})


def test_an_exception_has_failed_and_says_when_to_come_again() -> None:
    class Busy(Exception):
        status_code = 429
        retry_after = 7

    said = REPORTER.raised(an_attempt(), Busy("later"))
    assert isinstance(said, Fail)
    assert (said.error.error_class, said.retry_after_ms, said.timed_out, said.abandoned) == (
        "rate_limit",
        7_000,
        False,
        False,
    )
    assert 0 <= said.draw < 1


def test_what_a_bad_result_was_is_kept() -> None:
    said = REPORTER.raised(an_attempt(), BadResult("no state", {"x": 1}))
    assert isinstance(said, Fail)
    assert (said.error, said.output) == (ErrorData("bad_result", "BadResult", "no state", attempt=2), {"x": 1})


@pytest.mark.parametrize("abandoned", [True, False])
def test_a_time_that_is_up_is_the_engines_doing(abandoned: bool) -> None:
    said = REPORTER.timed_out(an_attempt(), abandoned=abandoned)
    assert isinstance(said, Fail)
    assert (said.timed_out, said.abandoned, said.error.error_class) == (True, abandoned, "timeout")
    assert said.error.message == "no result within 30 s"


def test_an_exception_that_is_called_timeout_is_an_outcome_like_any() -> None:
    said = REPORTER.raised(an_attempt(), TimeoutError("the callee's"))
    assert isinstance(said, Fail)
    assert (said.error.error_class, said.timed_out) == ("timeout", False)


@pytest.mark.parametrize("happened", [True, False, None])
def test_a_verdict_is_about_the_attempt_in_doubt(happened: bool | None) -> None:
    said = REPORTER.concluded(an_attempt(asks=True), Verdict(happened, Result({"n": 1})))
    assert said == Reconciled(at=CLOCK.now(), activation="pay", attempt=2, happened=happened, patch={"n": 1})


def test_a_reconcile_that_fails_does_not_know() -> None:
    asking = an_attempt(asks=True)
    answers: list[Any] = [
        REPORTER.raised(asking, ValueError("away")),
        REPORTER.raised(asking, BadResult("no verdict", 3)),
        REPORTER.timed_out(asking, abandoned=True),
        REPORTER.cancelled_itself(asking),
    ]
    assert [said.happened for said in answers] == [None] * 4
    assert [said.error.error_class for said in answers] == ["ValueError", "bad_result", "timeout", "cancelled"]


def test_statements_go_with_a_completion_only_and_logs_with_anything() -> None:
    context = Context(activation="pay", attempt=2)
    attempt = an_attempt(context=context)
    context.sql("insert into ledger values (?)", 1)
    context.log.info("one")
    stopped = REPORTER.report(attempt, REPORTER.stopped(attempt))
    assert isinstance(stopped.said, Stopped)
    assert (stopped.statements, [record.message for record in stopped.logs]) == ((), ["one"])
    context.log.info("two")
    done = REPORTER.report(attempt, REPORTER.concluded(attempt, Result()))
    assert done.statements == (Statement("insert into ledger values (?)", (1,)),)
    assert [record.message for record in done.logs] == ["two"]


def test_sql_that_the_database_refuses_fails_its_attempt() -> None:
    context = Context(activation="pay", attempt=2)
    attempt = an_attempt(context=context)
    context.sql("insert into ledger values (?)", 1)
    context.log.info("one")
    done = REPORTER.report(attempt, REPORTER.concluded(attempt, Result({"n": 1})))
    failed = REPORTER.without_statements(done, StatementFailed("no such table: ledger, or so it says"))
    assert isinstance(failed.said, Fail)
    assert failed.said.error == ErrorData("sql_error", "StatementFailed", "no such t …  it says", attempt=2)
    assert (failed.said.activation, failed.said.attempt) == ("pay", 2)
    assert (failed.statements, failed.logs) == ((), done.logs)

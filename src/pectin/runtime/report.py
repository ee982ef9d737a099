"""What a worker reports of an attempt: the command for the core, and what goes into the same commit.

Whether an attempt's result can be used is decided here. One that asks about another in doubt is reported alike, with a
verdict in place of an outcome.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.budget import Amount
from pectin.core.codec import check_value
from pectin.core.command import Complete, Fail, Reconciled, Stopped
from pectin.core.definition import Json
from pectin.core.error import BadValue, ErrorData, shorten
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.ports.clock import Clock
from pectin.ports.function import BadResult, Conclusion, Result, Unanswered, Verdict
from pectin.ports.host import Host
from pectin.ports.store import LogRecord, Statement, StatementFailed
from pectin.runtime.attempt import Attempt
from pectin.runtime.failure import describe, retry_after_ms

Said = Complete | Fail | Stopped | Reconciled

UNSET = msgspec.UNSET
NOTHING = Result()


class Report(msgspec.Struct, frozen=True, gc=False):
    """What came of an attempt. Its `statements` run in the commit that completes it, its `logs` are kept with any. What
    it said `later` counts only once this is recorded."""

    execution: ExecutionId
    said: Said
    statements: Sequence[Statement] = ()
    logs: Sequence[LogRecord] = ()
    later: Report | None = None


class Reporter:
    """Puts what came of attempts into the core's terms."""

    def __init__(self, host: Host, clock: Clock, limits: Limits) -> None:
        self._host = host
        self._clock = clock
        self._limits = limits

    def report(self, attempt: Attempt, said: Said, later: Said | None = None) -> Report:
        """The report, with what the attempt has handed to its context since the last one."""
        context = attempt.context
        statements = tuple(context.statements) if isinstance(said, Complete) else ()
        logs = context.take_logs(said.at)
        return Report(attempt.execution, said, statements, logs, None if later is None else self.report(attempt, later))

    def without_statements(self, report: Report, refused: StatementFailed) -> Report:
        """The report of the same attempt, once the database has refused its SQL: it has failed."""
        said = report.said
        assert isinstance(said, Complete), "only a completion has statements"
        error = ErrorData(
            "sql_error",
            "StatementFailed",
            shorten(str(refused), self._limits.message_characters_max),
            attempt=said.attempt,
        )
        failed = self._fail(said.activation, said.attempt, error, said.spent)
        return Report(report.execution, failed, logs=report.logs)

    # -- what its function gave -------------------------------------------------------------------------------

    def concluded(self, attempt: Attempt, conclusion: Conclusion) -> Said:
        """It has returned."""
        verdict = conclusion if isinstance(conclusion, Verdict) else None
        result = conclusion if isinstance(conclusion, Result) else conclusion.result
        assert (verdict is not None) == attempt.asks, "a reconcile gives a verdict, and nothing else does"
        try:
            check_value(result.patch, "$", self._limits.payload_bytes_max)
            if result.output is not UNSET:
                check_value(result.output, "$", self._limits.payload_bytes_max)
        except BadValue as bad:
            return self._unusable(attempt, str(bad), None)
        if verdict is not None:
            return self._reconciled(attempt, verdict.happened, result)
        return Complete(
            at=self._clock.now(),
            activation=attempt.activation,
            attempt=attempt.number,
            patch=result.patch,
            unset=result.unset,
            output=result.output,
            spent=attempt.context.spent,
        )

    def raised(self, attempt: Attempt, error: BaseException) -> Said:
        """It has raised."""
        if isinstance(error, BadResult):
            return self._unusable(attempt, str(error), error.output, error.error_class)
        return self._failed(
            attempt,
            describe(error, attempt.number, self._limits),
            retry_after_ms=retry_after_ms(error),
            unanswered=isinstance(error, Unanswered),
        )

    def _unusable(self, attempt: Attempt, message: str, output: Json, error_class: str = "bad_result") -> Said:
        """The effect has happened, so the attempt is not made again; the activation fails."""
        error = ErrorData(error_class, "BadResult", message, attempt=attempt.number)
        return self._failed(attempt, error, output=output)

    # -- what the engine did with it --------------------------------------------------------------------------

    def timed_out(self, attempt: Attempt, *, abandoned: bool) -> Said:
        """Its time was up. If `abandoned`, it goes on, and what it says will be late."""
        seconds = (attempt.timeout_ms or 0) / 1000
        error = ErrorData("timeout", "TimeoutError", f"no result within {seconds:g} s", attempt=attempt.number)
        return self._failed(attempt, error, timed_out=True, abandoned=abandoned)

    def cancelled_itself(self, attempt: Attempt) -> Said:
        """It ended by a cancel that nobody had asked for."""
        error = ErrorData("cancelled", "CancelledError", "the function cancelled itself", attempt=attempt.number)
        return self._failed(attempt, error)

    def stopped(self, attempt: Attempt) -> Said:
        """It was asked to stop, and has."""
        return Stopped(at=self._clock.now(), activation=attempt.activation, attempt=attempt.number)

    # -- commands ---------------------------------------------------------------------------------------------

    def _failed(
        self,
        attempt: Attempt,
        error: ErrorData,
        *,
        output: Json | msgspec.UnsetType = UNSET,
        retry_after_ms: int | None = None,
        timed_out: bool = False,
        abandoned: bool = False,
        unanswered: bool = False,
    ) -> Said:
        if attempt.asks:
            return self._reconciled(attempt, None, error=error)
        failed = self._fail(attempt.activation, attempt.number, error, attempt.context.spent)
        return msgspec.structs.replace(
            failed,
            output=output,
            retry_after_ms=retry_after_ms,
            timed_out=timed_out,
            abandoned=abandoned,
            unanswered=unanswered,
        )

    def _fail(self, activation: str, attempt: int, error: ErrorData, spent: Amount | None) -> Fail:
        draw = self._host.draw()
        return Fail(at=self._clock.now(), activation=activation, attempt=attempt, error=error, draw=draw, spent=spent)

    def _reconciled(
        self, attempt: Attempt, happened: bool | None, result: Result = NOTHING, error: ErrorData | None = None
    ) -> Reconciled:
        return Reconciled(
            at=self._clock.now(),
            activation=attempt.activation,
            attempt=attempt.number,
            happened=happened,
            patch=result.patch,
            unset=result.unset,
            output=result.output,
            error=error,
        )

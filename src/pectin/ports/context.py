"""What a node's function may ask of the engine. In a unit test one makes it by hand: `Context(key="k")`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal

from pectin.core.budget import BUDGET_EXCEEDED, COST, NOTHING, Amount, Budget, measure, read_amount, show_limit
from pectin.core.codec import check_text, check_value
from pectin.core.definition import Json
from pectin.core.error import BadValue, PectinError, quote
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.limits import LIMITS, Limits
from pectin.ports.log import AttemptLog
from pectin.ports.store import LogRecord, Statement


class Context:
    """The attempt that a function runs in.

    `key` is the same on every attempt of one activation: hand it to a callee that knows idempotency keys.
    `attempt` counts from 1. `error` is the limit that led here (`error_class`, `type`, `message`), None if none did.
    `statements` is what `sql` was given so far, in order, and `spent` the sum of what `spend` was told.
    """

    __slots__ = (
        "_allowed",
        "_beat",
        "_execution",
        "_key",
        "_limits",
        "_log",
        "_now",
        "_transactional",
        "activation",
        "attempt",
        "error",
        "spent",
        "statements",
    )

    def __init__(
        self,
        *,
        key: str | None = None,
        attempt: int = 1,
        execution_id: ExecutionId | str = "",
        activation: str = "",
        error: Mapping[str, Json] | None = None,
        transactional: bool = True,
        beat: Callable[[], None] | None = None,
        now: Callable[[], int] | None = None,
        limits: Limits = LIMITS,
        allowed: Budget | None = None,
    ) -> None:
        self.attempt = attempt
        self.activation = activation
        self.error = error
        self.statements: list[Statement] = []
        self.spent: Amount | None = None
        self._key = key
        self._execution = execution_id
        self._transactional = transactional
        self._beat = beat
        self._now = now
        self._limits = limits
        self._allowed = allowed
        self._log: AttemptLog | None = None

    @property
    def key(self) -> str:
        """The same on every attempt of one activation."""
        if self._key is None:  # few ask for it
            execution = self._execution
            self._key = idempotency_key(execution, self.activation) if isinstance(execution, ExecutionId) else ""
        return self._key

    @key.setter
    def key(self, key: str) -> None:
        self._key = key

    @property
    def execution_id(self) -> str:
        """The execution's id, as people see it."""
        return str(self._execution)

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A standard logger that names the execution and the activation, and keeps what it is told for
        `execution.logs()`. Most attempts never ask for it."""
        if self._log is None:
            self._log = AttemptLog(self.activation, self.attempt, self._now, self._limits)
        return logging.LoggerAdapter(self._log, {"execution_id": self.execution_id, "activation": self.activation})

    def sql(self, sql: str, *parameters: str | int | float | bytes | None) -> None:
        """Run an SQL statement in the commit of this attempt's completion: once, or not at all.

        It runs after the function has returned, so it gives nothing back; if the database refuses it, the attempt has
        failed with the class `sql_error`. Only in a `transactional` node; raises `PectinError` elsewhere.
        """
        if not self._transactional:
            where = f"`{self.activation}` is not transactional"
            raise PectinError(f'{where}, so its SQL could run twice; declare the node with effect="transactional"')
        if len(self.statements) >= self._limits.statements_max:
            raise PectinError(f"more than {self._limits.statements_max} statements; join some, or split the node")
        if type(sql) is not str:
            raise BadValue("sql", f"{quote(sql)} is no text", "write one SQL statement")
        check_text(sql, "sql", self._limits.payload_bytes_max, may_be_blank=False)
        for index, value in enumerate(parameters):
            _check_parameter(value, f"parameters[{index}]", self._limits.payload_bytes_max)
        self.statements.append(Statement(sql, parameters))

    def spend(self, *, cost_usd: str | int | Decimal = 0, input_tokens: int = 0, output_tokens: int = 0) -> None:
        """Say what this attempt spends, before it is spent where that is known; it is counted whatever comes of the
        attempt. Money is exact: text, such as "0.012", a `Decimal` or whole dollars.

        Raises `BudgetExceeded`, and counts nothing of it, if that is more than the node's `ceiling`, or if the node has
        no ceiling for what the workflow limits.
        """
        given = {"cost_usd": cost_usd, "input_tokens": input_tokens, "output_tokens": output_tokens}
        more = read_amount(given, "spend")
        total = more if self.spent is None else self.spent.plus(more)
        limit = None if self._allowed is None else self._allowed.passed_by(total)
        if limit is not None:
            raise BudgetExceeded(self._refuse(limit, more))
        self.spent = total

    def _refuse(self, limit: str, more: Amount) -> str:
        most = getattr(self._allowed, limit)
        if most in (0, "0"):
            sort = "cost_usd" if limit == COST else limit
            hint = f'declare the node with `ceiling={{"{sort}": ...}}`'
            return f"`{self.activation}` has no ceiling for `{sort}`, and so can't spend it here; {hint}"
        wants, spent = (show_limit(limit, measure(limit, amount)) for amount in (more, self.spent or NOTHING))
        unit = "" if limit == COST else f" {limit.replace('_', ' ')}"
        ceiling = show_limit(limit, most)
        return f"`{self.activation}` wants {wants}{unit} and has spent {spent}; the ceiling of an attempt is {ceiling}"

    def heartbeat(self) -> None:
        """Learn whether the attempt is still wanted: raises `Stop` if it was cancelled or timed out."""
        if self._beat is not None:
            self._beat()

    def take_logs(self, at: int) -> list[LogRecord]:
        """What was logged since it was last asked; for the engine."""
        return [] if self._log is None else self._log.take(at)


class BudgetExceeded(PectinError):
    """An attempt is about to spend more than it may. Let through, it fails the attempt, which is not tried again."""

    error_class = BUDGET_EXCEEDED


class Stop(BaseException):
    """Raised by `heartbeat` in an attempt whose result nobody wants any more. Let it through."""


def _check_parameter(value: object, path: str, bytes_max: int) -> None:
    """Raise `BadValue` for what isn't the same in every database."""
    if type(value) is bytes:
        if len(value) > bytes_max:
            raise BadValue(path, f"has {len(value)} bytes", f"{bytes_max} are allowed")
    elif type(value) in (list, dict):
        raise BadValue(path, f"{quote(value)} is no single value", "write json.dumps(value)")
    else:
        check_value(value, path, bytes_max)

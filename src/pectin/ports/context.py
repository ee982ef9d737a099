"""What a node's function may ask of the engine. In a unit test one makes it by hand: `Context(key="k")`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

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
    `statements` is what `sql` was given so far, in order.
    """

    __slots__ = (
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
    ) -> None:
        self.attempt = attempt
        self.activation = activation
        self.error = error
        self.statements: list[Statement] = []
        self._key = key
        self._execution = execution_id
        self._transactional = transactional
        self._beat = beat
        self._now = now
        self._limits = limits
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

    def heartbeat(self) -> None:
        """Learn whether the attempt is still wanted: raises `Stop` if it was cancelled or timed out."""
        if self._beat is not None:
            self._beat()

    def take_logs(self, at: int) -> list[LogRecord]:
        """What was logged since it was last asked; for the engine."""
        return [] if self._log is None else self._log.take(at)


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

"""What the engine raises. Each says what happened and what one can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pectin.core.command import Refused
from pectin.core.error import ErrorData, PectinError
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution
from pectin.ports.store import StoreError


class NotFound(PectinError):
    """There is no such execution, workflow or definition."""


class Ambiguous(PectinError):
    """What was asked for could be several executions."""


class CommandRefused(PectinError):
    """A command was refused. `code` is for programs, `winner` is who got there first, if anybody did."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.code = refused.code
        self.winner = refused.winner


class ExecutionFailed(PectinError):
    """The execution ended otherwise than completed; `execution` is its record, `error` what it ended with, and `errors`
    are all failures that nothing caught, by activation, the first first."""

    def __init__(
        self,
        message: str,
        execution: WorkflowExecution,
        error: Any = None,
        errors: Mapping[str, ErrorData] | None = None,
    ) -> None:
        super().__init__(message)
        self.execution = execution
        self.error = error
        self.errors = dict(errors or {})


class ExecutionWaiting(PectinError):
    """The execution waits for a person or a distant time; nothing is lost, and it goes on when that comes."""

    def __init__(self, message: str, execution: WorkflowExecution) -> None:
        super().__init__(message)
        self.execution = execution


class Quarantined(PectinError):
    """A history can't be read or folded by this version. Its execution is left alone; others go on."""


class ChainBroken(Quarantined):
    """What is stored of a governed execution is not what was written: `seq` is the first event that can't be trusted.
    Nothing of it runs; `pectin verify` says more."""

    def __init__(self, execution: ExecutionId, seq: int, what: str) -> None:
        super().__init__(f"the chain of {execution} is broken at event {seq}: {what}")
        self.execution = execution
        self.seq = seq
        self.what = what


class AuditKeyMissing(Quarantined):
    """A governed execution can't be begun, or what is stored of it be trusted, without the audit key."""


class ChildNotRegistered(StoreError):
    """A child's workflow isn't in the store: no engine there has ever been given it. The parent is left alone."""


class EngineStopped(PectinError):
    """The engine was stopped, or has lost its store; open another."""

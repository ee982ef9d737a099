"""What the engine raises. Each says what happened and what one can do."""

from __future__ import annotations

from typing import Any

from pectin.core.command import Refused
from pectin.core.error import PectinError
from pectin.core.record import WorkflowExecution


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
    """The execution ended otherwise than completed; `execution` is its record, `error` the first failure."""

    def __init__(self, message: str, execution: WorkflowExecution, error: Any = None) -> None:
        super().__init__(message)
        self.execution = execution
        self.error = error


class ExecutionWaiting(PectinError):
    """The execution waits for a person or a distant time; nothing is lost, and it goes on when that comes."""

    def __init__(self, message: str, execution: WorkflowExecution) -> None:
        super().__init__(message)
        self.execution = execution


class Quarantined(PectinError):
    """A history can't be read or folded by this version. Its execution is left alone; others go on."""


class EngineStopped(PectinError):
    """The engine was stopped, or has lost its store; open another."""

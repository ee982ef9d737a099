"""What is asked of a governed workflow, and of one that is not and has what only governs."""

from __future__ import annotations

from typing import Final

from pectin.core.definition import Definition
from pectin.core.status import SessionType
from pectin.core.validate.report import Report

RETENTION_DAYS_MAX: Final = 36_500


def check_governed(definition: Definition, report: Report) -> None:
    """Its retention, which only a governed execution has."""
    days = definition.retention_days
    if days is None:
        return
    if not is_governed(definition):
        message = f"`retention_days` is {days}, and a `{definition.session_type}` execution has no retention"
        report.workflow(
            "E059", message, 'write `session_type="persistent_governed"`, or delete it', part="retention_days"
        )
    elif not 1 <= days <= RETENTION_DAYS_MAX:
        hint = f"write 1 to {RETENTION_DAYS_MAX}; without it, executions are kept for ever"
        report.workflow("E059", f"`retention_days` is {days}", hint, part="retention_days")


def is_governed(definition: Definition) -> bool:
    """Whether its executions are governed wherever they run."""
    return definition.session_type is SessionType.PERSISTENT_GOVERNED


def check_policy(definition: Definition, report: Report) -> None:
    """A governed execution is bound by a policy: its workflow's own, or that of the engine."""
    if definition.policy is None:
        how = "is" if is_governed(definition) else "runs inside what is"
        message = f"`{definition.id}` {how} `persistent_governed`, and no policy says what it may do"
        report.workflow("E058", message, "bind a policy to the workflow or to the engine")

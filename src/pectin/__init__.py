"""Pectin: durable workflows in Python that survive crashes, wait for people and are never done twice.

A name is imported when it is first used, so that `pectin --help` doesn't load the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pectin.authoring.blueprint import BadInput
    from pectin.authoring.document.reading import read_workflow, read_workflows
    from pectin.authoring.handle import END
    from pectin.authoring.jamjet.reading import read_jamjet
    from pectin.authoring.jamjet.writing import write_jamjet
    from pectin.authoring.tool import HttpTool, tool
    from pectin.authoring.workflow import Workflow
    from pectin.core.budget import Amount
    from pectin.core.definition import Secret
    from pectin.core.error import BadValue, ErrorData, PectinError
    from pectin.core.identity import ExecutionId
    from pectin.core.limits import Limits
    from pectin.core.policy import ApprovalRule, Policy
    from pectin.core.problem import DefinitionError
    from pectin.core.record import WorkflowExecution, WorkflowMetadata
    from pectin.core.retry import Backoff, RetryPolicy
    from pectin.core.status import InvalidTransition, NodeStatus, SessionType, WorkflowStatus
    from pectin.core.timeout import TimeoutConfig
    from pectin.ports.context import BudgetExceeded, Context
    from pectin.ports.function import DidNot, Happened, Unknown
    from pectin.ports.http import HttpRules
    from pectin.ports.store import DedupTaken, StoreBusy, StoreError
    from pectin.runtime.engine import Engine
    from pectin.runtime.error import (
        AuditKeyMissing,
        ChainBroken,
        CommandRefused,
        EngineStopped,
        ExecutionFailed,
        ExecutionWaiting,
        NotFound,
        Quarantined,
    )
    from pectin.runtime.execution import Execution, Recorded
    from pectin.runtime.preview import Lack, Preview, preview
    from pectin.runtime.run import run

__version__ = "0.1.0"

_HOMES = {
    "END": "pectin.authoring.handle",
    "Amount": "pectin.core.budget",
    "ApprovalRule": "pectin.core.policy",
    "AuditKeyMissing": "pectin.runtime.error",
    "Backoff": "pectin.core.retry",
    "BadInput": "pectin.authoring.blueprint",
    "BadValue": "pectin.core.error",
    "BudgetExceeded": "pectin.ports.context",
    "ChainBroken": "pectin.runtime.error",
    "CommandRefused": "pectin.runtime.error",
    "Context": "pectin.ports.context",
    "DedupTaken": "pectin.ports.store",
    "DefinitionError": "pectin.core.problem",
    "DidNot": "pectin.ports.function",
    "Engine": "pectin.runtime.engine",
    "EngineStopped": "pectin.runtime.error",
    "ErrorData": "pectin.core.error",
    "Execution": "pectin.runtime.execution",
    "ExecutionFailed": "pectin.runtime.error",
    "ExecutionId": "pectin.core.identity",
    "ExecutionWaiting": "pectin.runtime.error",
    "Happened": "pectin.ports.function",
    "HttpRules": "pectin.ports.http",
    "HttpTool": "pectin.authoring.tool",
    "InvalidTransition": "pectin.core.status",
    "Limits": "pectin.core.limits",
    "Lack": "pectin.runtime.preview",
    "NodeStatus": "pectin.core.status",
    "NotFound": "pectin.runtime.error",
    "PectinError": "pectin.core.error",
    "Policy": "pectin.core.policy",
    "Preview": "pectin.runtime.preview",
    "Recorded": "pectin.runtime.execution",
    "Quarantined": "pectin.runtime.error",
    "RetryPolicy": "pectin.core.retry",
    "Secret": "pectin.core.definition",
    "SessionType": "pectin.core.status",
    "StoreBusy": "pectin.ports.store",
    "StoreError": "pectin.ports.store",
    "TimeoutConfig": "pectin.core.timeout",
    "Unknown": "pectin.ports.function",
    "Workflow": "pectin.authoring.workflow",
    "WorkflowExecution": "pectin.core.record",
    "WorkflowMetadata": "pectin.core.record",
    "WorkflowStatus": "pectin.core.status",
    "preview": "pectin.runtime.preview",
    "read_jamjet": "pectin.authoring.jamjet.reading",
    "read_workflow": "pectin.authoring.document.reading",
    "read_workflows": "pectin.authoring.document.reading",
    "run": "pectin.runtime.run",
    "tool": "pectin.authoring.tool",
    "write_jamjet": "pectin.authoring.jamjet.writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return __all__


__all__ = [
    "END",
    "Amount",
    "ApprovalRule",
    "AuditKeyMissing",
    "Backoff",
    "BadInput",
    "BadValue",
    "BudgetExceeded",
    "ChainBroken",
    "CommandRefused",
    "Context",
    "DedupTaken",
    "DefinitionError",
    "DidNot",
    "Engine",
    "EngineStopped",
    "ErrorData",
    "Execution",
    "ExecutionFailed",
    "ExecutionId",
    "ExecutionWaiting",
    "Happened",
    "HttpRules",
    "HttpTool",
    "InvalidTransition",
    "Lack",
    "Limits",
    "NodeStatus",
    "NotFound",
    "PectinError",
    "Policy",
    "Preview",
    "Quarantined",
    "Recorded",
    "RetryPolicy",
    "Secret",
    "SessionType",
    "StoreBusy",
    "StoreError",
    "TimeoutConfig",
    "Unknown",
    "Workflow",
    "WorkflowExecution",
    "WorkflowMetadata",
    "WorkflowStatus",
    "__version__",
    "preview",
    "read_jamjet",
    "read_workflow",
    "read_workflows",
    "run",
    "tool",
    "write_jamjet",
]

"""What an execution and an activation can be, and what each may become.

The two tables below are the only place that says which moves are legal. The fold of events goes through
`validate_transition`, so no history can hold a move that the tables don't.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Final, TypeVar

from pectin.core.error import PectinError

E = TypeVar("E", bound=type[StrEnum])


def plain_members(cls: E) -> E:
    """Make the members of an enumeration plain attributes of it, as they are since Python 3.12: before, to read one
    runs Python."""
    for name, member in cls.__members__.items():
        type.__setattr__(cls, name, member)
    return cls


@plain_members
class WorkflowStatus(StrEnum):
    """The status of an execution."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LIMIT_EXCEEDED = "limit_exceeded"

    @property
    def is_terminal(self) -> bool:
        """Whether this is an end: nothing leaves it."""
        return not WORKFLOW_TRANSITIONS[self]

    @property
    def is_active(self) -> bool:
        """Whether the execution can still accept work."""
        return not self.is_terminal

    def validate_transition(self, next: WorkflowStatus) -> None:
        """Raise `InvalidTransition` unless an execution may go from here to `next`."""
        if next not in WORKFLOW_TRANSITIONS[self]:
            raise InvalidTransition(self, next)


@plain_members
class NodeStatus(StrEnum):
    """The status of an activation. One that waits is `running`."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_settled(self) -> bool:
        """Whether the activation is over: nothing leaves this status."""
        return not NODE_TRANSITIONS[self]

    def validate_transition(self, next: NodeStatus) -> None:
        """Raise `InvalidTransition` unless an activation may go from here to `next`."""
        if next not in NODE_TRANSITIONS[self]:
            raise InvalidTransition(self, next)


WORKFLOW_TRANSITIONS: Final[Mapping[WorkflowStatus, Set[WorkflowStatus]]] = {
    WorkflowStatus.PENDING: {WorkflowStatus.RUNNING},
    WorkflowStatus.RUNNING: {
        WorkflowStatus.PAUSED,
        WorkflowStatus.COMPLETED,
        WorkflowStatus.FAILED,
        WorkflowStatus.CANCELLED,
        WorkflowStatus.LIMIT_EXCEEDED,
    },
    WorkflowStatus.PAUSED: {WorkflowStatus.RUNNING, WorkflowStatus.CANCELLED},
    WorkflowStatus.COMPLETED: set(),
    WorkflowStatus.FAILED: set(),
    WorkflowStatus.CANCELLED: set(),
    WorkflowStatus.LIMIT_EXCEEDED: set(),
}

NODE_TRANSITIONS: Final[Mapping[NodeStatus, Set[NodeStatus]]] = {
    NodeStatus.PENDING: {
        NodeStatus.SCHEDULED,
        NodeStatus.RUNNING,  # it waits, or has children
        NodeStatus.COMPLETED,  # it routes
        NodeStatus.FAILED,
        NodeStatus.SKIPPED,
        NodeStatus.CANCELLED,
    },
    NodeStatus.SCHEDULED: {
        NodeStatus.RUNNING,
        NodeStatus.FAILED,  # a policy blocks its call, so no attempt begins
        NodeStatus.CANCELLED,
    },
    NodeStatus.RUNNING: {
        NodeStatus.SCHEDULED,  # a retry, an interruption, or an approved call
        NodeStatus.COMPLETED,
        NodeStatus.FAILED,
        NodeStatus.CANCELLED,
    },
    NodeStatus.COMPLETED: set(),
    NodeStatus.FAILED: set(),
    NodeStatus.SKIPPED: set(),
    NodeStatus.CANCELLED: set(),
}


@plain_members
class SessionType(StrEnum):
    """How durable and how governed an execution is."""

    STATELESS = "stateless"
    RESUMABLE = "resumable"
    PERSISTENT_GOVERNED = "persistent_governed"
    EPHEMERAL = "ephemeral"
    APPROVAL_GATED = "approval_gated"


class InvalidTransition(PectinError):
    """A move that the tables don't have: from `current` to `requested`."""

    def __init__(self, current: WorkflowStatus | NodeStatus, requested: WorkflowStatus | NodeStatus) -> None:
        super().__init__(current, requested)
        self.current = current
        self.requested = requested

    def __str__(self) -> str:
        subject = "an execution" if isinstance(self.current, WorkflowStatus) else "an activation"
        return f"{subject} that is {self.current} cannot become {self.requested}"

"""What happens when a limit is passed: the workflow's own node for that, once, or the end."""

from __future__ import annotations

from pectin.core.decide.close import cancel, close
from pectin.core.decide.turn import Turn
from pectin.core.duration import format_duration
from pectin.core.error import ErrorData
from pectin.core.event import LimitReached
from pectin.core.status import WorkflowStatus

WALL_TIME = "wall_time"
MAX_ITERATIONS = "max_iterations"


def reach_limit(turn: Turn, error: ErrorData, activation: str | None = None, *, may_lift: bool = True) -> None:
    """Pass a limit: everything is cancelled, and the node of `on_limit` entered; without one, or the second time, or
    where the limit can't be lifted, the execution ends as `limit_exceeded`."""
    node = turn.program.definition.on_limit
    if node is None or turn.run.limit is not None or not may_lift:
        close(turn, WorkflowStatus.LIMIT_EXCEEDED, error.error_class, error=error, activation=activation)
        return
    turn.frontier.clear()
    for name in list(turn.run.activations):
        cancel(turn, name)
    turn.emit(LimitReached(at=turn.at, error=error, node=node))
    turn.called = node


def pass_wall_time(turn: Turn) -> None:
    """The execution's time is used up."""
    run = turn.run
    wall_time_ms = turn.program.definition.wall_time_ms
    assert run.wall is not None, "only an execution with a limit on its time runs out of it"
    assert run.started_at is not None, "it runs since it was started"
    limit_ms = run.wall - run.started_at if wall_time_ms is None else wall_time_ms
    actual = format_duration(turn.at - run.started_at)
    message = f"the execution has taken {actual}; wall_time is {format_duration(limit_ms)}"
    reach_limit(turn, ErrorData(WALL_TIME, "LimitExceeded", message))

"""Children: executions of other workflows, whose ends settle the activations that spawned them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pectin.core.command import ChildEnded, Refused
from pectin.core.decide.close import close
from pectin.core.decide.settle import Outcome
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, Node
from pectin.core.error import ErrorData
from pectin.core.event import ChildSpawned, ExecutionStarted
from pectin.core.expression import Expression, to_json
from pectin.core.fit import complete as complete_input
from pectin.core.identity import ExecutionId, child_id, show_id
from pectin.core.state import Activation
from pectin.core.status import WorkflowStatus

ERROR_CLASSES = {
    WorkflowStatus.FAILED: "child_failed",
    WorkflowStatus.CANCELLED: "child_cancelled",
    WorkflowStatus.LIMIT_EXCEEDED: "child_limit_exceeded",
}
"""The class of the failure that a child's end makes."""


def spawned(
    turn: Turn,
    name: str,
    node: Node,
    variables: Mapping[str, Json],
    *,
    loop: str | None = None,
    map_name: str | None = None,
    item: int | None = None,
) -> ChildSpawned | ErrorData:
    """The child that a node asks for, or why there can't be one. Raises `EvaluationError`."""
    run = turn.run
    depth, depth_max = run.depth, turn.limits.depth_max
    if depth >= depth_max:
        message = f"`{node.id}` would be execution {depth + 1} inside one another; depth_max is {depth_max}"
        return ErrorData("too_deep", "LimitExceeded", message)
    child = node.child
    assert child is not None, "only a node with a child spawns one"
    return ChildSpawned(
        at=turn.at,
        activation=name,
        node=node.id,
        child=child_id(ExecutionId.parse(run.execution_id), name, turn.at).to_json(),
        workflow_id=child.workflow,
        workflow_version=child.version,
        input=_evaluate(turn.program.mappings[node.id].input, variables),
        loop=loop,
        map=map_name,
        item=item,
    )


def begin_child(turn: Turn) -> bool:
    """Start an execution that its parent's commit has created. False if its input can't be used: then it fails."""
    definition = turn.program.definition
    state, problems = complete_input(definition.state, turn.run.input)
    turn.emit(ExecutionStarted(at=turn.at, cause="parent", until=wall_of(turn), state=state))
    if not problems:
        return True
    error = ErrorData("bad_input", "BadInput", f"the input of `{definition.id}` can't be used: {'; '.join(problems)}")
    close(turn, WorkflowStatus.FAILED, "bad_input", error=error)
    return False


def wall_of(turn: Turn) -> int | None:
    """When the time of an execution that starts now is used up."""
    wall_time_ms = turn.program.definition.wall_time_ms
    return None if wall_time_ms is None else turn.at + wall_time_ms


def outcome_of(turn: Turn, activation: Activation, command: ChildEnded) -> Outcome | ErrorData:
    """What a child's end is to the activation that waits for it. Raises `EvaluationError`."""
    if command.status is not WorkflowStatus.COMPLETED:
        return _failure(command)
    node = turn.program.nodes[activation.node]
    kept = _evaluate(turn.program.mappings[node.id].output, {"output": command.state})
    if activation.map is not None:
        return Outcome(output=kept or command.state)
    patch = kept if node.output_key is None else {**kept, node.output_key: command.state}
    return Outcome(patch=patch, output=command.state)


def find_ended(turn: Turn, command: ChildEnded) -> Activation | Refused:
    """The activation that waits for this child."""
    activation = turn.run.activations.get(command.activation)
    if activation is None or activation.child != command.child:
        return Refused("stale", f"`{command.activation}` does not wait for {show_id(command.child)}")
    return activation


def _failure(command: ChildEnded) -> ErrorData:
    error = command.error
    detail = "" if error is None else f": {error.error_class}: {error.message}"
    message = f"{show_id(command.child)} ended as {command.status}{detail}"
    return ErrorData(ERROR_CLASSES[command.status], "ChildEnded", message)


def _evaluate(mappings: Mapping[str, Expression], variables: Mapping[str, Any]) -> dict[str, Json]:
    return {key: to_json(expression.evaluate(variables), expression.type) for key, expression in mappings.items()}

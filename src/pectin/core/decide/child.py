"""Children: executions of other workflows, whose ends settle the activations that spawned them."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.budget import allowance
from pectin.core.call import evaluate
from pectin.core.command import ChildEnded, Refused
from pectin.core.decide.close import close
from pectin.core.decide.gate import NOT_APPROVED
from pectin.core.decide.settle import Outcome
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, Node
from pectin.core.error import ErrorData
from pectin.core.event import ChildScheduled, ChildSpawned, ExecutionStarted
from pectin.core.fit import complete as complete_input
from pectin.core.identity import ExecutionId, child_id, show_id
from pectin.core.line import budgets_of
from pectin.core.state import Activation, ChildWish
from pectin.core.status import SessionType, WorkflowStatus

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
) -> ChildSpawned | ChildScheduled | ErrorData:
    """The child that a node asks for, in line for its budget if it has one, or why there can't be one. Raises
    `EvaluationError`."""
    run = turn.run
    depth, depth_max = run.depth, turn.limits.depth_max
    if depth >= depth_max:
        message = f"`{node.id}` would be execution {depth + 1} inside one another; depth_max is {depth_max}"
        return ErrorData("too_deep", "LimitExceeded", message)
    child = node.child
    assert child is not None, "only a node with a child spawns one"
    given = evaluate(turn.program.mappings[node.id].input, variables)
    if node.ceiling is not None:
        return ChildScheduled(
            at=turn.at,
            activation=name,
            node=node.id,
            workflow_id=child.workflow,
            workflow_version=child.version,
            input=given,
            ceiling=node.ceiling,
            loop=loop,
            map=map_name,
            item=item,
        )
    return ChildSpawned(
        at=turn.at,
        activation=name,
        node=node.id,
        child=_child_id(turn, name),
        workflow_id=child.workflow,
        workflow_version=child.version,
        input=given,
        loop=loop,
        map=map_name,
        item=item,
        gated=_is_gated(turn, node.id),
        part=allowance(budgets_of(run), None),
    )


def born(turn: Turn, activation: Activation, wish: ChildWish) -> ChildSpawned:
    """The child of who stood in line for its budget."""
    return ChildSpawned(
        at=turn.at,
        activation=activation.name,
        node=activation.node,
        child=_child_id(turn, activation.name),
        workflow_id=wish.workflow_id,
        workflow_version=wish.workflow_version,
        input=wish.input,
        loop=activation.loop,
        map=activation.map,
        item=activation.item,
        gated=_is_gated(turn, activation.node),
        part=allowance(budgets_of(turn.run), activation.ceiling),
    )


def _is_gated(turn: Turn, node: str) -> bool:
    child = turn.program.nodes[node].child
    return child is not None and child.gated is True


def _child_id(turn: Turn, name: str) -> str:
    return child_id(ExecutionId.parse(turn.run.execution_id), name, turn.at).to_json()


def begin_child(turn: Turn) -> bool:
    """Start an execution that its parent's commit has created. False if its input can't be used: then it fails."""
    definition = turn.program.definition
    state, problems = complete_input(definition.state, turn.run.input)
    turn.emit(ExecutionStarted(at=turn.at, cause="parent", until=wall_of(turn), state=state, budget=definition.budget))
    error = _refuse_type(turn)
    if error is None and problems:
        what = f"the input of `{definition.id}` can't be used: {'; '.join(problems)}"
        error = ErrorData("bad_input", "BadInput", what)
    if error is not None:
        close(turn, WorkflowStatus.FAILED, error.error_class, error=error)
    return error is None


def _refuse_type(turn: Turn) -> ErrorData | None:
    """Why a workflow of this session type can't be this child."""
    definition = turn.program.definition
    if definition.session_type is SessionType.EPHEMERAL:
        return ErrorData("preview_only", "PreviewOnly", f"`{definition.id}` is ephemeral: it can only be previewed")
    if turn.run.session_type is SessionType.APPROVAL_GATED and turn.program.gate is None:
        message = f"its parent counts on it, and `{definition.id}` {definition.version} is not `approval_gated`"
        return ErrorData(NOT_APPROVED, "NotApproved", message)
    return None


def wall_of(turn: Turn) -> int | None:
    """When the time of an execution that starts now is used up."""
    wall_time_ms = turn.program.definition.wall_time_ms
    return None if wall_time_ms is None else turn.at + wall_time_ms


def outcome_of(turn: Turn, activation: Activation, command: ChildEnded) -> Outcome | ErrorData:
    """What a child's end is to the activation that waits for it. Raises `EvaluationError`."""
    if command.status is not WorkflowStatus.COMPLETED:
        return _failure(command)
    node = turn.program.nodes[activation.node]
    kept = evaluate(turn.program.mappings[node.id].output, {"output": command.state})
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

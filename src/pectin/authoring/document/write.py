"""A definition as the tree of a document: what `read` makes a workflow of, with the same definition and hash.

What no document can say is refused by name. Nothing is changed in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from pectin.authoring.document.durations import write_duration
from pectin.authoring.document.write_nodes import write_nodes
from pectin.authoring.document.write_tools import write_money, write_policy, write_tools
from pectin.authoring.document.write_types import Refuse, write_state
from pectin.authoring.order import turn_of, turns_of
from pectin.core.budget import COST, LIMITS
from pectin.core.definition import Definition, Json, OnFailure, Trigger, WorkflowLimits
from pectin.core.error import PectinError
from pectin.core.schema import Object
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig


class Unsayable(PectinError):
    """A definition that no document can say. `reasons` are all that stand in the way."""

    def __init__(self, workflow: str, reasons: Sequence[str]) -> None:
        super().__init__(workflow, reasons)
        self.workflow = workflow
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        listed = "".join(f"\n  {reason}" for reason in self.reasons)
        return f"`{self.workflow}` can't be written as a document:{listed}"


def write_document(definition: Definition) -> dict[str, Json]:
    """The document of a definition. Raises `Unsayable` with all that no document can say."""
    reasons: list[str] = []
    refuse = reasons.append
    _refuse_order(definition, refuse)
    said: dict[str, Json] = {
        "workflow": definition.id,
        "version": definition.version,
        "name": definition.name,
        "description": definition.description,
        "labels": dict(definition.labels) or None,
        "session_type": _unless(SessionType.RESUMABLE, definition.session_type),
        "state": None if _is_any_object(definition.state) else write_state(definition.state, refuse),
        "reducers": {key: reducer.value for key, reducer in definition.reducers.items()} or None,
        "timeouts": _write_timeouts(definition.timeouts) or None,
        "limits": _write_limits(definition, refuse),
        "policy": write_policy(definition.policy, "the workflow", refuse),
        "retention_days": definition.retention_days,
        "on_failure": _write_on_failure(definition, refuse),
        "stop_grace": None if definition.stop_grace_ms is None else write_duration(definition.stop_grace_ms),
        "start": None if definition.start == find_start(definition) else definition.start,
        "tools": write_tools(definition, refuse),
        "nodes": write_nodes(definition, refuse),
    }
    if reasons:
        raise Unsayable(definition.id, reasons)
    return {key: value for key, value in said.items() if value is not None}


def find_start(definition: Definition) -> str | None:
    """The only node that no edge leads to, which is the start if nothing else is said."""
    targets = {edge.target for edge in definition.edges if edge.trigger is not Trigger.REPEAT}
    apart = {*definition.item_nodes(), definition.on_limit}
    nodes = [node.id for node in definition.nodes if node.run_on is None and node.id not in apart]
    found = [name for name in nodes if name not in targets]
    return found[0] if len(found) == 1 else None


def _refuse_order(definition: Definition, refuse: Refuse) -> None:
    turns = turns_of(node.id for node in definition.nodes)
    unknown = [edge for edge in definition.edges if edge.source not in turns]
    if unknown:
        refuse(f"an edge leaves `{unknown[0].source}`, and there is no such node")
        return
    ordered = sorted(definition.edges, key=lambda edge: turn_of(edge, turns))
    for edge, other in zip(definition.edges, ordered, strict=True):
        if edge != other:
            refuse(
                f"`{edge.source}` → `{edge.target}` stands where a document puts `{other.source}` → `{other.target}`"
            )
            return


def _is_any_object(state: Object) -> bool:
    return state.open and not state.fields


def _unless(usual: SessionType, value: SessionType) -> str | None:
    return None if value is usual else value.value


def _write_timeouts(timeouts: TimeoutConfig) -> dict[str, Json]:
    usual = TimeoutConfig()
    said: dict[str, Json] = {}
    for field in timeouts.__struct_fields__:
        value: int | None = getattr(timeouts, field)
        if value != getattr(usual, field):
            said[field.removesuffix("_ms")] = None if value is None else write_duration(value)
    return said


def _write_limits(definition: Definition, refuse: Refuse) -> Json:
    limits = definition.limits
    if limits is None:
        return None
    if limits == WorkflowLimits():
        refuse("it has limits that limit nothing")
    said: dict[str, Json] = {
        "max_iterations": limits.max_iterations,
        "wall_time": None if limits.wall_time_ms is None else write_duration(limits.wall_time_ms),
        **{limit: getattr(limits, limit) for limit in LIMITS},
        "on_limit": limits.on_limit,
    }
    write_money(limits.max_cost_usd, f"`{COST}` of the limits", refuse)
    return {key: value for key, value in said.items() if value is not None}


def _write_on_failure(definition: Definition, refuse: Refuse) -> str | None:
    if definition.on_failure is OnFailure.FAIL_FAST:
        refuse("`on_failure` says what is so anyway: `fail_fast`")
    return None if definition.on_failure is None else definition.on_failure.value

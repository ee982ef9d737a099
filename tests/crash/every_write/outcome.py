"""How a trial ended, so that it can be held against a calm one: without ids, times, and the order of branches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

import msgspec

from pectin.core.codec import digest
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptFailed,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeScheduled,
    NodeSkipped,
)
from pectin.core.evolve import fold
from pectin.core.identity import show_id
from pectin.core.state import Run

Histories = Mapping[str, list[AnyEvent]]
"""The events of each execution, by its id as histories show it."""

_ID = re.compile("exec_[0-9a-f]{32}")

SETTLING = (NodeCompleted, NodeFailed, NodeSkipped, NodeCancelled)


class Ended(NamedTuple):
    """One execution: its terminal status and error, its last state, and what became of each of its activations."""

    status: str
    error: Any
    state: Any
    settled: Mapping[str, Any]


def outcome(histories: Histories) -> dict[str, Ended]:
    """What became of each execution, by its role: whose child it is, or which input it had."""
    return {role: _ended(histories[execution]) for execution, role in roles(histories).items()}


def roles(histories: Histories) -> dict[str, str]:
    """The roles of executions, by id: `digest of the input/activation of the parent/…`."""
    created = {execution: created_of(events) for execution, events in histories.items()}

    def role(execution: str) -> str:
        event = created[execution]
        if event.parent is None:
            return f"{event.workflow_id} {digest(event.input)[:6]}"
        return f"{role(show_id(event.parent.execution))}/{event.parent.activation}"

    found: dict[str, str] = {}
    for execution in histories:
        name = role(execution)
        found[execution] = name if name not in found.values() else f"{name}, again"
    return found


def created_of(events: list[AnyEvent]) -> ExecutionCreated:
    first = events[0]
    assert isinstance(first, ExecutionCreated)
    return first


def nodes_of(events: Iterable[AnyEvent]) -> dict[str, str]:
    """The node of each activation that a worker was to run."""
    return {event.activation: event.node for event in events if isinstance(event, NodeScheduled)}


def entries_allowed(events: Iterable[AnyEvent]) -> dict[str, int]:
    """How often the body of each activation may have been entered if it is `once`: once, and again for each time that
    somebody said that nothing happened, or an error did."""
    allowed: dict[str, int] = {}
    for event in events:
        if isinstance(event, NodeScheduled):
            allowed[event.activation] = 1
        elif isinstance(event, AttemptFailed) or (isinstance(event, DoubtResolved) and not event.happened):
            allowed[event.activation] += 1
    return allowed


def _ended(events: list[AnyEvent]) -> Ended:
    run = fold(Run(), events)
    (end,) = [event for event in events if isinstance(event, ExecutionEnded)]
    settled = {event.activation: _settled(event) for event in events if isinstance(event, SETTLING)}
    return Ended(end.status.value, _error(end.error), _same_each_time(plain(run.data)), settled)


def _settled(event: NodeCompleted | NodeFailed | NodeSkipped | NodeCancelled) -> Any:
    told: dict[str, Any] = {"type": type(event).__name__}
    if isinstance(event, NodeCompleted):
        output = None if event.output is msgspec.UNSET else event.output
        told |= {"patch": _same_each_time(event.patch), "unset": event.unset, "output": _same_each_time(output)}
    elif isinstance(event, NodeFailed):
        told["error"] = _error(event.error)
    return told


def _error(error: ErrorData | None) -> Any:
    return None if error is None else (error.error_class, error.type, _ID.sub("EXEC", error.message))


def _same_each_time(value: Any) -> Any:
    """JSON without the numbers of attempts, which errors bring."""
    if isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        return {key: _same_each_time(each) for key, each in told.items() if key != "attempt"}
    return [_same_each_time(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


def plain(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state without the order in which branches appended."""
    return {key: sorted(value) if key == "notes" else value for key, value in state.items()}

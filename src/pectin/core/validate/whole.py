"""What is asked of the workflow as a whole: its session type, timeouts and limits, and the reducers of its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pectin.core.definition import Definition, Effect, Node, Reducer
from pectin.core.duration import DURATION_MS_MAX, format_duration
from pectin.core.error import quote
from pectin.core.hint import Guesses
from pectin.core.kind import Kind, waits
from pectin.core.schema import Any, Decimal, Float, Integer, List, Map, Object, String, describe, without_null
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.core.validate.governed import check_governed
from pectin.core.validate.report import Report

STOP_GRACE_MS_MAX: Final = 3_600_000

_REDUCED: Final[Mapping[Reducer, tuple[str, tuple[type, ...]]]] = {
    Reducer.APPEND: ("a list", (List,)),
    Reducer.UNION: ("a list", (List,)),
    Reducer.ADD: ("an int or a decimal, because it is exact", (Integer, Decimal)),
    Reducer.MAX: ("a number or a string", (Integer, Float, Decimal, String)),
    Reducer.MIN: ("a number or a string", (Integer, Float, Decimal, String)),
    Reducer.MERGE: ("an object or a map", (Object, Map)),
}
"""What each reducer takes, in words and as schemas."""


def check_whole(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """What a definition says besides its nodes and edges."""
    _check_session(definition, nodes, kinds, report)
    check_governed(definition, report)
    _check_times(definition, report)
    _check_reducers(definition, report)


def _check_session(
    definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report
) -> None:
    if definition.session_type is SessionType.STATELESS:
        for node in nodes.values():
            kind = kinds.get(node.kind)
            if kind is not None and waits(kind):
                message = f"`{node.id}` is a {node.kind}, and a stateless execution can't wait: nothing of it is kept"
                report.node(node.id, "E040", message, "make the workflow `resumable`")
            elif node.effect in (Effect.ONCE, Effect.TRANSACTIONAL):
                message = f"`{node.id}` is `{node.effect}`, and a stateless execution keeps no record of its attempts"
                report.node(node.id, "E040", message, "make the workflow `resumable`, or the node `keyed`")


def _check_times(definition: Definition, report: Report) -> None:
    if definition.timeouts.heartbeat_interval_ms != TimeoutConfig().heartbeat_interval_ms:
        message = "`heartbeat_interval`, for workers in other processes than the engine's, is not there yet"
        report.workflow(
            "E023",
            message,
            "leave it out: an operating system lock shows that an engine lives",
            part="timeouts.heartbeat_interval_ms",
        )
    grace_ms = definition.stop_grace_ms
    if grace_ms is not None and not 0 <= grace_ms <= STOP_GRACE_MS_MAX:
        hint = f"write 0 to {format_duration(STOP_GRACE_MS_MAX)}"
        report.workflow("E022", f"{quote(grace_ms)} ms is no `stop_grace`", hint, part="stop_grace_ms")
    limits = definition.limits
    if limits is None:
        return
    if limits.max_iterations is not None and limits.max_iterations < 1:
        message = f"the limits: `max_iterations` is {limits.max_iterations}"
        report.workflow("E038", message, "write a whole number from 1 on", part="limits.max_iterations")
    if limits.wall_time_ms is not None and not 1 <= limits.wall_time_ms <= DURATION_MS_MAX:
        message = f"the limits: {quote(limits.wall_time_ms)} ms is no `wall_time`"
        report.workflow("E022", message, "write more than nothing, and at most 100 years", part="limits.wall_time_ms")
    if limits.wall_time_ms is not None and definition.timeouts.workflow_timeout_ms is not None:
        message = "`wall_time` of the limits and `workflow_timeout` of the timeouts are the same limit"
        report.workflow("E038", message, "delete one", part="limits.wall_time_ms")


def _check_reducers(definition: Definition, report: Report) -> None:
    fields = definition.state.fields
    guess = Guesses(fields)
    for key, reducer in definition.reducers.items():
        declared = fields.get(key)
        if declared is None:
            if not definition.state.open:
                hint = guess(key) or "declare it there"
                report.workflow(
                    "E029", f"`{key}` has a reducer, and the state has no such field", hint, part=f"reducers.{key}"
                )
            continue
        takes, schemas = _REDUCED[reducer]
        if not isinstance(without_null(declared.schema), (Any, *schemas)):
            message = f"`{reducer}` is the reducer of `{key}`, which is {describe(declared.schema)}"
            report.workflow("E029", message, f"it takes {takes}", part=f"reducers.{key}")

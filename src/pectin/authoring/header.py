"""Reads what is said of a workflow as a whole. What can't be used is noted at the workflow's line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack, cast

from pectin.authoring.decorator import LimitOptions
from pectin.authoring.draft import Draft, Duration, Header
from pectin.core.budget import COST, LIMITS, read_money, read_tokens
from pectin.core.definition import OnFailure, Reducer, WorkflowLimits
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig


def read_header(
    draft: Draft,
    id: object,
    version: object,
    *,
    name: object = None,
    description: object = None,
    session_type: object = SessionType.RESUMABLE,
    timeouts: object = None,
    reducers: object = None,
    on_failure: object = None,
    stop_grace: Duration | None = None,
    policy: object = None,
    retention_days: object = None,
    labels: object = None,
    **limits: Unpack[LimitOptions],
) -> Header:
    """The header of a draft, with the usual values where what is said can't be used."""
    return Header(
        id=_read_text(draft, id, "id", instead="workflow"),
        version=_read_text(draft, version, "version", instead="0.0.0-dev"),
        name=None if name is None else _read_text(draft, name, "name"),
        description=None if description is None else _read_text(draft, description, "description"),
        session_type=_read_session_type(draft, session_type),
        timeouts=_read_timeouts(draft, timeouts),
        reducers=_read_reducers(draft, {} if reducers is None else reducers),
        on_failure=_read_on_failure(draft, on_failure),
        stop_grace_ms=draft.read_duration(stop_grace, draft.place, "the workflow's stop_grace", may_be_zero=True),
        policy=draft.read_policy(policy, draft.place, "the workflow"),
        retention_days=draft.read_number(retention_days, draft.place, "E027", "the workflow's retention_days"),
        limits=_read_limits(draft, **limits),
        labels=draft.read_labels(labels, draft.place, "the workflow", "E027"),
    )


def _read_limits(
    draft: Draft,
    *,
    max_iterations: object = None,
    wall_time: Duration | None = None,
    **spending: object,
) -> WorkflowLimits:
    read: dict[str, Any] = {}
    for name, value in spending.items():
        if name not in LIMITS:
            raise TypeError(f"Workflow() got an unexpected keyword argument {name!r}")
        try:
            read[name] = None if value is None else (read_money if name == COST else read_tokens)(value, name)
        except BadValue as error:
            draft.note(draft.place, "E050", f"the workflow's {error.path}: {error.what}", error.hint)
    return WorkflowLimits(
        max_iterations=draft.read_number(max_iterations, draft.place, "E027", "the workflow's max_iterations"),
        wall_time_ms=draft.read_duration(wall_time, draft.place, "the workflow's wall_time"),
        **read,
    )


def _read_text(draft: Draft, value: object, what: str, instead: str = "") -> str:
    if isinstance(value, str):
        return value
    draft.note(draft.place, "E027", f"the workflow's {what}, {quote(value)}, is no text", "write it in quotes")
    return instead


def _read_session_type(draft: Draft, value: object) -> SessionType:
    try:
        return SessionType(cast(SessionType, value))
    except ValueError:
        _note_unknown(draft, f"the workflow's session type, {quote(value)}, is unknown", value, SessionType)
        return SessionType.RESUMABLE


def _read_timeouts(draft: Draft, value: object) -> TimeoutConfig:
    if isinstance(value, TimeoutConfig):
        return value
    if value is not None:
        hint = "write `TimeoutConfig(node_timeout_ms=...)`"
        draft.note(draft.place, "E027", f"the workflow's timeouts, {quote(value)}, are no TimeoutConfig", hint)
    return TimeoutConfig()


def _read_reducers(draft: Draft, value: object) -> Mapping[str, Reducer]:
    if not isinstance(value, Mapping):
        hint = 'write `{"key": "append"}`'
        draft.note(draft.place, "E027", f"the workflow's reducers, {quote(value)}, are no mapping", hint)
        return {}
    reducers: dict[str, Reducer] = {}
    for key, name in cast("Mapping[Any, object]", value).items():
        if name in tuple(Reducer):
            reducers[str(key)] = Reducer(cast(str, name))
        else:
            _note_unknown(draft, f"the reducer of `{key}`, {quote(name)}, is unknown", name, Reducer)
    return reducers


def _read_on_failure(draft: Draft, value: object) -> OnFailure | None:
    """None stands for `fail_fast`, as in a definition that says nothing."""
    if value is None or value == OnFailure.FAIL_FAST:
        return None
    if value == OnFailure.WAIT:
        return OnFailure.WAIT
    _note_unknown(draft, f"the workflow's on_failure, {quote(value)}, is unknown", value, OnFailure)
    return None


def _note_unknown(draft: Draft, message: str, value: object, known: Iterable[str]) -> None:
    hint = did_you_mean(value, known) if isinstance(value, str) else ""
    draft.note(draft.place, "E027", message, hint or f"use one of {', '.join(known)}")

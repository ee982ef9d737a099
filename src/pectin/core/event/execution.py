"""Facts about an execution as a whole."""

from __future__ import annotations

import msgspec

from pectin.core.budget import Budget
from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.event.base import Event
from pectin.core.status import SessionType, WorkflowStatus


class Parent(msgspec.Struct, frozen=True, gc=False):
    """Whose child an execution is: the parent's id, and the activation that waits for it. `depth` counts executions
    inside one another, 2 for the child of one that has no parent."""

    execution: str
    activation: str
    depth: int


class ExecutionCreated(Event, tag="execution_created", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An execution exists. `input` is what was given, with its defaults filled in; `state` is the first state, which a
    child only gets when it starts, and `part` what its parent lets it spend."""

    execution_id: str
    workflow_id: str
    workflow_version: str
    definition: str
    input: Json
    state: dict[str, Json]
    key: str | None = None
    by: str | None = None
    session_type: SessionType | None = None
    parent: Parent | None = None
    part: Budget | None = None


class ExecutionStarted(Event, tag="execution_started", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running. `cause` says why when nobody asked for it. `until` is when its wall time is used up, `state`
    a child's first state, `budget` the limits of its own on what it spends."""

    cause: str | None = None
    until: int | None = None
    state: dict[str, Json] | None = None
    budget: Budget | None = None


class ExecutionPaused(Event, tag="execution_paused", frozen=True, gc=False, kw_only=True):
    """running to paused: nothing can go on until somebody or the clock says so."""


class ExecutionResumed(Event, tag="execution_resumed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """paused to running. `cause` is what happened: a decision, a timer, a cancel."""

    cause: str | None = None


class ClosingBegan(Event, tag="closing_began", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The end is decided: which one, and why. Nothing starts after this but finalizers.

    `grace_until` is when attempts that don't stop are no longer waited for.
    """

    to: WorkflowStatus
    cause: str
    grace_until: int
    error: ErrorData | None = None
    activation: str | None = None
    by: str | None = None


class CancelRequested(Event, tag="cancel_requested", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A cancel came while the execution was closing: finalizers that don't run on `always` are cut, and waited for
    until `grace_until`."""

    grace_until: int = 0
    by: str | None = None
    reason: str | None = None


class ExecutionEnded(Event, tag="execution_ended", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """running to a terminal status. The last event of a history, but for late results."""

    status: WorkflowStatus
    error: ErrorData | None = None


class ExecutionHeld(Event, tag="execution_held", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An operator holds it: what happens is recorded, and nothing starts. `inherited`: its parent was held."""

    by: str | None = None
    reason: str | None = None
    inherited: bool = False


class HoldReleased(Event, tag="hold_released", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """It goes on. `cause` says why when nobody asked for it."""

    by: str | None = None
    cause: str | None = None


class LimitReached(Event, tag="limit_reached", frozen=True, gc=False, kw_only=True):
    """A limit is passed, and `node` is entered instead of the end. Everything else was cancelled before this, and no
    limit of this kind applies any more."""

    error: ErrorData
    node: str


class MessageReceived(Event, tag="message_received", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A signal, or with a `correlation` an external event. It is kept until a wait takes it (`NodeCompleted.message`).

    `dedup` is the sender's key for this message.
    """

    name: str
    payload: Json = None
    correlation: str | None = None
    dedup: str | None = None
    by: str | None = None

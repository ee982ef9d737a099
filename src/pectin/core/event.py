"""Facts, in the past tense. State is a fold of them and of nothing else.

Each event is frozen, carries the time at which its command was decided (`at`, milliseconds since the epoch, UTC)
and all that the fold needs: it never looks at a definition, so an old history folds under any code. The tag on disk
is the event's name; a changed shape gets a new tag (`node_completed@2`) and an upcaster in `UPCASTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pectin.core.definition import Json
from pectin.core.error import ErrorData, PectinError
from pectin.core.retry import RetryPolicy
from pectin.core.status import SessionType, WorkflowStatus


class UnknownEvent(PectinError):
    """A stored event that this version of Pectin does not know. It stops its execution and no other."""


class Event(
    msgspec.Struct,
    frozen=True,
    gc=False,
    omit_defaults=True,
    tag_field="type",
    kw_only=True,
    forbid_unknown_fields=True,
):
    """What all events have."""

    at: int


class Route(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where a settled activation leads: its edges, resolved.

    `taken` and `dead` are activations in the same iteration. Edges that leave the innermost loop are held by it until
    it ends: `exits`, `error_exits` (taken on failure: they end the loop) and `dead_exits` are the nodes they lead to.
    A target stands once for each edge to it.
    `collected` are those of `taken` that keep what arrives (joins), `collected_exits` those of the exits.
    """

    taken: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    exits: tuple[str, ...] = ()
    error_exits: tuple[str, ...] = ()
    dead_exits: tuple[str, ...] = ()
    collected: tuple[str, ...] = ()
    collected_exits: tuple[str, ...] = ()
    repeats: bool = False


class Settling(Event, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An event that settles an activation, once and for all. `loop` is the innermost loop that counts it."""

    activation: str
    route: Route = Route()
    loop: str | None = None


# -- the execution ----------------------------------------------------------------------------------------------


class ExecutionCreated(Event, tag="execution_created", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An execution exists. `input` is what was given, with its defaults filled in; `state` is the first state."""

    execution_id: str
    workflow_id: str
    workflow_version: str
    definition: str
    input: Json
    state: dict[str, Json]
    key: str | None = None
    by: str | None = None
    session_type: SessionType | None = None


class ExecutionStarted(Event, tag="execution_started", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running. `cause` says why when nobody asked for it."""

    cause: str | None = None


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
    """A cancel came while the execution was closing: finalizers that don't run on `always` are cut."""

    by: str | None = None
    reason: str | None = None


class ExecutionEnded(Event, tag="execution_ended", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """running to a terminal status. The last event of a history, but for late results."""

    status: WorkflowStatus
    error: ErrorData | None = None


# -- attempts ---------------------------------------------------------------------------------------------------


class NodeScheduled(Event, tag="node_scheduled", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to scheduled, or with `begun_by` on to running: a worker is to run the activation.

    It carries the policy it was decided with, so that history does not depend on today's code. `loop` is the innermost
    loop; `item` is set for an item of a map (`map` is the map's activation).
    """

    activation: str
    node: str
    timeout_ms: int | None = 300_000
    retry: RetryPolicy | None = None
    begun_by: str | None = None
    loop: str | None = None
    map: str | None = None
    item: int | None = None


class AttemptBegun(Event, tag="attempt_begun", frozen=True, gc=False, kw_only=True):
    """scheduled to running: a worker runs this attempt now."""

    activation: str
    attempt: int
    by: str


class AttemptFailed(Event, tag="attempt_failed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """running to scheduled: the attempt failed and the policy allows another, not before `not_before`.

    `abandoned`: the attempt was timed out and may still be running somewhere; its result will be refused.
    """

    activation: str
    attempt: int
    error: ErrorData
    not_before: int
    abandoned: bool = False


class AttemptInterrupted(Event, tag="attempt_interrupted", frozen=True, gc=False, kw_only=True):
    """running to scheduled: the attempt was cut off without an outcome. It uses up none."""

    activation: str
    attempt: int
    reason: str


class AttemptStopped(Event, tag="attempt_stopped", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An attempt that no longer counts is known to have stopped.

    `late` says what came of it after all: `completed` or `failed`; it was recorded and not applied.
    """

    activation: str
    attempt: int
    late: str | None = None
    error: ErrorData | None = None


# -- activations ------------------------------------------------------------------------------------------------


class NodeWaiting(Event, tag="node_waiting", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running: it waits, for a person if there are `decisions`, else for the time `until`."""

    activation: str
    node: str
    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    digest: str | None = None
    until: int | None = None
    loop: str | None = None


class NodeMapped(Event, tag="node_mapped", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running: it runs `item_node` for each of `items`, which are recorded here."""

    activation: str
    node: str
    item_node: str
    items: list[Json]
    loop: str | None = None


class NodeCompleted(Settling, tag="node_completed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to completed. `patch` sets whole keys of the state, `unset` removes some; `output` only where it isn't the patch.

    `by` is who decided, for an approval.
    """

    attempt: int = 0
    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET
    by: str | None = None
    comment: str | None = None


class NodeFailed(Settling, tag="node_failed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to failed, beyond the policy. `output` is what a result was that could not be used.

    `abandoned`: as in `AttemptFailed`.
    """

    error: ErrorData
    attempt: int = 0
    output: Json | msgspec.UnsetType = msgspec.UNSET
    abandoned: bool = False


class NodeSkipped(Settling, tag="node_skipped", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to skipped: every way to it is dead, and so is every way on."""


class NodeCancelled(Settling, tag="node_cancelled", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to cancelled. With `attempt`, an attempt was running: it is asked to stop and its result will be refused."""

    attempt: int = 0


# -- loops ------------------------------------------------------------------------------------------------------


class LoopRepeated(Event, tag="loop_repeated", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The next iteration begins; `forgotten` are the exits of the last one, which are not taken."""

    loop: str
    iteration: int
    forgotten: tuple[str, ...] = ()


class LoopEnded(Event, tag="loop_ended", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The loop is over and its exits are resolved. `outer` is the loop around it."""

    loop: str
    route: Route = Route()
    outer: str | None = None


EVENTS = (
    ExecutionCreated,
    ExecutionStarted,
    ExecutionPaused,
    ExecutionResumed,
    ClosingBegan,
    CancelRequested,
    ExecutionEnded,
    NodeScheduled,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    NodeWaiting,
    NodeMapped,
    NodeCompleted,
    NodeFailed,
    NodeSkipped,
    NodeCancelled,
    LoopRepeated,
    LoopEnded,
)
"""Every kind of event, in the order of the reference."""

AnyEvent = (
    ExecutionCreated
    | ExecutionStarted
    | ExecutionPaused
    | ExecutionResumed
    | ClosingBegan
    | CancelRequested
    | ExecutionEnded
    | NodeScheduled
    | AttemptBegun
    | AttemptFailed
    | AttemptInterrupted
    | AttemptStopped
    | NodeWaiting
    | NodeMapped
    | NodeCompleted
    | NodeFailed
    | NodeSkipped
    | NodeCancelled
    | LoopRepeated
    | LoopEnded
)

UPCASTERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From an old tag to a function that makes the next version of the event, as decoded dicts."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[AnyEvent])


def encode_events(events: Sequence[AnyEvent]) -> bytes:
    """A JSON array of the events."""
    return _encoder.encode(events)


def decode_events(body: bytes) -> list[AnyEvent]:
    """The events of a stored row; raises `UnknownEvent` for one that nobody here knows."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return _decode_old(body)


def _decode_old(body: bytes) -> list[AnyEvent]:
    try:
        raw = msgspec.json.decode(body, type=list[dict[str, Any]])
        return msgspec.convert([_upcast(event) for event in raw], list[AnyEvent])
    except msgspec.DecodeError as problem:
        raise UnknownEvent(f"a stored event can't be read: {problem}") from problem


def _upcast(event: dict[str, Any]) -> dict[str, Any]:
    while (upcaster := UPCASTERS.get(event.get("type", ""))) is not None:
        event = upcaster(event)
    return event

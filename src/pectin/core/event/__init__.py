"""Facts, in the past tense. State is a fold of them and of nothing else.

Each event is frozen, carries the time at which its command was decided (`at`, milliseconds since the epoch, UTC)
and all that the fold needs: it never looks at a definition, so an old history folds under any code. The tag on disk
is the event's name; a changed shape gets a new tag (`node_completed@2`) and an upcaster in `UPCASTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec.structs import force_setattr, replace

from pectin.core.error import PectinError, shorten
from pectin.core.event.activation import (
    ChildScheduled,
    ChildSpawned,
    LoopEnded,
    LoopRepeated,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeSkipped,
    NodeWaiting,
)
from pectin.core.event.attempt import (
    TIMEOUT_MS,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    NodeQuarantined,
    NodeScheduled,
    QuarantineReleased,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.event.base import (
    NOWHERE,
    SAME_TIME,
    Event,
    Route,
    Settling,
)
from pectin.core.event.budget import BudgetAwaited, BudgetReserved, BudgetReturned, BudgetSettled
from pectin.core.event.call import Call, CallApproved, CallParked
from pectin.core.event.execution import (
    CancelRequested,
    ClosingBegan,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    HoldReleased,
    LimitReached,
    MessageReceived,
    Parent,
)

__all__ = [
    "EVENTS",
    "NOWHERE",
    "TIMEOUT_MS",
    "UPCASTERS",
    "AnyEvent",
    "AttemptBegun",
    "AttemptFailed",
    "AttemptInterrupted",
    "AttemptStopped",
    "BudgetAwaited",
    "BudgetReserved",
    "BudgetReturned",
    "BudgetSettled",
    "Call",
    "CallApproved",
    "CallParked",
    "CancelRequested",
    "ChildScheduled",
    "ChildSpawned",
    "ClosingBegan",
    "DoubtLeft",
    "DoubtRaised",
    "DoubtResolved",
    "Event",
    "ExecutionCreated",
    "ExecutionEnded",
    "ExecutionHeld",
    "ExecutionPaused",
    "ExecutionResumed",
    "ExecutionStarted",
    "HoldReleased",
    "LimitReached",
    "LoopEnded",
    "LoopRepeated",
    "MessageReceived",
    "NodeCancelled",
    "NodeCompleted",
    "NodeFailed",
    "NodeMapped",
    "NodeQuarantined",
    "NodeScheduled",
    "NodeSkipped",
    "NodeWaiting",
    "Parent",
    "QuarantineReleased",
    "ReconcileBegun",
    "ReconcileInterrupted",
    "Route",
    "Settling",
    "UnknownEvent",
    "decode_events",
    "encode_events",
]


class UnknownEvent(PectinError):
    """A stored event that this version of Pectin does not know. It stops its execution and no other."""


AnyEvent = (
    ExecutionCreated
    | ExecutionStarted
    | ExecutionPaused
    | ExecutionResumed
    | ClosingBegan
    | CancelRequested
    | ExecutionHeld
    | HoldReleased
    | LimitReached
    | MessageReceived
    | ExecutionEnded
    | NodeScheduled
    | AttemptBegun
    | AttemptFailed
    | AttemptInterrupted
    | AttemptStopped
    | NodeQuarantined
    | QuarantineReleased
    | DoubtRaised
    | ReconcileBegun
    | ReconcileInterrupted
    | DoubtLeft
    | DoubtResolved
    | CallParked
    | CallApproved
    | BudgetReserved
    | BudgetSettled
    | BudgetReturned
    | BudgetAwaited
    | NodeWaiting
    | NodeMapped
    | ChildScheduled
    | ChildSpawned
    | NodeCompleted
    | NodeFailed
    | NodeSkipped
    | NodeCancelled
    | LoopRepeated
    | LoopEnded
)

EVENTS: Final[tuple[type[Event], ...]] = get_args(AnyEvent)
"""Every kind of event, in the order of the reference."""

UPCASTERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From an old tag to a function that makes the next version of the event, as decoded dicts."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[AnyEvent])
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for bytes that are no JSON, no UTF-8, or without end."""


def encode_events(events: Sequence[AnyEvent]) -> bytes:
    """A JSON array of the events. One that happened when the first did doesn't say so again."""
    first = events[:1]
    rest = [replace(event, at=SAME_TIME) if event.at == first[0].at else event for event in events[1:]]
    return _encoder.encode([*first, *rest])


def decode_events(body: bytes) -> list[AnyEvent]:
    """The events of a stored row; raises `UnknownEvent` for one that nobody here knows."""
    try:
        events = _decoder.decode(body)
    except _UNREADABLE:
        events = _decode_old(body)
    for event in events:
        if event.at == SAME_TIME:
            if events[0].at == SAME_TIME:
                raise UnknownEvent("a stored event can't be read: nothing says when it happened")
            force_setattr(event, "at", events[0].at)
    return events


def _decode_old(body: bytes) -> list[AnyEvent]:
    try:
        raw = msgspec.json.decode(body, type=list[dict[str, Any]])
        for event in raw[1:]:
            event.setdefault("at", raw[0].get("at"))  # an upcaster may ask for it
        return msgspec.convert([_upcast(event) for event in raw], list[AnyEvent])
    except _UNREADABLE as problem:
        raise UnknownEvent(f"a stored event can't be read: {shorten(str(problem), 500)}") from problem


def _upcast(event: dict[str, Any]) -> dict[str, Any]:
    while isinstance(tag := event.get("type"), str) and (upcaster := UPCASTERS.get(tag)) is not None:
        event = upcaster(event)
    return event

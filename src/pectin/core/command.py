"""Requests. `decide` answers each of them; none of them raises.

A command carries what the core must not find out by itself: the time (`at`, milliseconds since the epoch), a random
`draw` in [0, 1) for jitter, and who could begin work in the same commit (`begin`).
"""

from __future__ import annotations

import msgspec

from pectin.core.budget import NOTHING, Amount
from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.status import WorkflowStatus


class Begin(msgspec.Struct, frozen=True, gc=False):
    """A worker with free slots: what becomes ready is begun by it in the same commit, but for the nodes that it
    doesn't have the functions for (`unable`)."""

    worker: str
    slots: int
    unable: frozenset[str] = frozenset()


class Command(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What all commands have."""

    at: int
    begin: Begin | None = None


class Start(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """Create an execution and start it. `input` is what was given, with its defaults; `state` is the first state."""

    execution_id: str
    input: Json
    state: dict[str, Json]
    definition: str
    key: str | None = None
    by: str | None = None


class Complete(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """An attempt's result. `output` only where it isn't the patch; `spent` is what it said it has spent."""

    activation: str
    attempt: int
    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET
    spent: Amount | None = None


class Fail(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """An attempt's error; `output` is what came with it (a result that can't be used).

    `retry_after_ms` is how long the callee wants to be left alone; `spent`: as in `Complete`. `timed_out`: its time was
    up, so the error is the engine's and no outcome of its own; `abandoned`: it may still be running. `unanswered`: what
    it asked of another system went out, and nobody knows what came of it.
    """

    activation: str
    attempt: int
    error: ErrorData
    draw: float = 0.0
    output: Json | msgspec.UnsetType = msgspec.UNSET
    retry_after_ms: int | None = None
    timed_out: bool = False
    abandoned: bool = False
    spent: Amount | None = None
    unanswered: bool = False


class Interrupt(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """Attempts were cut off without an outcome: `attempts` by activation, or all that are running if None."""

    reason: str
    attempts: dict[str, int] | None = None


class Stopped(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """An attempt that was asked to stop has stopped without a result."""

    activation: str
    attempt: int


class Decide(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """A person's decision. `activation` may be a node id if it waits only once.

    `digest` is of the request that the person saw; another one is refused. `edits` are new values of editable keys.
    """

    activation: str | None
    decision: str
    by: str
    comment: str | None = None
    digest: str | None = None
    edits: dict[str, Json] = {}


class Signal(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """A message for whoever waits for the signal `name`, now or later. With the same `dedup` it is accepted once."""

    name: str
    payload: Json = None
    dedup: str | None = None
    by: str | None = None


class Deliver(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """An external event from the store's inbox, for the wait that it matches there."""

    activation: str
    name: str
    correlation: str
    payload: Json = None


class ChildEnded(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """The child of an activation has ended, with this last state, or with an error, and has spent so much."""

    activation: str
    child: str
    status: WorkflowStatus
    state: dict[str, Json] = {}
    error: ErrorData | None = None
    spent: Amount = NOTHING


class Hold(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """Let nothing more of it start until somebody releases it. `inherited`: because its parent is held."""

    by: str | None = None
    reason: str | None = None
    inherited: bool = False


class Release(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """Go on: the hold is over, and so is every quarantine. `inherited`: because its parent goes on."""

    by: str | None = None
    inherited: bool = False


class Reconciled(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """What a node's `reconcile` says of its attempt in doubt: it `happened`, with this result, or it did not (False),
    or nobody knows (None), perhaps because of an `error`."""

    activation: str
    attempt: int
    happened: bool | None
    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET
    error: ErrorData | None = None


class Resolve(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """A person says whether an attempt in doubt `happened`, and with which `result`: the keys of the state that it set,
    or with an `output_key` that key's value, or for an item its output.

    `activation` may be a node id, or None if only one is in doubt. `attempt` is needed if it was in doubt before: a
    repeated command must not speak of an attempt that its sender doesn't know.
    """

    activation: str | None
    happened: bool
    by: str
    result: Json = None
    comment: str | None = None
    attempt: int | None = None


class Wake(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """The time `at` has come: deadlines, timers and graces that are due pass, in due order, and if a worker has free
    slots (`begin`), what is ready begins."""


class Cancel(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """End the execution as cancelled. `inherited`: because its parent has no use for it any more."""

    by: str | None = None
    reason: str | None = None
    inherited: bool = False


AnyCommand = (
    Start
    | Complete
    | Fail
    | Interrupt
    | Stopped
    | Decide
    | Signal
    | Deliver
    | ChildEnded
    | Hold
    | Release
    | Reconciled
    | Resolve
    | Wake
    | Cancel
)


# -- answers ----------------------------------------------------------------------------------------------------


class Done(msgspec.Struct, frozen=True, gc=False):
    """It was done, by the events of this command. `note` says where that is less than what was asked for."""

    note: str | None = None


class Already(msgspec.Struct, frozen=True, gc=False):
    """The same thing was done before: what, and by whom if anybody."""

    what: str
    by: str | None = None


class Refused(msgspec.Struct, frozen=True, gc=False):
    """It can't be done: `reason` is for people, `code` for programs; `winner` is who got there first."""

    code: str
    reason: str
    winner: str | None = None


Answer = Done | Already | Refused

"""Requests. `decide` answers each of them; none of them raises.

A command carries what the core must not find out by itself: the time (`at`, milliseconds since the epoch), a random
`draw` in [0, 1) for jitter, and who could begin work in the same commit (`begin`).
"""

from __future__ import annotations

import msgspec

from pectin.core.definition import Json
from pectin.core.error import ErrorData


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
    """An attempt's result. `output` only where it isn't the patch."""

    activation: str
    attempt: int
    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET


class Fail(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """An attempt's error; `output` is what came with it (a result that can't be used).

    `retry_after_ms` is how long the callee wants to be left alone. `timed_out`: the attempt may still be running.
    """

    activation: str
    attempt: int
    error: ErrorData
    draw: float = 0.0
    output: Json | msgspec.UnsetType = msgspec.UNSET
    retry_after_ms: int | None = None
    timed_out: bool = False


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

    `digest` is of the request that the person saw; another one is refused.
    """

    activation: str | None
    decision: str
    by: str
    comment: str | None = None
    digest: str | None = None


class Wake(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """The time `at` has come: deadlines, timers and graces that are due pass, in due order, and if a worker has free
    slots (`begin`), what is ready begins."""


class Cancel(Command, tag=True, frozen=True, gc=False, kw_only=True):
    """End the execution as cancelled."""

    by: str | None = None
    reason: str | None = None


AnyCommand = Start | Complete | Fail | Interrupt | Stopped | Decide | Wake | Cancel


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

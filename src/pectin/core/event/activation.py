"""Facts about activations and the loops that they make."""

from __future__ import annotations

import msgspec

from pectin.core.budget import Amount, Budget
from pectin.core.definition import Json, Reducer
from pectin.core.error import ErrorData
from pectin.core.event.base import NOWHERE, Event, Route, Settling


class NodeWaiting(Event, tag="node_waiting", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running: it waits, for a person if there are `decisions`, else for a signal, an event or the time
    `until`, whichever comes first.

    `editable` are the keys that a decision may change, with the values shown. With `fails_late`, `until` is a deadline.
    """

    activation: str
    node: str
    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    digest: str | None = None
    editable: dict[str, Json] = {}
    signal: str | None = None
    event: str | None = None
    correlation: str = ""
    until: int | None = None
    fails_late: bool = False
    loop: str | None = None


class NodeMapped(Event, tag="node_mapped", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to running: it runs `item_node` for each of `items`, which are recorded here."""

    activation: str
    node: str
    item_node: str
    items: list[Json]
    loop: str | None = None


class ChildScheduled(Event, tag="child_scheduled", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to scheduled: it is to run a child with this input, and stands in line for the child's budget."""

    activation: str
    node: str
    workflow_id: str
    workflow_version: str
    input: dict[str, Json]
    ceiling: Amount
    loop: str | None = None
    map: str | None = None
    item: int | None = None


class ChildSpawned(Event, tag="child_spawned", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending, or scheduled, to running: it waits for the end of `child`, an execution of another workflow, made in
    this commit, which may spend its `part` of the budget.

    `gated`: the child runs only if its workflow is `approval_gated`.
    """

    activation: str
    node: str
    child: str
    workflow_id: str
    workflow_version: str
    input: dict[str, Json]
    loop: str | None = None
    map: str | None = None
    item: int | None = None
    gated: bool = False
    part: Budget | None = None


class NodeCompleted(Settling, tag="node_completed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to completed. `patch` sets whole keys of the state, `unset` removes some; `output` only where it isn't the patch.

    For the keys of `reduced`, the patch says what the reducer adds. `by` is who decided, for an approval; `message` is
    the seq of the message that a wait took.
    """

    attempt: int = 0
    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    reduced: dict[str, Reducer] = {}
    output: Json | msgspec.UnsetType = msgspec.UNSET
    by: str | None = None
    comment: str | None = None
    message: int | None = None


class NodeFailed(Settling, tag="node_failed", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to failed, beyond the policy. `output` is what a result was that could not be used.

    `unhandled`: no edge took it, so the execution will fail. `abandoned`: as in `AttemptFailed`. `message`: as in
    `NodeCompleted`. `by` is who decided, with a `comment`: who rejected a call, for one.
    """

    error: ErrorData
    attempt: int = 0
    output: Json | msgspec.UnsetType = msgspec.UNSET
    abandoned: bool = False
    unhandled: bool = False
    message: int | None = None
    by: str | None = None
    comment: str | None = None


class NodeSkipped(Settling, tag="node_skipped", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to skipped: every way to it is dead, and so is every way on."""


class NodeCancelled(Settling, tag="node_cancelled", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """to cancelled. With `attempt`, an attempt was running: it is asked to stop and its result will be refused.

    `in_doubt`: nobody knows whether it happened. `child` is the execution that is to be cancelled too.
    """

    attempt: int = 0
    in_doubt: bool = False
    child: str | None = None


class LoopRepeated(Event, tag="loop_repeated", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The next iteration begins; `forgotten` are the exits of the last one, which are not taken."""

    loop: str
    iteration: int
    forgotten: tuple[str, ...] = ()


class LoopEnded(Event, tag="loop_ended", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The loop is over and its exits are resolved. `outer` is the loop around it. `by_limit`: it has used up its
    iterations, and `on_limit` is its only way on."""

    loop: str
    route: Route = NOWHERE
    outer: str | None = None
    by_limit: bool = False

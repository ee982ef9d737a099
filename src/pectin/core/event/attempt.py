"""Facts about attempts: begun, ended, cut off, and those of which nobody knows."""

from __future__ import annotations

from typing import Final

from pectin.core.budget import Amount
from pectin.core.error import ErrorData
from pectin.core.event.base import Event
from pectin.core.retry import RetryPolicy

TIMEOUT_MS: Final = 300_000
"""What a history that says nothing means. An encoder leaves out only what *is* the default: hand in this one."""


class NodeScheduled(Event, tag="node_scheduled", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """pending to scheduled, or with `begun_by` on to running: a worker is to run the activation.

    It carries the policy it was decided with, so that history does not depend on today's code. `loop` is the innermost
    loop; `item` is set for an item of a map (`map` is the map's activation). With a `ceiling` it stands in line for the
    budget, and is not begun by this.
    """

    activation: str
    node: str
    timeout_ms: int | None = TIMEOUT_MS
    retry: RetryPolicy | None = None
    begun_by: str | None = None
    loop: str | None = None
    map: str | None = None
    item: int | None = None
    ceiling: Amount | None = None


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


class NodeQuarantined(Event, tag="node_quarantined", frozen=True, gc=False, kw_only=True):
    """An activation was interrupted too often in a row: nobody begins it until somebody lets it out."""

    activation: str
    interruptions: int


class QuarantineReleased(Event, tag="quarantine_released", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """It may be begun again."""

    activation: str
    by: str | None = None


class DoubtRaised(Event, tag="doubt_raised", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Nobody knows whether an attempt of a `once` node has happened: it was begun and has no outcome.

    `asks`: its `reconcile` is to be asked; else it waits for a person. `abandoned`: as in `AttemptFailed`.
    """

    activation: str
    attempt: int
    reason: str
    asks: bool = False
    abandoned: bool = False


class ReconcileBegun(Event, tag="reconcile_begun", frozen=True, gc=False, kw_only=True):
    """A worker asks the node's `reconcile`."""

    activation: str
    by: str


class ReconcileInterrupted(Event, tag="reconcile_interrupted", frozen=True, gc=False, kw_only=True):
    """The asking was cut off: it is to be asked again."""

    activation: str
    reason: str


class DoubtLeft(Event, tag="doubt_left", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """`reconcile` doesn't know, or failed (`error`): a person is to say."""

    activation: str
    error: ErrorData | None = None


class DoubtResolved(Event, tag="doubt_resolved", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """It did not happen, and may be tried again; or it `happened`, and its completion follows. `by` is the person who
    said so, None for `reconcile`, and `comment` what they said with it."""

    activation: str
    happened: bool
    by: str | None = None
    comment: str | None = None

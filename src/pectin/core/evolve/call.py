"""The fold of calls that people are to approve: while they are asked, the activation is no worker's affair."""

from __future__ import annotations

from pectin.core.event import CallApproved, CallParked
from pectin.core.evolve.activation import line_of, shift, unready
from pectin.core.state import Decided, Run, Waiting
from pectin.core.status import NodeStatus

DECISIONS = ("approved", "rejected")
"""What people can decide of a call."""


def park(run: Run, event: CallParked) -> None:
    activation = run.activations[event.activation]
    shift(activation, NodeStatus.RUNNING)
    unready(run, event.activation)
    activation.not_before = None
    activation.approved_call = None
    activation.waiting = Waiting(
        since=event.at,
        until=event.until,
        prompt=f"May `{event.call.name}` be called?",
        decisions=DECISIONS,
        digest=event.digest,
        call=event.call,
    )
    run.decided.pop(event.activation, None)
    run.busy -= 1
    run.waits += 1
    if event.until is not None:
        run.due[event.activation] = event.until


def approve(run: Run, event: CallApproved) -> None:
    activation = run.activations[event.activation]
    waiting = activation.waiting
    assert waiting is not None, "only what waits is approved"
    assert waiting.call is not None, "only a call is approved this way"
    assert event.by not in waiting.approved_by, "each person approves once"
    waiting.approved_by = (*waiting.approved_by, event.by)
    if not event.decides:
        return
    shift(activation, NodeStatus.SCHEDULED)
    activation.since = event.at
    activation.approved_call = waiting.digest
    activation.waiting = None
    run.decided[event.activation] = Decided("approved", event.by)
    run.due.pop(event.activation, None)
    run.waits -= 1
    run.busy += 1
    line_of(run, activation)[event.activation] = None

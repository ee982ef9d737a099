"""The fold of calls that people are to approve."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    Call,
    CallApproved,
    CallParked,
    ExecutionCreated,
    ExecutionStarted,
    NodeFailed,
    NodeScheduled,
)
from pectin.core.evolve import fold
from pectin.core.policy import APPROVAL_REJECTED, ApprovalRule, Ask, Level
from pectin.core.state import Decided, Run, decode_snapshot, encode_snapshot
from pectin.core.status import InvalidTransition, NodeStatus

BEGIN: list[AnyEvent] = [
    ExecutionCreated(
        at=1, execution_id="e", workflow_id="w", workflow_version="1.0.0", definition="d", input={}, state={}
    ),
    ExecutionStarted(at=1),
    NodeScheduled(at=1, activation="a", node="a"),
]
CALL = Call("bank.pay", {"order": "A-1"}, (Ask(Level.WORKFLOW, ApprovalRule("bank.*", 2)),))


def parked(**fields: Any) -> CallParked:
    return CallParked(at=2, activation="a", call=CALL, digest="d1", **fields)


def approved(by: str, decides: bool = False) -> CallApproved:
    return CallApproved(at=3, activation="a", by=by, decides=decides)


def test_a_parked_call_waits_for_people_and_is_no_workers_affair() -> None:
    run = fold(Run(), [*BEGIN, parked(until=9)])
    waiting = run.approvals()["a"]
    assert (waiting.call, waiting.decisions, waiting.prompt) == (
        CALL,
        ("approved", "rejected"),
        "May `bank.pay` be called?",
    )
    assert (run.busy, run.waits, list(run.ready), run.due) == (0, 1, [], {"a": 9})


def test_an_approval_that_does_not_decide_is_counted() -> None:
    run = fold(Run(), [*BEGIN, parked(until=9), approved("ops")])
    assert run.approvals()["a"].approved_by == ("ops",)
    assert (run.busy, run.waits, run.decided) == (0, 1, {})


def test_the_one_that_decides_schedules_it_again() -> None:
    run = fold(Run(), [*BEGIN, parked(until=9), approved("ops"), approved("it", decides=True)])
    activation = run.activations["a"]
    assert (activation.status, activation.waiting, activation.approved_call) == (NodeStatus.SCHEDULED, None, "d1")
    assert (run.busy, run.waits, list(run.ready), run.due) == (1, 0, ["a"], {})
    assert run.decided == {"a": Decided("approved", "it")}


def test_it_is_asked_anew_from_the_beginning() -> None:
    run = fold(Run(), [*BEGIN, parked(), approved("ops"), approved("it", decides=True), parked()])
    assert run.approvals()["a"].approved_by == ()
    assert (run.decided, run.activations["a"].approved_call) == ({}, None)


def test_a_call_in_its_backoff_is_parked_too() -> None:
    error = ErrorData("io_error", "OSError", "no")
    begun: list[AnyEvent] = [
        AttemptBegun(at=1, activation="a", attempt=1, by="w"),
        AttemptFailed(at=1, activation="a", attempt=1, error=error, not_before=2),
    ]
    run = fold(Run(), [*BEGIN, *begun, parked()])
    assert (run.backoff, run.busy, run.waits) == ({}, 0, 1)


def test_a_rejection_says_who_decided() -> None:
    error = ErrorData(APPROVAL_REJECTED, "ApprovalRejected", "no")
    run = fold(Run(), [*BEGIN, parked(until=9), NodeFailed(at=3, activation="a", error=error, by="finance")])
    assert (run.decided, run.busy, run.waits, run.due) == ({"a": Decided("rejected", "finance")}, 0, 0, {})


@pytest.mark.parametrize(
    "events",
    [
        [approved("ops")],
        [parked(), approved("ops"), approved("ops")],
        [parked(), parked()],
        [AttemptBegun(at=2, activation="a", attempt=1, by="w"), parked()],
        [parked(), AttemptBegun(at=3, activation="a", attempt=1, by="w")],
    ],
)
def test_what_can_not_follow_stops_the_history(events: list[AnyEvent]) -> None:
    with pytest.raises((AssertionError, InvalidTransition)):
        fold(Run(), [*BEGIN, *events])


def test_a_snapshot_keeps_it() -> None:
    run = fold(Run(), [*BEGIN, parked(until=9), approved("ops")])
    assert decode_snapshot(encode_snapshot(run)) == run

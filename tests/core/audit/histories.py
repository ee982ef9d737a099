"""Histories with one thing wrong in each, the events that they are made of, and what an audit finds in them."""

from __future__ import annotations

from typing import Any

from pectin.core.audit import Audit
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    CancelRequested,
    ChildSpawned,
    ClosingBegan,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    ExecutionPaused,
    ExecutionStarted,
    LimitReached,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeQuarantined,
    NodeScheduled,
    NodeWaiting,
    Route,
)
from pectin.core.program import Program
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.status import WorkflowStatus

EXECUTION = "019ab3e0-0000-7000-8000-000000000000"
CHILD = "019ab3e0-0000-7000-8000-000000000001"
RETRY = RetryPolicy(
    max_attempts=3,
    backoff=Backoff.FIXED,
    initial_delay_ms=100,
    max_delay_ms=100,
    jitter=False,
    retryable_on=("timeout", "io_error"),
)
COMPLETED, CANCELLED = WorkflowStatus.COMPLETED, WorkflowStatus.CANCELLED
TO_B = Route(taken=("b",))

CREATED = ExecutionCreated(
    at=1, execution_id=EXECUTION, workflow_id="w", workflow_version="1.0.0", definition="d", input={}, state={}
)
BEGIN: list[AnyEvent] = [CREATED, ExecutionStarted(at=1)]


def error(error_class: str = "timeout") -> ErrorData:
    return ErrorData(error_class, "Error", "it failed")


def scheduled(name: str = "a", begun: bool = True, at: int = 2, **fields: Any) -> NodeScheduled:
    return NodeScheduled(at=at, activation=name, node=name, begun_by="w" if begun else None, retry=RETRY, **fields)


def waiting(name: str = "a", **fields: Any) -> NodeWaiting:
    return NodeWaiting(at=2, activation=name, node=name, **fields)


def asked(**fields: Any) -> NodeWaiting:
    return waiting(decisions=("approved", "rejected"), digest="d", **fields)


def spawned() -> ChildSpawned:
    return ChildSpawned(
        at=2, activation="a", node="a", child=CHILD, workflow_id="v", workflow_version="1.0.0", input={}
    )


def begun(attempt: int, name: str = "a", at: int = 200) -> AttemptBegun:
    return AttemptBegun(at=at, activation=name, attempt=attempt, by="w")


def failed_once(error_class: str = "timeout", attempt: int = 1, **fields: Any) -> AttemptFailed:
    later: dict[str, Any] = {"at": 3, "not_before": 100, **fields}
    return AttemptFailed(activation="a", attempt=attempt, error=error(error_class), **later)


def cut_off(attempt: int = 1) -> AttemptInterrupted:
    return AttemptInterrupted(at=3, activation="a", attempt=attempt, reason="crash")


def doubted(**fields: Any) -> DoubtRaised:
    return DoubtRaised(at=3, activation="a", attempt=1, reason="crash", **fields)


def completed(name: str = "a", attempt: int = 1, at: int = 300, **fields: Any) -> NodeCompleted:
    return NodeCompleted(at=at, activation=name, attempt=attempt, **fields)


def decided(decision: str, by: str | None = "me", at: int = 300) -> NodeCompleted:
    return completed(attempt=0, at=at, output={"decision": decision, "by": by, "comment": None}, by=by)


def failed(name: str = "a", attempt: int = 1, **fields: Any) -> NodeFailed:
    return NodeFailed(at=300, activation=name, attempt=attempt, error=error(), **fields)


def cancelled(name: str = "a", **fields: Any) -> NodeCancelled:
    return NodeCancelled(at=300, activation=name, **fields)


def closing(to: WorkflowStatus = COMPLETED) -> ClosingBegan:
    return ClosingBegan(at=300, to=to, cause="c", grace_until=400)


def ended(status: WorkflowStatus = COMPLETED) -> ExecutionEnded:
    return ExecutionEnded(at=300, status=status)


def signal(dedup: str | None = None, name: str = "go") -> MessageReceived:
    return MessageReceived(at=2, name=name, dedup=dedup)


def event(correlation: str) -> MessageReceived:
    return MessageReceived(at=2, name="paid", correlation=correlation)


HELD = ExecutionHeld(at=2)
DONE: list[AnyEvent] = [*BEGIN, scheduled(), completed(), closing(), ended()]
TWO_WAITS = [
    scheduled("s"),
    completed("s", route=Route(taken=("a", "b"))),
    waiting("a", signal="go"),
    waiting("b", signal="go"),
]
"""`a` waits for a signal longer than `b` does."""

BROKEN: dict[str, list[AnyEvent]] = {
    "beginning": [*BEGIN, CREATED],
    "unfoldable": [*BEGIN, HELD, HELD],
    "second_closing": [*BEGIN, closing(), closing(CANCELLED)],
    "closed_too_soon": [*BEGIN, scheduled(), closing()],
    "failure_forgotten": [*BEGIN, scheduled(), failed(unhandled=True), closing()],
    "another_end": [*BEGIN, scheduled(), completed(), closing(), ended(CANCELLED)],
    "unsettled_at_end": [*BEGIN, scheduled(), closing(CANCELLED), ended(CANCELLED)],
    "after_end": [*DONE, signal()],
    "started_after_closing": [*BEGIN, scheduled(), completed(route=TO_B), closing(), waiting("b")],
    "started_while_held": [*BEGIN, scheduled(begun=False), HELD, begun(1)],
    "limited_while_held": [*BEGIN, HELD, LimitReached(at=3, error=error(), node="b")],
    "paused_at_work": [*BEGIN, scheduled(), ExecutionPaused(at=3)],
    "entered_twice": [*BEGIN, scheduled(), completed(route=Route(taken=("a",))), scheduled()],
    "second_outcome": [*BEGIN, scheduled(), completed(route=Route(taken=("a",))), completed()],
    "not_open": [*BEGIN, scheduled(), begun(2, "b")],
    "child_left_alone": [*BEGIN, spawned(), closing(CANCELLED), cancelled()],
    "misnumbered": [*BEGIN, scheduled(), failed_once(), begun(3)],
    "begun_while_running": [*BEGIN, scheduled(), begun(2)],
    "begun_in_quarantine": [
        *BEGIN, scheduled(), cut_off(), NodeQuarantined(at=3, activation="a", interruptions=1), begun(2)
    ],
    "begun_early": [*BEGIN, scheduled(), failed_once(), begun(2, at=99)],
    "outcome_of_none": [*BEGIN, scheduled(), failed_once(), begun(2), completed(attempt=1)],
    "stop_forgotten": [*BEGIN, scheduled(), closing(CANCELLED), cancelled()],
    "tried_too_often": [
        *BEGIN, scheduled(), failed_once(), begun(2), failed_once(attempt=2), begun(3), failed_once(attempt=3)
    ],
    "tried_unasked": [*BEGIN, scheduled(), failed_once("server_error")],
    "once_again": [*BEGIN, scheduled(), doubted(), begun(2)],
    "doubt_forgotten": [*BEGIN, scheduled(), doubted(), closing(CANCELLED), cancelled()],
    "early": [*BEGIN, waiting(until=301), completed(attempt=0, output=None)],
    "ended_by_nothing": [*BEGIN, waiting(signal="go"), completed(attempt=0, output=None)],
    "not_offered": [*BEGIN, asked(), decided("perhaps")],
    "decided_by_nobody": [*BEGIN, asked(), decided("approved", by=None)],
    "received_twice": [*BEGIN, scheduled(), signal("k"), signal("k")],
    "taken_twice": [*BEGIN, *TWO_WAITS, signal(), completed(attempt=0, message=7), completed("b", 0, message=7)],
    "never_received": [*BEGIN, waiting(signal="go"), completed(attempt=0, message=3)],
    "misdirected": [*BEGIN, waiting(event="paid", correlation="A"), event("B"), completed(attempt=0, message=4)],
    "out_of_turn": [*BEGIN, *TWO_WAITS, signal(), completed("b", 0, message=7)],
}  # fmt: skip
"""By the code of what is wrong at the last event."""

ALSO_BROKEN: list[tuple[str, list[AnyEvent]]] = [
    ("beginning", [ExecutionStarted(at=1)]),
    ("another_end", [*BEGIN, scheduled(), completed(), ended()]),
    ("another_end", [*DONE, ended()]),
    ("started_after_closing", [*BEGIN, closing(CANCELLED), completed(attempt=0)]),
    ("started_while_held", [*BEGIN, HELD, waiting()]),
    ("outcome_of_none", [*BEGIN, waiting(until=9), completed(attempt=1, output=None)]),
    ("outcome_of_none", [*BEGIN, scheduled(), failed_once(), cut_off()]),
    ("outcome_of_none", [*BEGIN, scheduled(), failed_once(), doubted()]),
    ("once_again", [
        *BEGIN, scheduled(), doubted(), DoubtResolved(at=4, activation="a", happened=False),
        begun(2), cut_off(2), begun(3),
    ]),
    ("early", [*BEGIN, asked(until=301), decided("timeout", None)]),
    ("early", [*BEGIN, asked(until=301), failed(attempt=0)]),
    ("ended_by_nothing", [*BEGIN, asked(), decided("timeout", None)]),
    ("not_offered", [*BEGIN, asked(), completed(attempt=0)]),
    ("misdirected", [*BEGIN, waiting(signal="go"), signal(name="stop"), completed(attempt=0, message=4)]),
    ("out_of_turn", [*BEGIN, waiting(signal="go"), signal(), signal(), completed(attempt=0, message=5)]),
]  # fmt: skip
"""Other ways to the same."""

SOUND: list[list[AnyEvent]] = [
    DONE,
    [*BEGIN, scheduled(), failed_once(), begun(2, at=100), completed(attempt=2), closing(), ended()],
    [*BEGIN, scheduled(), failed_once(at=3, not_before=3), begun(2, at=2)],  # another engine, whose clock is slower
    [*BEGIN, scheduled(), doubted(), DoubtResolved(at=4, activation="a", happened=False), begun(2)],
    [*BEGIN, scheduled(), doubted(), completed()],
    [*BEGIN, asked(until=300), ExecutionPaused(at=3)],
    [*BEGIN, asked(until=300), decided("timeout", None)],
    [*BEGIN, asked(), decided("rejected")],
    [*BEGIN, spawned(), closing(CANCELLED), cancelled(child=CHILD), ended(CANCELLED)],
    [*BEGIN, *TWO_WAITS, signal(), signal(), completed(attempt=0, message=7), completed("b", 0, message=8)],
    [*BEGIN, scheduled(), completed(), closing(), scheduled("f"), CancelRequested(at=300), cancelled("f", attempt=1)],
]
"""What is like the broken ones, and isn't."""


def audited(events: list[AnyEvent], program: Program | None = None) -> Audit:
    audit = Audit(program)
    for seq, event in enumerate(events, 1):
        audit.take(seq, event)
    return audit


def codes(events: list[AnyEvent], program: Program | None = None) -> list[str]:
    return [finding.code for finding in audited(events, program).findings]

"""Histories with one thing wrong in each, the events that they are made of, and what an audit finds in them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pectin.core.audit import Audit
from pectin.core.budget import Amount, Budget
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    BudgetReserved,
    BudgetSettled,
    Call,
    CallApproved,
    CallParked,
    CancelRequested,
    ChildScheduled,
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
from pectin.core.policy import APPROVAL_REJECTED, POLICY_BLOCKED, ApprovalRule, Ask, Level
from pectin.core.program import Program
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.status import SessionType, WorkflowStatus

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
GOVERNED = replace(CREATED, session_type=SessionType.PERSISTENT_GOVERNED, by="shop")
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


def parked(until: int | None = None, **rule: Any) -> CallParked:
    call = Call("a", {}, (Ask(Level.NODE, ApprovalRule("a", **rule)),))
    return CallParked(at=3, activation="a", call=call, digest="d", until=until)


def approved(by: str = "me", decides: bool = True) -> CallApproved:
    return CallApproved(at=4, activation="a", by=by, decides=decides)


def stopped(error_class: str = APPROVAL_REJECTED, by: str | None = None) -> NodeFailed:
    return NodeFailed(at=300, activation="a", error=error(error_class), by=by)


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


CEILING = Amount("0.6")
LIMITED: list[AnyEvent] = [CREATED, ExecutionStarted(at=1, budget=Budget("1"))]


def in_line(name: str) -> NodeScheduled:
    return scheduled(name, begun=False, ceiling=CEILING)


def wanted() -> ChildScheduled:
    return ChildScheduled(
        at=2, activation="a", node="a", workflow_id="v", workflow_version="1.0.0", input={}, ceiling=CEILING
    )


def reserved(name: str, cost: str = "0.6") -> BudgetReserved:
    return BudgetReserved(at=2, activation=name, amount=Amount(cost))


def settled(cost: str = "0.2") -> BudgetSettled:
    return BudgetSettled(at=3, activation="a", spent=Amount(cost))


def limit_reached() -> ClosingBegan:
    return ClosingBegan(at=300, to=WorkflowStatus.LIMIT_EXCEEDED, cause="max_cost_usd", grace_until=400)


BOTH_IN_LINE: list[AnyEvent] = [
    *LIMITED,
    scheduled("s"),
    completed("s", route=Route(taken=("a", "b"))),
    in_line("a"),
    in_line("b"),
]
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
    "acted_by_nobody": [GOVERNED, HELD],
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
    "begun_unapproved": [*BEGIN, scheduled(begun=False), parked(), begun(1)],
    "approval_miscounted": [*BEGIN, scheduled(begun=False), parked(approvers=2), approved()],
    "parked_at_work": [*BEGIN, scheduled(), parked()],
    "overspent": [*BOTH_IN_LINE, reserved("a"), begun(1), reserved("b")],
    "unreserved": [*LIMITED, in_line("a"), begun(1)],
    "settled_twice": [*LIMITED, in_line("a"), reserved("a"), begun(1), settled(), settled()],
    "reservation_left": [*LIMITED, in_line("a"), reserved("a"), begun(1), completed()],
    "limited_too_soon": [*LIMITED, in_line("a"), reserved("a"), begun(1), limit_reached()],
    "early": [*BEGIN, waiting(until=301), completed(attempt=0, output=None)],
    "ended_by_nothing": [*BEGIN, waiting(signal="go"), completed(attempt=0, output=None)],
    "not_offered": [*BEGIN, asked(), decided("perhaps")],
    "approved_by_nobody": [
        replace(CREATED, session_type=SessionType.APPROVAL_GATED), BEGIN[1], scheduled(),
        completed(route=Route(taken=("b",), approved=("b",))),
    ],
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
    ("overspent", [*LIMITED, in_line("a"), reserved("a"), begun(1), settled("1.01")]),
    ("unreserved", [*LIMITED, in_line("a"), reserved("a", "0.59"), begun(1)]),
    ("unreserved", [*LIMITED, wanted(), spawned()]),
    ("reservation_left", [*LIMITED, in_line("a"), reserved("a"), begun(1), cut_off()]),
    ("early", [*BEGIN, asked(until=301), decided("timeout", None)]),
    ("early", [*BEGIN, asked(until=301), failed(attempt=0)]),
    ("ended_by_nothing", [*BEGIN, asked(), decided("timeout", None)]),
    ("not_offered", [*BEGIN, asked(), completed(attempt=0)]),
    ("early", [*BEGIN, scheduled(begun=False), parked(until=301), stopped("timeout")]),
    ("ended_by_nothing", [*BEGIN, scheduled(begun=False), parked(), stopped("timeout")]),
    ("decided_by_nobody", [*BEGIN, scheduled(begun=False), parked(), stopped()]),
    ("begun_unapproved", [*BEGIN, scheduled(begun=False), parked(approvers=2), approved(decides=False), begun(1)]),
    ("approval_miscounted", [*BEGIN, scheduled(begun=False), approved()]),
    ("approval_miscounted", [*BEGIN, scheduled(begun=False), parked(), approved(decides=False)]),
    ("approval_miscounted", [*BEGIN, scheduled(begun=False), parked(of=("you",)), approved()]),
    ("approval_miscounted", [
        *BEGIN, scheduled(begun=False), parked(approvers=3), approved(decides=False), approved(decides=False),
    ]),
    ("parked_at_work", [*BEGIN, scheduled(begun=False), parked(), parked()]),
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
    [
        *BOTH_IN_LINE,
        reserved("a"),
        begun(1),
        settled(),
        completed(),
        reserved("b"),
        begun(1, "b"),
    ],
    [*LIMITED, wanted(), reserved("a"), spawned(), settled(), completed(attempt=0), closing(), ended()],
    [*LIMITED, in_line("a"), reserved("a"), begun(1), settled("0.6"), completed(), limit_reached()],
    [*BEGIN, asked(until=300), ExecutionPaused(at=3)],
    [*BEGIN, asked(until=300), decided("timeout", None)],
    [*BEGIN, asked(), decided("rejected")],
    [
        *BEGIN,
        scheduled(begun=False),
        parked(),
        approved(),
        begun(1),
        failed_once(at=300, not_before=300),
        begun(2, at=300),
    ],
    [*BEGIN, scheduled(begun=False), parked(approvers=2), approved("you", decides=False), approved(), begun(1)],
    [*BEGIN, scheduled(begun=False), parked(), ExecutionPaused(at=3), stopped(by="me")],
    [*BEGIN, scheduled(begun=False), parked(until=300), stopped("timeout")],
    [*BEGIN, scheduled(), failed_once(), parked(), approved(), begun(2)],
    [*BEGIN, scheduled(), cut_off(), parked(), stopped(by="me")],
    [*BEGIN, scheduled(), cut_off(), stopped(POLICY_BLOCKED)],
    [*BEGIN, scheduled(begun=False), stopped(POLICY_BLOCKED)],
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

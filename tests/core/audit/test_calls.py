"""The laws of calls, each with what it lets pass beside it (the histories stand in `histories`)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.event import CallParked
from pectin.core.policy import POLICY_BLOCKED, Policy
from pectin.nodes import bind
from tests.core.audit.histories import BEGIN, CREATED, approved, begun, codes, cut_off, parked, scheduled, stopped
from tests.core.world import define


def test_who_started_it_counts_for_nothing_where_somebody_else_is_asked() -> None:
    by_me = replace(CREATED, by="me")
    events = [by_me, *BEGIN[1:], scheduled(begun=False), parked(not_requester=True), approved()]
    assert codes(events) == ["approval_miscounted"]
    assert codes([replace(CREATED, by="you"), *events[1:]]) == []
    assert codes([*BEGIN, *events[2:]]) == ["approval_miscounted"]  # nobody knows who did


def test_approvals_begin_anew_with_another_request() -> None:
    again: list[CallParked] = [parked(approvers=1)]
    events = [*BEGIN, scheduled(begun=False), parked(), approved(), *again, begun(1)]
    assert codes(events) == ["begun_unapproved"]


@pytest.mark.parametrize("policy", [Policy(require_approval_for=["a"]), Policy(require_approval_for=["*"])])
def test_an_attempt_after_a_crash_needs_no_second_approval(policy: Policy) -> None:
    program = bind(define("a -> b", policy=policy))
    events = [*BEGIN, scheduled(begun=False), parked(), approved(), begun(1), cut_off(), begun(2, at=300)]
    assert codes(events, program) == []


def test_what_runs_is_not_stopped_by_a_policy() -> None:
    assert codes([*BEGIN, scheduled(), stopped(POLICY_BLOCKED)]) == ["outcome_of_none"]

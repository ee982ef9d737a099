"""The tables, spelt out again from the specification: every pair is either here or refused."""

from __future__ import annotations

import itertools

import pytest

from pectin.core.status import InvalidTransition, NodeStatus, SessionType, WorkflowStatus

WORKFLOW_MOVES = """
pending running
running paused | running completed | running failed | running cancelled | running limit_exceeded
paused running | paused cancelled
"""

NODE_MOVES = """
pending scheduled | pending running | pending completed | pending skipped | pending cancelled | pending failed
scheduled running | scheduled failed | scheduled cancelled
running completed | running failed | running cancelled | running scheduled
"""


def moves(table: str) -> set[tuple[str, str]]:
    pairs = [move.split() for line in table.strip().splitlines() for move in line.split("|")]
    return {(current, requested) for current, requested in pairs}


@pytest.mark.parametrize(("current", "requested"), list(itertools.product(WorkflowStatus, repeat=2)))
def test_every_move_of_an_execution(current: WorkflowStatus, requested: WorkflowStatus) -> None:
    if (current.value, requested.value) in moves(WORKFLOW_MOVES):
        current.validate_transition(requested)
        return
    with pytest.raises(InvalidTransition) as refusal:
        current.validate_transition(requested)
    assert (refusal.value.current, refusal.value.requested) == (current, requested)
    assert str(refusal.value) == f"an execution that is {current} cannot become {requested}"


@pytest.mark.parametrize(("current", "requested"), list(itertools.product(NodeStatus, repeat=2)))
def test_every_move_of_an_activation(current: NodeStatus, requested: NodeStatus) -> None:
    if (current.value, requested.value) in moves(NODE_MOVES):
        current.validate_transition(requested)
        return
    with pytest.raises(InvalidTransition) as refusal:
        current.validate_transition(requested)
    assert (refusal.value.current, refusal.value.requested) == (current, requested)
    assert str(refusal.value) == f"an activation that is {current} cannot become {requested}"


def test_what_is_over_and_what_is_not() -> None:
    terminal = {status.value for status in WorkflowStatus if status.is_terminal}
    active = {status.value for status in WorkflowStatus if status.is_active}
    settled = {status.value for status in NodeStatus if status.is_settled}
    assert terminal == {"completed", "failed", "cancelled", "limit_exceeded"}
    assert active == {"pending", "running", "paused"}
    assert settled == {"completed", "failed", "skipped", "cancelled"}


def test_names_are_those_of_the_seed() -> None:
    assert list(WorkflowStatus) == [
        "pending",
        "running",
        "paused",
        "completed",
        "failed",
        "cancelled",
        "limit_exceeded",
    ]
    assert list(NodeStatus) == [
        "pending",
        "scheduled",
        "running",
        "completed",
        "failed",
        "skipped",
        "cancelled",
    ]
    assert list(SessionType) == [
        "stateless",
        "resumable",
        "persistent_governed",
        "ephemeral",
        "approval_gated",
    ]

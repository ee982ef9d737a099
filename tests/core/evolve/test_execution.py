"""The fold of what concerns an execution as a whole: once is once, and what is kept is what was said."""

from __future__ import annotations

import pytest

from pectin.core.codec import digest
from pectin.core.error import ErrorData
from pectin.core.event import (
    CancelRequested,
    ClosingBegan,
    ExecutionHeld,
    ExecutionStarted,
    HoldReleased,
    LimitReached,
    MessageReceived,
    NodeScheduled,
)
from pectin.core.evolve import evolve, fold
from pectin.core.state import Hold, Run
from pectin.core.status import WorkflowStatus
from tests.core.evolve.test_evolve import CREATED, SCHEDULED, STARTED, begin

LIMIT = LimitReached(at=5, error=ErrorData("wall_time", "LimitExceeded", "late"), node="spare")


def test_a_child_gets_its_state_when_it_starts() -> None:
    run = fold(Run(), [CREATED, ExecutionStarted(at=2, state={"x": 7}, until=9)])
    assert (run.data, run.wall) == ({"x": 7}, 9)


def test_a_hold_is_there_once_and_released_once() -> None:
    run = begin(ExecutionHeld(at=3, by="operator", reason="a look"))
    assert run.hold == Hold(3, "operator", "a look")
    with pytest.raises(AssertionError):
        evolve(run, ExecutionHeld(at=4))
    assert evolve(begin(ExecutionHeld(at=3)), HoldReleased(at=4)).hold is None
    with pytest.raises(AssertionError):
        evolve(begin(), HoldReleased(at=4))


def test_messages_are_kept_by_their_seq_with_their_keys() -> None:
    run = begin(MessageReceived(at=3, name="go", payload=1, dedup="k"), MessageReceived(at=3, name="go"))
    assert [(message.seq, message.payload) for message in run.inbox] == [(3, 1), (4, None)]
    assert run.dedups == {"k": digest(["go", 1])}


def test_a_limit_is_lifted_once_with_nothing_else_alive() -> None:
    with pytest.raises(AssertionError):
        begin(SCHEDULED, LIMIT)
    run = fold(Run(), [CREATED, ExecutionStarted(at=2, until=9), LIMIT])
    assert (run.limit, run.wall) == (LIMIT.error, None)
    evolve(run, NodeScheduled(at=6, activation="spare", node="spare"))
    with pytest.raises(AssertionError):
        evolve(run, LIMIT)


def test_closing_ends_a_hold_and_empties_the_inbox() -> None:
    closing = ClosingBegan(at=4, to=WorkflowStatus.CANCELLED, cause="cancelled", grace_until=10)
    run = begin(ExecutionHeld(at=3), MessageReceived(at=3, name="go"), closing)
    assert (run.hold, run.inbox, run.wall) == (None, [], None)


def test_a_cancel_while_closing_never_shortens_the_grace() -> None:
    closing = ClosingBegan(at=4, to=WorkflowStatus.FAILED, cause="failed", grace_until=10)
    for grace, until in ((20, 20), (0, 10)):
        run = fold(Run(), [CREATED, STARTED, closing, CancelRequested(at=5, grace_until=grace)])
        assert run.closing is not None
        assert run.closing.grace_until == until

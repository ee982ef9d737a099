"""What a commit queues, and when an execution wants attention."""

from pectin.core.event import AnyEvent, ExecutionEnded, ExecutionPaused, NodeCompleted, NodeScheduled, NodeSkipped
from pectin.core.state import Activation, Closing, Run
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.core.work import ENDED, Batch, is_at_work, next_wake, split_events
from tests.core.case import Case
from tests.core.world import MINUTE, approval, timer


def test_a_row_settles_one_thing_at_most() -> None:
    done = NodeCompleted(at=1, activation="a", attempt=1)
    skipped = NodeSkipped(at=1, activation="b")
    scheduled = NodeScheduled(at=1, activation="c", node="c")
    ended = ExecutionEnded(at=1, status=WorkflowStatus.COMPLETED)
    events: list[AnyEvent] = [scheduled, done, scheduled, skipped, ended]
    assert split_events(7, events) == [
        Batch(7, [scheduled, done, scheduled], "a"),
        Batch(10, [skipped], "b"),
        Batch(11, [ended], ENDED),
    ]


def test_what_settles_nothing_is_one_row_and_nothing_is_none() -> None:
    paused = ExecutionPaused(at=1)
    assert split_events(3, [paused]) == [Batch(3, [paused], None)]
    assert split_events(3, []) == []


def test_the_next_wake_is_the_earliest_that_is_not_past() -> None:
    assert next_wake(Run()) is None
    assert next_wake(Run(backoff={"a": 9, "b": 5}, due={"c": 7})) == 5
    assert next_wake(Run(backoff={"a": 9, "b": 5}), at=5) == 9
    assert next_wake(Run(due={"c": 7}), at=8) == 7, "a deadline that is overdue is still to pass"


def test_an_execution_that_only_waits_is_not_at_work() -> None:
    case = Case("a -> t", "a -> r", "r -> end", nodes=[timer("t"), approval("r")])
    assert is_at_work(case.run, 0)
    case.done("a")
    assert not is_at_work(case.run, 0)
    assert next_wake(case.run) == 1 + MINUTE


def test_a_backoff_is_work_once_it_is_over() -> None:
    run = Run(busy=1, backoff={"a": 50}, activations={"a": Activation("a", "a", NodeStatus.SCHEDULED, 0)})
    assert not is_at_work(run, 49)
    assert is_at_work(run, 50)


def test_a_grace_counts_until_the_first_finalizer() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", 90)
    run = Run(status=WorkflowStatus.RUNNING, closing=closing, stopping={"a": [1]})
    assert (next_wake(run), is_at_work(run, 0)) == (90, True)
    closing.finalized.append("f")
    assert (next_wake(run), is_at_work(run, 0)) == (None, False)


def test_what_has_ended_is_never_at_work() -> None:
    run = Run(status=WorkflowStatus.CANCELLED, stopping={"a": [1]}, closing=Closing(WorkflowStatus.CANCELLED, "x", 9))
    assert (next_wake(run), is_at_work(run, 0)) == (None, False)

"""What a commit queues, and when an execution wants attention."""

import pytest
from msgspec.structs import replace

from pectin.core import state
from pectin.core.command import Cancel, Hold, Release
from pectin.core.event import (
    AnyEvent,
    ChildSpawned,
    ExecutionEnded,
    ExecutionPaused,
    ExecutionStarted,
    NodeCompleted,
    NodeScheduled,
    NodeSkipped,
    Parent,
)
from pectin.core.evolve import fold
from pectin.core.state import Activation, Closing, Run
from pectin.core.status import NodeStatus, SessionType, WorkflowStatus
from pectin.core.work import (
    CHILD_ENDED,
    ENDED,
    PARENT_SAYS,
    Batch,
    birth,
    is_at_work,
    letters,
    listens,
    next_wake,
    split_events,
)
from tests.core.case import EXECUTION, Case
from tests.core.world import MINUTE, approval, child, fan, timer, wait


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


def test_nothing_of_a_held_execution_is_due_but_its_waits_and_its_time() -> None:
    run = Run(backoff={"a": 5}, due={"b": 7}, wall=9, hold=state.Hold(1))
    assert next_wake(run) == 7
    assert not is_at_work(run, 6)
    run.due.clear()
    assert next_wake(run) == 9


def test_what_is_in_quarantine_is_nobody_s_work() -> None:
    scheduled = Activation("a", "a", NodeStatus.SCHEDULED, 0, attempt=3, interruptions=3)
    run = Run(busy=1, activations={"a": scheduled}, quarantined={"a": 4})
    assert (next_wake(run), is_at_work(run, 9)) == (None, False)


def test_a_grace_counts_until_the_first_finalizer() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", 90)
    run = Run(status=WorkflowStatus.RUNNING, closing=closing, stopping={"a": [1]})
    assert (next_wake(run), is_at_work(run, 0)) == (90, True)
    closing.finalized.append("f")
    assert (next_wake(run), is_at_work(run, 0)) == (None, False)


def test_what_has_ended_is_never_at_work() -> None:
    run = Run(status=WorkflowStatus.CANCELLED, stopping={"a": [1]}, closing=Closing(WorkflowStatus.CANCELLED, "x", 9))
    assert (next_wake(run), is_at_work(run, 0)) == (None, False)


# -- messages to others -----------------------------------------------------------------------------------------


def mixed() -> Case:
    """It waits for an event, and for a child."""
    nodes = [fan("s"), wait("w", event="parcel", correlation="p7"), child("k", {"n": "state.x"})]
    return Case("s -> w", "s -> k", "w -> j", "k -> j", nodes=nodes)


def test_it_listens_to_the_events_that_it_waits_for_and_to_its_children() -> None:
    case = mixed()
    spawned = case.last(ChildSpawned)
    assert listens(case.run) == {"w": ("parcel", "p7"), "k": (CHILD_ENDED, spawned.child)}
    case.cancel()
    assert listens(case.run) == {}


def test_a_child_is_told_what_becomes_of_its_parent() -> None:
    case = mixed()
    told = case.last(ChildSpawned).child
    for command, says in (
        (Hold(at=1, by="ops"), "hold"),
        (Release(at=2, by="ops"), "release"),
        (Cancel(at=3), "cancel"),
    ):
        first = len(case.events)
        case.send(command)
        (letter,) = letters(case.run, case.events[first:])
        assert (letter.name, letter.correlation, letter.payload["says"]) == (PARENT_SAYS, told, says)
    assert not is_at_work(case.run, 0)


@pytest.mark.parametrize(
    ("parent", "gated", "own"),
    [
        (SessionType.RESUMABLE, False, SessionType.RESUMABLE),
        (SessionType.RESUMABLE, True, SessionType.APPROVAL_GATED),
        (SessionType.APPROVAL_GATED, True, SessionType.APPROVAL_GATED),
        (SessionType.APPROVAL_GATED, False, SessionType.RESUMABLE),
        (SessionType.PERSISTENT_GOVERNED, True, SessionType.PERSISTENT_GOVERNED),
        (None, True, None),
    ],
)
def test_a_child_is_of_its_parent_s_type_but_gated_by_itself(
    parent: SessionType | None, gated: bool, own: SessionType | None
) -> None:
    case = mixed()
    case.run.session_type = parent
    assert birth(case.run, replace(case.last(ChildSpawned), gated=gated), "hash").session_type is own


def test_a_child_is_born_pending_and_tells_its_end_to_its_parent() -> None:
    case = mixed()
    spawned = case.last(ChildSpawned)
    born = birth(case.run, spawned, "hash")
    assert born.parent == Parent(EXECUTION, "k", 2)
    assert (born.execution_id, born.input, born.state, born.definition) == (spawned.child, {"n": 0}, {}, "hash")
    run = fold(Run(), [born])
    assert listens(run) == {"": (PARENT_SAYS, spawned.child)}
    assert is_at_work(run, 0), "it is to be started"
    ended = ExecutionEnded(at=9, status=WorkflowStatus.COMPLETED)
    fold(run, [ExecutionStarted(at=8, state={"n": 0}), ended])
    (letter,) = letters(run, [ended])
    assert (letter.name, letter.correlation) == (CHILD_ENDED, spawned.child)
    assert letter.payload == {"status": "completed", "state": {"n": 0}, "error": None}
    assert birth(run, spawned, "hash").parent == Parent(spawned.child, "k", 3)

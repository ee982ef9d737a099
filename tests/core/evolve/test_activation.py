"""The fold of activations: each stands on the lists that it belongs to, and on none when it is settled."""

from __future__ import annotations

import pytest

from pectin.core.definition import Reducer
from pectin.core.error import ErrorData
from pectin.core.event import (
    ChildSpawned,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeScheduled,
    NodeWaiting,
)
from pectin.core.evolve import evolve
from tests.core.evolve.test_evolve import begin

LISTENS = NodeWaiting(at=3, activation="a", node="a", event="parcel", correlation="C-1", until=9)
SPAWNED = ChildSpawned(
    at=3, activation="a", node="a", child="c", workflow_id="inner", workflow_version="1.0.0", input={}
)


def test_a_wait_listens_and_is_due_until_it_is_settled() -> None:
    run = begin(LISTENS)
    assert (run.waits, run.due, run.listens) == (1, {"a": 9}, {"a": ("parcel", "C-1")})
    evolve(run, NodeCancelled(at=4, activation="a"))
    assert (run.waits, run.due, run.listens) == (0, {}, {})


def test_a_message_is_taken_out_of_the_inbox_once() -> None:
    run = begin(LISTENS, MessageReceived(at=4, name="parcel", correlation="C-1"))
    evolve(run, NodeCompleted(at=4, activation="a", message=4))
    assert run.inbox == []
    with pytest.raises(StopIteration):
        evolve(begin(LISTENS), NodeCompleted(at=4, activation="a", message=4))


def test_a_child_lives_until_its_activation_is_settled() -> None:
    run = begin(SPAWNED)
    assert (run.children, run.busy, run.waits, run.scheduled) == ({"a": "c"}, 0, 0, True)
    evolve(run, NodeFailed(at=4, activation="a", error=ErrorData("child_failed", "ChildEnded", "no")))
    assert run.children == {}


def test_items_settle_their_map() -> None:
    mapped = NodeMapped(at=3, activation="a", node="a", item_node="i", items=[1, 2])
    items = [
        NodeScheduled(at=3, activation=f"a#{index}", node="i", map="a", item=index, begun_by="w") for index in range(2)
    ]
    run = begin(mapped, *items)
    evolve(run, NodeFailed(at=4, activation="a#1", attempt=1, error=ErrorData("io_error", "OSError", "no")))
    mapping = run.activations["a"].mapping
    assert mapping is not None
    assert (mapping.scheduled, mapping.settled, list(mapping.errors)) == (2, 1, [1])


def test_what_a_reducer_adds_is_added() -> None:
    run = begin(LISTENS)
    evolve(run, NodeCompleted(at=4, activation="a", patch={"x": 5}, reduced={"x": Reducer.ADD}))
    assert run.data["x"] == 5
    run = begin(LISTENS, NodeCompleted(at=4, activation="a", patch={"l": [1]}, reduced={"l": Reducer.APPEND}))
    assert run.data["l"] == [1]


def test_an_unhandled_failure_is_remembered() -> None:
    error = ErrorData("io_error", "OSError", "no")
    run = begin(LISTENS, NodeFailed(at=4, activation="a", error=error, unhandled=True))
    assert run.unhandled == {"a": error}

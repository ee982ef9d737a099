"""`Run` as plain data."""

from datetime import UTC, datetime

import msgspec
import pytest

from pectin.core.error import ErrorData
from pectin.core.event import Parent
from pectin.core.state import (
    Activation,
    Arrivals,
    Closing,
    Decided,
    Doubt,
    Hold,
    KeyWrites,
    LoopState,
    MapState,
    Message,
    Run,
    Waiting,
    Write,
    decode_snapshot,
    encode_snapshot,
    to_datetime,
)
from pectin.core.status import NodeStatus, WorkflowStatus
from tests.core.case import Case
from tests.core.world import approval

FULL = Run(
    execution_id="e",
    version=9,
    status=WorkflowStatus.RUNNING,
    data={"x": [1, 1.0, None]},
    activations={
        "a": Activation(
            "a", "a", NodeStatus.RUNNING, 5, seen=frozenset({1, 2}), waiting=Waiting(3, 4, "?", ("yes",), "d")
        ),
        "p": Activation(
            "p", "p", NodeStatus.RUNNING, 5, attempt=2, doubt=Doubt(2, 6, "crash", asks=True, begun_by="w")
        ),
        "m": Activation("m", "m", NodeStatus.RUNNING, 5, mapping=MapState("i", [1, None], 2, {1: None, 0: {"y": 2}})),
    },
    ready={"b": None, "a": None},
    backoff={"b": 7},
    due={"a": 4},
    arrivals={"c": Arrivals(2, 1, {4, 5}, {"s": None})},
    loops={"h": LoopState("h", Arrivals(1, 1), 3, 1, True, ["x"], ["y"], ["z"], {"j": {"s": 1}}, {6})},
    writes={"k": KeyWrites(writes=[Write(1, "a"), Write(2, "b", None)], uniform=False), "l": KeyWrites(None, [])},
    decided={"r": Decided("approved", None)},
    resolved={"p": Decided("happened", "finance")},
    stopping={"a": [1, 2]},
    quarantined={"q": 6},
    fired={"j": 2},
    unhandled={"u": ErrorData("io_error", "OSError", "no")},
    inbox=[Message(7, "go", {"x": None}), Message(8, "parcel", correlation="")],
    dedups={"key": "digest"},
    listens={"w": ("parcel", "p7")},
    children={"k": "exec_1"},
    parent=Parent("exec_0", "k", 2),
    wall=90,
    limit=ErrorData("wall_time", "LimitExceeded", "late"),
    hold=Hold(3, "ops", None, inherited=True),
    closing=Closing(WorkflowStatus.FAILED, "failed", 99, finalized=["f"]),
)


def test_a_snapshot_comes_back_as_it_was() -> None:
    assert decode_snapshot(encode_snapshot(FULL)) == FULL
    assert list(decode_snapshot(encode_snapshot(FULL)).ready) == ["b", "a"]
    assert decode_snapshot(encode_snapshot(Run())) == Run()


def test_a_removal_and_a_null_stay_apart() -> None:
    again = decode_snapshot(encode_snapshot(FULL)).writes
    assert [write.value for write in again["k"].writes] == [msgspec.UNSET, None]
    assert again["k"].base is msgspec.UNSET
    assert again["l"].base is None


def test_a_snapshot_of_another_shape_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_snapshot(b'{"version": "nine"}')


def test_deadlines_come_in_due_order() -> None:
    assert Run(due={"b": 5, "c": 1, "a": 5}).deadlines() == [(1, "c"), (5, "a"), (5, "b")]


def test_the_record_of_an_execution() -> None:
    case = Case("a -> end", nodes=[approval("a")])
    record = case.run.execution()
    assert (record.status, record.workflow_id, record.workflow_version) == (WorkflowStatus.PAUSED, "world", "1.0.0")
    assert record.current_state == case.run.data
    assert record.completed_at is None
    assert record.started_at == to_datetime(0)
    case.decide("a")
    assert case.run.execution().completed_at == to_datetime(1)


def test_a_pending_execution_started_at_its_creation() -> None:
    run = Run(execution_id="019ab3e0-0000-7000-8000-000000000000", created_at=1_500)
    assert run.execution().started_at == datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)


def test_what_waits_in_the_order_in_which_it_began_to() -> None:
    approval, timer = Waiting(3, decisions=("approved",)), Waiting(2, until=9)
    run = Run(
        activations={
            name: Activation(name, name, NodeStatus.RUNNING, 1, waiting=waiting)
            for name, waiting in (("z", timer), ("m", None), ("a", approval))
        }
    )
    assert list(run.waiting().items()) == [("z", timer), ("a", approval)]
    assert run.approvals() == {"a": approval}


def test_who_is_asked_about_a_doubt() -> None:
    asked, left = Doubt(1, 5, "crash", asks=True), Doubt(1, 5, "crash")
    doubts = {"a": asked, "b": left}
    run = Run(activations={n: Activation(n, n, NodeStatus.RUNNING, 1, doubt=doubt) for n, doubt in doubts.items()})
    assert run.doubts() == {"b": left}


def test_a_closing_execution_waits_for_what_is_to_stop_until_the_first_finalizer_or_a_cancel() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", 90)
    run = Run(status=WorkflowStatus.RUNNING, closing=closing, stopping={"a": [1]})
    assert run.in_grace
    closing.finalized.append("f")
    assert not run.in_grace
    closing.cut = True
    assert run.in_grace, "what was cut is waited for again"

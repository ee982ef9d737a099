"""The records' exact JSON, held against documents as JamJet's own types write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution, WorkflowMetadata, format_time, parse_time
from pectin.core.status import SessionType, WorkflowStatus

GOLDEN = Path(__file__).parent / "golden"
EXECUTIONS = ["execution_pending", "execution_paused", "execution_limit_exceeded"]
METADATA = ["metadata_full", "metadata_bare"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ZONES = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001
RECORDS = st.builds(
    WorkflowExecution,
    execution_id=st.uuids().map(ExecutionId),
    workflow_id=TEXT,
    workflow_version=TEXT,
    status=st.sampled_from(WorkflowStatus),
    initial_input=VALUES,
    current_state=VALUES,
    started_at=TIMES,
    updated_at=TIMES,
    completed_at=st.none() | TIMES,
    session_type=st.none() | st.sampled_from(SessionType),
)


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("name", EXECUTIONS)
def test_golden_executions(name: str) -> None:
    written = golden(name)
    assert WorkflowExecution.from_json(written).to_json_bytes() == written
    assert WorkflowExecution.from_json(json.loads(written)) == WorkflowExecution.from_json(written.decode())


@pytest.mark.parametrize("name", METADATA)
def test_golden_metadata(name: str) -> None:
    written = golden(name)
    assert WorkflowMetadata.from_json(written).to_json_bytes() == written
    assert WorkflowMetadata.from_json(json.loads(written)) == WorkflowMetadata.from_json(written.decode())


def test_nanoseconds_are_cut_and_nothing_else_is_lost() -> None:
    written = golden("execution_nanoseconds")
    cut = written.replace(b".114256789Z", b".114256Z").replace(b".000000999Z", b"Z")
    assert cut != written
    assert WorkflowExecution.from_json(written).to_json_bytes() == cut


@given(RECORDS)
def test_an_execution_is_read_back(record: WorkflowExecution) -> None:
    assert repr(WorkflowExecution.from_json(record.to_json_bytes())) == repr(record)


def test_what_may_be_missing_and_what_is_ignored() -> None:
    document = json.loads(golden("execution_pending"))
    del document["completed_at"]
    read = WorkflowExecution.from_json(document | {"session_type": None, "new_in_0_4": 1})
    assert read.to_json_bytes() == golden("execution_pending")
    metadata = json.loads(golden("metadata_bare"))
    del metadata["name"], metadata["description"]
    assert WorkflowMetadata.from_json(metadata).to_json_bytes() == golden("metadata_bare")


@pytest.mark.parametrize("name", ["id", "version", "state_schema", "created_at"])
def test_metadata_needs_every_other_field(name: str) -> None:
    document = json.loads(golden("metadata_full"))
    del document[name]
    with pytest.raises(BadValue, match=rf"^\$\.{name}: is missing; add it$"):
        WorkflowMetadata.from_json(document)


@pytest.mark.parametrize(
    "name",
    [
        "execution_id",
        "workflow_id",
        "workflow_version",
        "status",
        "initial_input",
        "current_state",
        "started_at",
        "updated_at",
    ],
)
def test_an_execution_needs_every_other_field(name: str) -> None:
    document = json.loads(golden("execution_limit_exceeded"))
    del document[name]
    with pytest.raises(BadValue, match=rf"^\$\.{name}: is missing; add it$"):
        WorkflowExecution.from_json(document)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"execution_id": "last"}, "$.execution_id: 'last' is not an id; write exec_ and 32 hex digits"),
        ({"execution_id": 7}, "$.execution_id: a number instead of text"),
        ({"status": "Running"}, "$.status: 'Running' is unknown; write one of pending, running, paused"),
        ({"session_type": "durable"}, "$.session_type: 'durable' is unknown; write one of stateless"),
        ({"workflow_version": 1}, "$.workflow_version: a number instead of text"),
        ({"initial_input": {"n": 2**63}}, "$.initial_input.n: an integer beyond 64 bits; write it as text"),
        ({"current_state": [float("nan")]}, "$.current_state[0]: nan is no JSON number"),
        ({"started_at": 1_763_889_243}, "$.started_at: a number instead of text"),
        ({"completed_at": "yesterday"}, "$.completed_at: 'yesterday' is no time; write 2026-11-23T09:14:03Z"),
    ],
)
def test_bad_executions(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        WorkflowExecution.from_json(json.loads(golden("execution_limit_exceeded")) | change)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[]", "$: a list instead of an object; write the fields between { and }"),
        (b'{"id": "a", "id": "b"}', "line 1, column 13: the key 'id' stands twice in one object"),
        (b'{"id": 18446744073709551616}', "$.id: an integer beyond 64 bits"),
        (b"{", "line 1, column 2: not JSON"),
    ],
)
def test_bad_text(text: bytes, message: str) -> None:
    for read in (WorkflowMetadata.from_json, WorkflowExecution.from_json):
        with pytest.raises(BadValue) as refusal:
            read(text)
        assert str(refusal.value).startswith(message)


def test_a_record_with_a_payload_that_is_no_json_is_not_written() -> None:
    document = json.loads(golden("execution_pending"))
    record = WorkflowExecution.from_json(document)
    record.current_state["rate"] = float("nan")
    with pytest.raises(BadValue, match=r"^\$\.current_state\.rate: nan is no JSON number"):
        record.to_json_bytes()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadValue, match=r"^created_at: 2026-11-23T09:14:03 has no time zone"):
        WorkflowMetadata(
            id="refund",
            version="1.0.0",
            state_schema="Refund",
            created_at=datetime(2026, 11, 23, 9, 14, 3),  # noqa: DTZ001
        )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-23T09:14:03Z", "2026-11-23T09:14:03Z"),
        ("2026-11-23t09:14:03.100z", "2026-11-23T09:14:03.100Z"),
        ("2026-11-23 09:14:03.1142Z", "2026-11-23T09:14:03.114200Z"),
        ("2026-11-23T09:14:03.999999999Z", "2026-11-23T09:14:03.999999Z"),
        ("2026-11-23T00:14:03+09:30", "2026-11-22T14:44:03Z"),
        ("2026-11-23T23:14:03-05:00", "2026-11-24T04:14:03Z"),
        ("0001-01-01T00:00:00-00:00", "0001-01-01T00:00:00Z"),
    ],
)
def test_times(text: str, written: str) -> None:
    time = parse_time(text)
    assert time.tzinfo is UTC
    assert format_time(time) == written


@given(TIMES)
def test_a_time_is_read_back_in_utc(time: datetime) -> None:
    assert parse_time(format_time(time)) == time
    assert parse_time(time.isoformat()) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T09:14:03",
        "2026-11-23T09:14Z",
        "2026-11-23T09:14:03.Z",
        "2026-11-23T09:14:03+0900",
        "2026-11-23T09:14:03+09:60",
        "2026-11-23T09:14:03+24:00",
        "2026-02-30T09:14:03Z",
        "2026-11-23T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "+12026-11-23T09:14:03Z",
        "2026-11-23T09:14:03Z\n",
        "٢026-11-23T09:14:03Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"^started_at: .* is no time"):
        parse_time(text, "started_at")

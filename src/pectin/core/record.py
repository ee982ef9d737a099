"""The records that every API returns, and their exact JSON.

Names, order and forms are those of JamJet's own types: statuses in snake_case, times in RFC 3339 and UTC, an
absent time or text as null, an absent session type left out. A document that those types would write is read
without loss, but for digits past microseconds, which are cut. Integers past 64 bits are refused. Unknown
fields are ignored, as JamJet ignores them; neither side writes any.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from pectin.core.codec import check_value, decode_json
from pectin.core.document import Document, anything, one_of, text
from pectin.core.error import BadValue, quote
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.core.status import SessionType, WorkflowStatus

_DOCUMENT_BYTES_MAX: Final = 4 * LIMITS.payload_bytes_max
"""A record holds two payloads, and escapes in foreign JSON may make them longer."""

_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-5][0-9]))"
)


class WorkflowMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a workflow says about itself. `created_at` has a time zone and becomes UTC; else `BadValue`."""

    id: str
    version: str
    name: str | None = None
    description: str | None = None
    state_schema: str
    created_at: datetime

    def __post_init__(self) -> None:
        _make_times_utc(self, "created_at")

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object, its fields in order."""
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name,
            "description": self.description,
            "state_schema": self.state_schema,
            "created_at": format_time(self.created_at),
        }

    def to_json_bytes(self) -> bytes:
        """The record as JSON text, compact, in UTF-8."""
        return _write(self.to_json())

    @classmethod
    def from_json(cls, document: bytes | str | dict[str, Any]) -> WorkflowMetadata:
        """Read JSON text or a decoded object. Raises `BadValue` with the path to what is wrong."""
        fields = _read(document)
        return cls(
            id=fields.required("id", text),
            version=fields.required("version", text),
            name=fields.optional("name", text),
            description=fields.optional("description", text),
            state_schema=fields.required("state_schema", text),
            created_at=fields.required("created_at", parse_time),
        )


class WorkflowExecution(msgspec.Struct, frozen=True, kw_only=True):
    """One execution as it stands. Times have a time zone and become UTC; else `BadValue`.

    `initial_input` and `current_state` are JSON values. A pending execution's `started_at` is its creation.
    """

    execution_id: ExecutionId
    workflow_id: str
    workflow_version: str
    status: WorkflowStatus
    initial_input: Any
    current_state: Any
    started_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    session_type: SessionType | None = None

    def __post_init__(self) -> None:
        _make_times_utc(self, "started_at", "updated_at", "completed_at")

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object, its fields in order."""
        document = {
            "execution_id": self.execution_id.to_json(),
            "workflow_id": self.workflow_id,
            "workflow_version": self.workflow_version,
            "status": self.status.value,
            "initial_input": self.initial_input,
            "current_state": self.current_state,
            "started_at": format_time(self.started_at),
            "updated_at": format_time(self.updated_at),
            "completed_at": None if self.completed_at is None else format_time(self.completed_at),
        }
        if self.session_type is not None:
            document["session_type"] = self.session_type.value
        return document

    def to_json_bytes(self) -> bytes:
        """The record as JSON text, compact, in UTF-8. Raises `BadValue` where its payloads aren't JSON."""
        return _write(self.to_json())

    @classmethod
    def from_json(cls, document: bytes | str | dict[str, Any]) -> WorkflowExecution:
        """Read JSON text or a decoded object. Raises `BadValue` with the path to what is wrong."""
        fields = _read(document)
        return cls(
            execution_id=fields.required("execution_id", _read_id),
            workflow_id=fields.required("workflow_id", text),
            workflow_version=fields.required("workflow_version", text),
            status=fields.required("status", one_of(WorkflowStatus)),
            initial_input=fields.required("initial_input", anything),
            current_state=fields.required("current_state", anything),
            started_at=fields.required("started_at", parse_time),
            updated_at=fields.required("updated_at", parse_time),
            completed_at=fields.optional("completed_at", parse_time),
            session_type=fields.optional("session_type", one_of(SessionType)),
        )


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC, with `Z` and no, three or six digits of a second: as many as it takes."""
    timespec = "microseconds" if time.microsecond % 1_000 else "milliseconds" if time.microsecond else "seconds"
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def parse_time(value: object, path: str = "time") -> datetime:
    """Read an RFC 3339 time with any offset, as UTC. Digits past microseconds are cut. Raises `BadValue`."""
    written = text(value, path)
    match = _TIME.fullmatch(written)
    if match is None:
        raise BadValue(path, f"{quote(written)} is no time", "write 2026-11-23T09:14:03Z, or an offset for the Z")
    *whole, digits, sign, hours, minutes = match.groups()
    microseconds = int((digits or "").ljust(6, "0")[:6])
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second = map(int, whole)
        return datetime(year, month, day, hour, minute, second, microseconds, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue(path, f"{quote(written)} is no time: {error}", "write a time that exists") from None


def _read(document: bytes | str | dict[str, Any]) -> Document:
    if isinstance(document, bytes | str):
        return Document(decode_json(document, _DOCUMENT_BYTES_MAX))
    check_value(document)
    return Document(document)


def _write(document: dict[str, Any]) -> bytes:
    check_value(document)
    return msgspec.json.encode(document)


def _read_id(value: object, path: str) -> ExecutionId:
    try:
        return ExecutionId.parse(text(value, path))
    except BadValue as error:
        raise BadValue(path, error.what, error.hint) from None


def _make_times_utc(record: msgspec.Struct, *names: str) -> None:
    for name in names:
        time: datetime | None = getattr(record, name)
        if time is None:
            continue
        if time.tzinfo is None:
            raise BadValue(name, f"{time.isoformat()} has no time zone", "use datetime.now(UTC)")
        msgspec.structs.force_setattr(record, name, time.astimezone(UTC).replace(fold=0))

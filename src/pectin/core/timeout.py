"""A workflow's defaults for its timeouts and deadlines. A node's own goes before them."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from pectin.core.document import integer, read_document
from pectin.core.duration import DURATION_MS_MAX, duration_to_json, parse_duration
from pectin.core.error import BadValue


class TimeoutConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Durations in milliseconds, all longer than nothing; None means without a bound. Raises `BadValue`.

    `node_timeout_ms` bounds one attempt, `workflow_timeout_ms` an execution, and `approval_timeout_ms` the
    waiting for a person. A worker reports every `heartbeat_interval_ms` that it lives.
    """

    node_timeout_ms: int | None = 300_000
    workflow_timeout_ms: int | None = None
    heartbeat_interval_ms: int = 30_000
    approval_timeout_ms: int | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value: object = getattr(self, name)
            if value is None and name != "heartbeat_interval_ms":
                continue
            if not 1 <= integer(value, name) <= DURATION_MS_MAX:
                raise BadValue(name, f"{value} is no timeout", "write 1 to 100 years, in milliseconds")

    def to_json(self) -> dict[str, Any]:
        """The form of JamJet's `TimeoutConfig`: names without a unit, durations in seconds, null for none."""
        return {
            name.removesuffix("_ms"): None if value is None else duration_to_json(value)
            for name in self.__struct_fields__
            for value in (cast(int | None, getattr(self, name)),)
        }

    @classmethod
    def from_json(cls, document: object, path: str = "$") -> TimeoutConfig:
        """Read JamJet's form, as JSON text or decoded; durations also in any other form. Raises `BadValue`.

        As in JamJet, a missing `heartbeat_interval` is 30 s, any other missing one is none, and unknown
        fields are ignored.
        """
        fields = read_document(document, path)
        heartbeat_ms = fields.optional("heartbeat_interval", _longer_than_nothing)
        return cls(
            node_timeout_ms=fields.optional("node_timeout", _longer_than_nothing),
            workflow_timeout_ms=fields.optional("workflow_timeout", _longer_than_nothing),
            heartbeat_interval_ms=30_000 if heartbeat_ms is None else heartbeat_ms,
            approval_timeout_ms=fields.optional("approval_timeout", _longer_than_nothing),
        )


def _longer_than_nothing(value: object, path: str) -> int:
    duration_ms = parse_duration(value, path)
    if duration_ms == 0:
        raise BadValue(path, "a timeout of 0 ends everything at once", "write a longer one, or null for none")
    return duration_ms

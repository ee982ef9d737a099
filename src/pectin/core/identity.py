"""The ids of executions, and the keys of their calls to the outside.

A key is BLAKE2 of the execution and the activation that it stands for: the same on every attempt and after every
crash. So is the id of a child execution, but for its time.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, cast
from uuid import UUID

from pectin.core.error import BadValue, quote

_PREFIX: Final = "exec_"
_WRITTEN: Final = re.compile(
    r"(?:exec_)?([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)
_TICKS_PER_MS: Final = 1 << 12
"""A version 7 id has 12 bits after its milliseconds, which are used for the fraction of one."""

_last_tick = 0


@dataclass(frozen=True, order=True, slots=True)
class ExecutionId:
    """The id of an execution: a UUID, ordered as UUIDs are.

    `str()` is what people see, `exec_` and 32 hex digits; `to_json()` is the plain UUID with dashes. Ours are
    version 7, so they sort by age; any UUID is accepted.
    """

    uuid: UUID
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.uuid.int))

    def __hash__(self) -> int:
        return self._hash  # asked for ten times a step

    @classmethod
    def new(cls) -> ExecutionId:
        """A fresh id, greater than those this process made before (with one thread).

        The core's one exception to "no clock, no randomness": nothing in the core calls it.
        """
        global _last_tick
        _last_tick = max(time.time_ns() * _TICKS_PER_MS // 1_000_000, _last_tick + 1)
        at_ms, fraction = divmod(_last_tick, _TICKS_PER_MS)
        return cls(_version_7(at_ms, fraction, secrets.randbits(62)))

    @classmethod
    def parse(cls, text: str) -> ExecutionId:
        """Read an id with or without `exec_`, with or without dashes. Raises `BadValue`."""
        match = _WRITTEN.fullmatch(text.strip()) if isinstance(cast(object, text), str) else None
        if match is None:
            raise BadValue(
                "execution id", f"{quote(text)} is not an id", f"write {_PREFIX} and 32 hex digits, or a UUID"
            )
        return cls(UUID(match[1]))

    @property
    def bytes(self) -> bytes:
        """The 16 bytes, for stores."""
        return self.uuid.bytes

    def to_json(self) -> str:
        """The plain UUID, with dashes."""
        return str(self.uuid)

    def __str__(self) -> str:
        return f"{_PREFIX}{self.uuid.hex}"


def show_id(text: str) -> str:
    """The id that a history holds, as people see it; what is none, as it is."""
    try:
        return str(ExecutionId.parse(text))
    except BadValue:
        return text


def idempotency_key(execution_id: ExecutionId, activation: str) -> str:
    """The key an activation hands to the outside: 32 hex digits, the same on every attempt."""
    return blake2b(execution_id.bytes + activation.encode(), digest_size=16, person=b"pectin key").hexdigest()


def child_id(parent: ExecutionId, activation: str, at_ms: int) -> ExecutionId:
    """The id of the execution that an activation of `parent` begins at `at_ms`: version 7, with nothing random."""
    drawn = blake2b(parent.bytes + activation.encode(), digest_size=10, person=b"pectin child").digest()
    high, low = divmod(int.from_bytes(drawn) >> 6, 1 << 62)
    return ExecutionId(_version_7(at_ms, high, low))


def _version_7(at_ms: int, high: int, low: int) -> UUID:
    """The layout of RFC 9562: 48 bits of time, 12 of `high` and 62 of `low` around version and variant."""
    assert 0 <= at_ms < 1 << 48
    return UUID(int=at_ms << 80 | 7 << 76 | high << 64 | 2 << 62 | low)

"""When a failed attempt is tried again, and how long after.

The policy is data that stands in the event that schedules an activation. The draw of jitter is made outside
the core, once, and its result is recorded as an absolute time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, cast

import msgspec

from pectin.core.budget import BUDGET_EXCEEDED
from pectin.core.document import Document, boolean, integer, one_of, read_document, text
from pectin.core.duration import DURATION_MS_MAX, duration_to_json, format_duration, parse_duration
from pectin.core.error import BadValue, quote


class Backoff(StrEnum):
    """How the delays grow, from an initial delay d: d, d, d or d, 2d, 3d or d, 2d, 4d."""

    FIXED = "fixed"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


class ErrorClass(StrEnum):
    """The error classes that exceptions map to by themselves. Any other text is a custom class."""

    IO_ERROR = "io_error"
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    CONNECTION_RESET = "connection_reset"


def _are_classes(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(name, str) and name for name in cast(tuple[object, ...], value))


NEVER_RETRIED: Final = frozenset(
    {
        "condition_error",
        "no_route",
        "bad_result",
        "join_unsatisfied",
        "bad_items",
        "bad_arguments",
        BUDGET_EXCEEDED,
        "policy_blocked",
        "policy_violation",
        "approval_rejected",
    }
)
"""The classes of errors that the engine makes: another attempt would do the work again and fail the same way."""


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often, when and after which errors an attempt is made again.

    `max_attempts` counts outcomes, the first included. Delays are milliseconds; none is longer than
    `max_delay_ms`. With `jitter` a delay is drawn between half of itself and all of it. `retryable_on` lists
    error classes; empty means any. Raises `BadValue`.
    """

    max_attempts: int
    backoff: Backoff = Backoff.EXPONENTIAL
    initial_delay_ms: int = 1_000
    max_delay_ms: int = 30_000
    jitter: bool = True
    retryable_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if integer(self.max_attempts, "max_attempts") < 1:
            raise BadValue("max_attempts", f"{self.max_attempts} attempts", "write 1 or more: the first counts")
        msgspec.structs.force_setattr(self, "backoff", one_of(Backoff)(self.backoff, "backoff"))
        for name in ("initial_delay_ms", "max_delay_ms"):
            if not 0 <= integer(getattr(self, name), name) <= DURATION_MS_MAX:
                raise BadValue(name, f"{getattr(self, name)} is no delay", "write 0 to 100 years, in milliseconds")
        if self.max_delay_ms < self.initial_delay_ms:
            initial, longest = format_duration(self.initial_delay_ms), format_duration(self.max_delay_ms)
            raise BadValue("max_delay", f"{longest} is less than initial_delay, {initial}", f"write {initial} or more")
        if not _are_classes(self.retryable_on):
            raise BadValue("retryable_on", f"{quote(self.retryable_on)} is no tuple of classes", 'write ("timeout",)')

    def delay_ms(self, n: int, draw: float) -> int:
        """The delay before retry `n` (1, 2, …). `draw` is uniform in [0, 1), and unused without jitter."""
        assert n >= 1
        assert 0 <= draw < 1
        match self.backoff:
            case Backoff.FIXED:
                delay_ms = self.initial_delay_ms
            case Backoff.LINEAR:
                delay_ms = self.initial_delay_ms * n
            case Backoff.EXPONENTIAL:  # 63 doublings of a millisecond are past every maximum
                delay_ms = self.initial_delay_ms << min(n - 1, 63)
        longest_ms = min(delay_ms, self.max_delay_ms)
        if not self.jitter:
            return longest_ms
        shortest_ms = (longest_ms + 1) // 2
        return min(shortest_ms + int(draw * (longest_ms - shortest_ms + 1)), longest_ms)

    def allows(self, error_class: str) -> bool:
        """Whether an error of this class may be tried again at all."""
        if error_class in NEVER_RETRIED:
            return False
        return not self.retryable_on or error_class in self.retryable_on

    def to_json(self) -> dict[str, Any]:
        """The form of JamJet's `RetryPolicy`: delays in seconds, custom classes as `{"custom": name}`."""
        return {
            "max_attempts": self.max_attempts,
            "backoff": self.backoff.value,
            "initial_delay": duration_to_json(self.initial_delay_ms),
            "max_delay": duration_to_json(self.max_delay_ms),
            "jitter": self.jitter,
            "retryable_on": [name if name in tuple(ErrorClass) else {"custom": name} for name in self.retryable_on],
        }

    @classmethod
    def from_json(cls, document: object, path: str = "$") -> RetryPolicy:
        """Read JamJet's form, as JSON text or decoded; delays also in any other form of a duration. Raises `BadValue`.

        All fields are required, unknown ones are ignored, as JamJet does.
        """
        fields = read_document(document, path)
        read = {
            "max_attempts": fields.required("max_attempts", integer),
            "backoff": fields.required("backoff", one_of(Backoff)),
            "initial_delay_ms": fields.required("initial_delay", parse_duration),
            "max_delay_ms": fields.required("max_delay", parse_duration),
            "jitter": fields.required("jitter", boolean),
            "retryable_on": fields.required("retryable_on", _read_classes),
        }
        try:
            return cls(**cast(dict[str, Any], read))
        except BadValue as error:
            raise BadValue(f"{path}.{error.path}", error.what, error.hint) from None


PRESETS: Final[Mapping[str, RetryPolicy]] = {
    "io_default": RetryPolicy(
        max_attempts=3,
        initial_delay_ms=1_000,
        max_delay_ms=30_000,
        retryable_on=(ErrorClass.IO_ERROR, ErrorClass.TIMEOUT, ErrorClass.CONNECTION_RESET),
    ),
    "llm_default": RetryPolicy(
        max_attempts=3,
        initial_delay_ms=2_000,
        max_delay_ms=60_000,
        retryable_on=(ErrorClass.RATE_LIMIT, ErrorClass.TIMEOUT, ErrorClass.SERVER_ERROR),
    ),
    "no_retry": RetryPolicy(max_attempts=1, backoff=Backoff.FIXED, initial_delay_ms=0, max_delay_ms=0, jitter=False),
}
"""The policies that have a name."""


def _read_classes(value: object, path: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadValue(path, f"{quote(value)} is no list", 'write a list of error classes, such as ["timeout"]')
    return tuple(_read_class(item, f"{path}[{i}]") for i, item in enumerate(cast(list[object], value)))


def _read_class(value: object, path: str) -> str:
    if isinstance(value, dict):
        return Document(cast(object, value), path).required("custom", text)
    return text(value, path)

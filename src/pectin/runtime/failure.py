"""An exception as data: its class for the retry policy, its message, and the author's own frames."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from pectin.core.error import ErrorData, clean, shorten
from pectin.core.limits import Limits

_PACKAGE = str(Path(__file__).resolve().parent.parent)


def describe(error: BaseException, attempt: int, limits: Limits) -> ErrorData:
    """What the history keeps of an exception that a function raised."""
    return ErrorData(
        error_class=shorten(clean(classify(error)), limits.identifier_characters_max),
        type=shorten(clean(type(error).__name__), limits.identifier_characters_max),
        message=shorten(clean(message_of(error)), limits.message_characters_max),
        traceback=shorten(clean(own_frames(error.__traceback__)), limits.traceback_characters_max) or None,
        attempt=attempt,
    )


def classify(error: BaseException) -> str:
    """The error class: the exception's own `error_class`, or by its type or HTTP status, or the type's name."""
    named = _attribute(error, "error_class")
    if isinstance(named, str) and named:
        return named
    status = http_status(error)
    if status == 429:
        return "rate_limit"
    if status is not None and 500 <= status <= 599:
        return "server_error"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionResetError):
        return "connection_reset"
    if isinstance(error, OSError):
        return "io_error"
    return type(error).__name__


def http_status(error: BaseException) -> int | None:
    """The HTTP status that an exception carries, as the usual client libraries attach it."""
    for holder in (error, _attribute(error, "response")):
        for name in ("status_code", "status", "code"):
            status = _attribute(holder, name)
            if type(status) is int and 100 <= status <= 599:
                return status
    return None


def retry_after_ms(error: BaseException) -> int | None:
    """What the callee's `Retry-After` says, in milliseconds, if the exception carries it in seconds."""
    asked = _attribute(error, "retry_after")
    headers: Any = _attribute(_attribute(error, "response"), "headers") or _attribute(error, "headers")
    try:
        seconds = float(asked if asked is not None else headers.get("retry-after"))
        return int(seconds * 1000) if 0 <= seconds < 1e9 else None
    except Exception:  # nothing was asked for, or nothing that is a time
        return None


def message_of(error: BaseException) -> str:
    """What the exception says, if it can: an author's `__str__` may fail, and its attempt must not be lost by that."""
    try:
        return str(error)
    except Exception as problem:
        return f"(its message can't be read: {type(problem).__name__})"


def own_frames(trace: TracebackType | None) -> str:
    """The frames outside of Pectin: `file.py:22 in look_up: state.amount = …`, the innermost last."""
    frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith(_PACKAGE)]
    return "\n".join(f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}" for frame in frames)


def _attribute(holder: object, name: str) -> Any:
    """An attribute that is there and can be read, else None: a property may raise anything."""
    try:
        return getattr(holder, name, None)
    except Exception:
        return None

"""What an attempt logs: it goes to the standard logger `pectin.node`, and is kept for the side log of its execution."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from pectin.core.error import quote, shorten
from pectin.core.limits import Limits
from pectin.ports.store import LogRecord

STANDARD = logging.getLogger("pectin.node")

_formatter = logging.Formatter()


class AttemptLog(logging.Logger):
    """The logger of one attempt; any thread may use it.

    What it is told at INFO and above is kept, unless the application has given `pectin.node` a level of its own; less
    is kept where `pectin.node` is enabled for it. The standard logger gets what it is enabled for, as ever.
    """

    def __init__(self, activation: str, attempt: int, now: Callable[[], int] | None, limits: Limits) -> None:
        super().__init__(STANDARD.name)
        self.parent = STANDARD
        self._activation = activation
        self._attempt = attempt
        self._now = now
        self._limits = limits
        self._lock = threading.Lock()
        self._records: list[LogRecord] = []
        self._count = 0
        self._left_out = 0

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 # the standard name
        """Whether anything comes of a record of this level."""
        return STANDARD.isEnabledFor(level) or (STANDARD.level == logging.NOTSET and level >= logging.INFO)

    def handle(self, record: logging.LogRecord) -> None:
        """Pass it on, and keep it."""
        if STANDARD.isEnabledFor(record.levelno):
            STANDARD.handle(record)
        message = shorten(_text_of(record), self._limits.message_characters_max)
        at = int(record.created * 1000) if self._now is None else self._now()
        with self._lock:
            self._count += 1
            if self._count > self._limits.log_records_max:
                self._left_out += 1
                return
            self._records.append(LogRecord(self._activation, self._attempt, at, record.levelno, message))

    def take(self, at: int) -> list[LogRecord]:
        """What was kept since it was last asked, and how much was left out."""
        with self._lock:
            records, self._records = self._records, []
            left_out, self._left_out = self._left_out, 0
        if left_out:
            message = f"and {left_out} more, left out: log_records_max is {self._limits.log_records_max}"
            records.append(LogRecord(self._activation, self._attempt, at, logging.WARNING, message))
        return records


def _text_of(record: logging.LogRecord) -> str:
    """The message with its traceback, if it can be made: logging must not fail the attempt."""
    try:
        text = _formatter.format(record)
    except Exception as problem:
        text = f"{quote(record.msg)} (can't be formatted: {type(problem).__name__})"
    return text.encode("utf-8", "replace").decode("utf-8")

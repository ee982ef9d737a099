"""The command's own streams, and what an author's code gets in their place.

Standard output holds the command's answer and nothing else. So while an author's code may run, what it prints goes to
standard error. Nobody has to read: a stream that was closed, or whose reader went away, takes what is written and
drops it. Only an answer that is lost otherwise is told, as by a full disk.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO

from pectin.core.error import PectinError


class OutputLost(PectinError):
    """Standard output can't be written, and somebody wanted it."""


class _Sink(io.RawIOBase):
    """The bytes of a stream. Once one can't be written, no more are; a `strict` one says so, once, unless nobody
    reads."""

    def __init__(self, stream: TextIO, *, strict: bool) -> None:
        self._stream = stream  # it closes its bytes when nobody holds it
        self._raw: Any = getattr(stream.buffer, "raw", stream.buffer)  # a buffer would try lost bytes again
        self._strict = strict
        self.is_lost = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def write(self, data: Any, /) -> int | None:
        if not self.is_lost:
            try:
                return self._raw.write(data)
            except (OSError, ValueError) as error:  # a ValueError says that somebody closed the stream
                self.is_lost = True
                if self._strict and isinstance(error, OSError) and error.errno != errno.EPIPE:
                    what = error.strerror or str(error)
                    raise OutputLost(
                        f"standard output can't be written: {what}. What the command did is done, and in the store; "
                        "make room or write elsewhere, and look with `pectin show`."
                    ) from error
        return memoryview(data).nbytes


_answer: TextIO | None = None
_sink: _Sink | None = None


def answer() -> TextIO:
    """Standard output as the command itself writes it."""
    return _answer or sys.stdout


def is_read() -> bool:
    """Whether somebody may still read the answer."""
    return _sink is None or not _sink.is_lost


@contextmanager
def own_streams() -> Generator[None]:
    """The streams of a command, while it runs."""
    global _sink
    before = sys.stdin, sys.stdout, sys.stderr
    if None in before:
        _fill_closed()
    _sink = None
    sys.stdout, _sink = _guard(sys.stdout, strict=True)
    sys.stderr, _ = _guard(sys.stderr, strict=False)
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def lent_streams() -> Generator[None]:
    """While an author's code may run, standard output is standard error to it."""
    global _answer
    _answer = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout, _answer = _answer, None


def _fill_closed() -> None:
    """Open nothing in place of what is closed, so that no file gets its number and is written to by mistake."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 # it lives as long as we


def _guard(stream: TextIO, *, strict: bool) -> tuple[TextIO, _Sink | None]:
    if not hasattr(stream, "buffer"):  # a stream of text only, of a program that runs commands in its own process
        return stream, None
    sink = _Sink(stream, strict=strict)
    text = io.TextIOWrapper(
        io.BufferedWriter(sink), encoding=stream.encoding, errors=stream.errors, line_buffering=True
    )
    return text, sink

"""Processes that live to be killed: forked from the supervisor, which has everything imported already, each with a pipe
by which it tells what it is about.

A life begins in milliseconds so, and 300 of them fit into minutes. The supervisor must have no threads and no store
open while it forks.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

CRASHED = 70
"""The exit code of a child that raised."""

Tell = Callable[[dict[str, Any]], None]


class Process:
    """A child, until it is reaped. What it has told is in `told`, the latest of each name."""

    def __init__(self, main: Callable[[Tell], int], log: Path, seconds_max: int) -> None:
        self._reading, writing = os.pipe()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._reading)
            _be(main, writing, log, seconds_max)
        os.close(writing)
        self.began = time.monotonic()
        self.told: dict[str, Any] = {}
        self.code: int | None = None
        self._rest = b""
        self._is_open = True

    def listen(self, until: float, *names: str) -> bool:
        """Hear what it tells until this time (`time.monotonic`), its death, or until it has told one of `names`.
        Whether it lives."""
        while self._is_open and self.told.keys().isdisjoint(names):
            ready, _, _ = select.select([self._reading], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return True
            self._hear()
        return self._is_open

    def _hear(self) -> None:
        heard = os.read(self._reading, 1 << 16)
        self._is_open = bool(heard)
        *lines, self._rest = (self._rest + heard).split(b"\n")
        for line in lines:
            self.told.update(json.loads(line))

    def signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.code is None:
            os.kill(self.pid, number)

    def stop(self) -> bool:
        """SIGSTOP it, and wait until it stands still. False if it has died instead."""
        self.signal(signal.SIGSTOP)
        return self.stands_still()

    def stands_still(self) -> bool:
        """Wait until it is stopped, by whomever. False if it has died instead."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            self._note(status)
        return self.code is None

    def reap(self) -> int:
        """Its exit code, or the negative number of the signal that ended it. Waits for that."""
        while self._is_open:
            self._hear()
        if self.code is None:
            self._note(os.waitpid(self.pid, 0)[1])
        with contextlib.suppress(OSError):
            os.close(self._reading)
        assert self.code is not None
        return self.code

    def kill(self) -> int:
        """SIGKILL it."""
        self.signal(signal.SIGKILL)
        return self.reap()

    def _note(self, status: int) -> None:
        self.code = os.waitstatus_to_exitcode(status)


def _be(main: Callable[[Tell], int], writing: int, log: Path, seconds_max: int) -> None:
    """The child: never returns. However its supervisor ends, it doesn't live longer than `seconds_max`."""
    code = CRASHED

    def tell(news: dict[str, Any]) -> None:
        os.write(writing, json.dumps(news).encode() + b"\n")

    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.alarm(seconds_max)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = main(tell)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(code)

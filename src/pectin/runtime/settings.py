"""Settings of the process that engines need otherwise: they are changed while one does, and put back after the last.

Python looks for *garbage* after 700 new objects, and every hundredth time at all that live. With a thousand executions
at once that is a large part of the CPU, and finds next to nothing: what a step leaves behind is freed without it.

A thread that computes keeps Python's lock for 5 ms when another one wants it: the engine's loop, beside a synchronous
function, would wait for so long after each statement of the database.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Final, Generic, TypeVar

OBJECTS: Final = 20_000
"""New objects after which Python looks for garbage."""

SWITCH_SECONDS: Final = 0.0005
"""How long a thread keeps Python's lock when another one wants it."""

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting; `better` gives what engines need in place of a value, None where that is good as it is. Whoever
    changes it meanwhile has the last word."""

    def __init__(self, get: Callable[[], T], put: Callable[[T], None], better: Callable[[T], T | None]) -> None:
        self._get = get
        self._put = put
        self._better = better
        self._users = 0
        self._before: T | None = None

    def borrow(self) -> None:
        """It is needed; `give_back` it once."""
        self._users += 1
        now = self._get()
        wanted = self._better(now)
        if wanted is not None:
            self._before = now
            self._put(wanted)

    def give_back(self) -> None:
        """It is needed no more."""
        self._users -= 1
        if self._users == 0 and self._before is not None:
            if self._get() == self._better(self._before):
                self._put(self._before)
            self._before = None


def _rarer(threshold: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """Who has switched the collector off, or made it look still more rarely, is left alone."""
    return (OBJECTS, *threshold[1:]) if 0 < threshold[0] < OBJECTS else None


def _sooner(seconds: float) -> float | None:
    return SWITCH_SECONDS if seconds > SWITCH_SECONDS else None


GARBAGE: Final = Setting(gc.get_threshold, lambda threshold: gc.set_threshold(*threshold), _rarer)
SWITCHING: Final = Setting(sys.getswitchinterval, sys.setswitchinterval, _sooner)

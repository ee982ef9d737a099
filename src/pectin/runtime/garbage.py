"""How often Python looks for garbage while an engine runs.

By default it looks after 700 new objects, and every hundredth time at all that live. With a thousand executions at once
that is a large part of the CPU, and finds next to nothing: what a step leaves behind is freed without it.
"""

from __future__ import annotations

import gc
from typing import Final

OBJECTS: Final = 20_000
"""New objects after which it looks."""

_engines = 0
_before: tuple[int, int, int] | None = None
"""What we have changed; None if that was nothing."""


def look_rarely() -> None:
    """An engine runs. Who has switched the collector off, or made it look still more rarely, is left alone."""
    global _engines, _before
    _engines += 1
    now = gc.get_threshold()
    if 0 < now[0] < OBJECTS:
        _before = now
        gc.set_threshold(OBJECTS, *now[1:])


def look_as_before() -> None:
    """An engine has stopped; after the last one it is as it was, unless somebody has changed it meanwhile."""
    global _engines, _before
    _engines -= 1
    if _engines == 0 and _before is not None:
        if gc.get_threshold() == (OBJECTS, *_before[1:]):
            gc.set_threshold(*_before)
        _before = None

"""A forked child, which has all that its parent has open."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def forked_child() -> Generator[None]:
    """While this is open, a child of this process lives and does nothing."""
    forked, tell_forked = os.pipe()
    until, tell_until = os.pipe()
    if (child := os.fork()) == 0:
        os.write(tell_forked, b"!")
        os.read(until, 1)
        os._exit(0)
    try:
        os.read(forked, 1)
        yield
    finally:
        os.write(tell_until, b"!")
        os.waitpid(child, 0)
        for pipe in (forked, tell_forked, until, tell_until):
            os.close(pipe)

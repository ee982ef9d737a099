"""How much is tried: some in every `make test`, more in `make torture`, and most with LONG=1."""

from __future__ import annotations

import os


def scale(some: int, more: int, most: int) -> int:
    """How many of something to try in this run."""
    if not os.environ.get("TORTURE"):
        return some
    return most if os.environ.get("LONG") else more

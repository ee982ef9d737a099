"""From a world that went wrong to the few faults that it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

TRIES_MAX = 100


def shrink(happened: Sequence[T], fails: Callable[[Sequence[T]], bool], tries: int = TRIES_MAX) -> list[T]:
    """A part of `happened` with which it still fails: halves are left out first, at last single ones."""
    kept = list(happened)
    size = max(len(kept) // 2, 1)
    while kept and tries:
        index, before = 0, len(kept)
        while index < len(kept) and tries:
            tries -= 1
            fewer = kept[:index] + kept[index + size :]
            if fails(fewer):
                kept = fewer
            else:
                index += size
        if size == 1 and len(kept) == before:
            break
        size = max(size // 2, 1)
    return kept

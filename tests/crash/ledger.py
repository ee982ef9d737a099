"""The world outside: files of what happened, durable when `record` returns, and work that takes its time."""

from __future__ import annotations

import os
from pathlib import Path


class Ledger:
    """One file for each kind of happening in the directory `place`; without one, nothing is kept."""

    def __init__(self) -> None:
        self.place: Path | None = None

    def record(self, kind: str, *words: object) -> None:
        """Write a line down."""
        if self.place is None:
            return
        with (self.place / kind).open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def has(self, kind: str, line: str) -> bool:
        """Whether the line was written down."""
        return line in self.lines(kind)

    def lines(self, kind: str) -> list[str]:
        """All whole lines of this kind."""
        path = self.place / kind if self.place is not None else None
        return path.read_text().splitlines() if path is not None and path.exists() else []


ledger = Ledger()


def work() -> None:
    """A few milliseconds of it, by syncing a file, as real work would, so that kills fall into the middle."""
    for _ in range(3):
        ledger.record("work", "work")

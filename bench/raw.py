"""The raw probe: what the disk and SQLite allow, one row of 200 bytes in each commit, as durable as the engine's.

`synchronous=FULL` on a write-ahead log: each commit is synced before the statement returns. It is `apsw`, with the
connection of the engine's default settings, and an INSERT that is its own transaction, the cheapest durable write.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

Clock = Callable[[], float]
"""Seconds since whenever."""

ROW = bytes(range(200))


class RawProbe:
    """One file, open for the whole of a workload."""

    def __init__(self, file: Path, clock: Clock, commits: int) -> None:
        self._connection: Any = apsw.Connection(str(file))  # its own stubs leave types unknown
        self._connection.pragma("journal_mode", "WAL")
        self._connection.pragma("synchronous", "FULL")
        self._connection.pragma("cache_size", -64)  # KB: what it keeps must not be taken for what the engine keeps
        self._connection.execute("create table if not exists raw (id integer primary key, body blob not null)")
        self._clock = clock
        self.commits = commits

    def __call__(self) -> float:
        """Commit so many rows; the seconds of one of them."""
        return sum(self.each()) / self.commits

    def each(self) -> list[float]:
        """Commit so many rows; the seconds of each."""
        execute, clock = self._connection.execute, self._clock
        seconds: list[float] = []
        for _ in range(self.commits):
            began = clock()
            execute("insert into raw (body) values (?)", (ROW,))
            seconds.append(clock() - began)
        return seconds

    def close(self) -> None:
        """Let the file go, with all of its log in it."""
        self._connection.close()

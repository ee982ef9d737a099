"""A file system under SQLite in which a process dies, or stands still, inside a commit.

A commit writes frames to the write-ahead log, each as a header and a page, and syncs it; a checkpoint writes the pages
into the database. So one can be cut between two writes, in the middle of one, and before or after the sync.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

import apsw

from tests.torture.process import Tell

Does = Literal["write", "sync"]
Where = Literal["before", "amid", "after"]


@dataclass(frozen=True)
class Inside:
    """At which write or sync of which file, counted from 1, where about it, and by which signal."""

    file: Literal["log", "database"]
    does: Does
    number: int
    where: Where
    signal: int = signal.SIGKILL


@contextmanager
def cut_files(inside: Inside | None, tell: Tell) -> Generator[None]:
    """Within this, what SQLite opens in this process is cut there."""
    files = None if inside is None else CutFiles(inside, tell)
    yield
    del files  # SQLite forgets them with the last reference


class CutFiles(apsw.VFS):
    """SQLite's files, in which a signal comes."""

    def __init__(self, inside: Inside, tell: Tell) -> None:
        super().__init__("cut", "unix", makedefault=True)
        self._inside = inside
        self._tell = tell
        self._left = inside.number

    def xOpen(self, name: Any, flags: list[int]) -> CutFile:  # noqa: N802
        return CutFile(self, name, flags)

    def next_on(self, file: str, does: Does) -> Where | None:
        """Where about what is done now the signal is to come, if at all."""
        inside = self._inside
        if (file, does) != (inside.file, inside.does) or self._left == 0:
            return None
        self._left -= 1
        if self._left:
            return None
        self._tell({"inside": asdict(inside)})
        return inside.where

    def cut(self) -> None:
        """Die here, or stand still until somebody says to go on."""
        os.kill(os.getpid(), self._inside.signal)


class CutFile(apsw.VFSFile):
    """One of them."""

    def __init__(self, files: CutFiles, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._files = files
        is_log = flags[0] & apsw.SQLITE_OPEN_WAL
        is_database = flags[0] & apsw.SQLITE_OPEN_MAIN_DB
        self._name = "log" if is_log else "database" if is_database else ""

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        where = self._files.next_on(self._name, "write")
        if where == "before":
            self._files.cut()
        elif where == "amid":
            super().xWrite(bytes(data)[: len(data) // 2], offset)  # pyright: ignore[reportUnknownMemberType]
            self._files.cut()
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]
        if where == "after":
            self._files.cut()

    def xSync(self, flags: int) -> None:  # noqa: N802
        where = self._files.next_on(self._name, "sync")
        if where == "before":
            self._files.cut()
        super().xSync(flags)
        if where == "after":
            self._files.cut()

"""A disk that writes down all that SQLite does to it, so that one can cut the power afterwards, at any moment.

It is the system's own VFS with a notebook. `-shm` files are left out: they are memory, and nothing of them has to
survive. Directories are synced where the system's VFS does it: when a file with a `delete` that asks for it goes, and
with the first sync of a journal or a log that may have been made.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import apsw


class Created(NamedTuple):
    """A name that was not there is that of a new file."""

    name: str
    file: int


class Deleted(NamedTuple):
    name: str


class Written(NamedTuple):
    file: int
    offset: int
    data: bytes


class Truncated(NamedTuple):
    file: int
    size: int


class Synced(NamedTuple):
    """All that was written to this file is durable."""

    file: int


class DirectorySynced(NamedTuple):
    """All names that were made and deleted are durable."""


class Made(NamedTuple):
    """The store was there to be used."""


class Acked(NamedTuple):
    """A client was told that this commit, and all before it, are durable, and with which fence."""

    number: int
    fence: int


Happening = Created | Deleted | Written | Truncated | Synced | DirectorySynced | Made | Acked

_SYNCS_ITS_DIRECTORY = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


def kind_of(name: str) -> str:
    """What a file is to SQLite."""
    return "log" if name.endswith("-wal") else "journal" if name.endswith("-journal") else "database"


class Disk(apsw.VFS):
    """All new connections of the process are on it until it is removed. With `ignores` it says that it has synced what
    ends so, and has not: a file's name, `/` for the directory, or `""` for everything."""

    def __init__(self, seed: int, ignores: str | None = None) -> None:
        super().__init__(f"disk-{seed}", "unix", makedefault=True)
        self.log: list[Happening] = []
        self.ignores = ignores
        self._random = random.Random(seed)
        self._files: dict[str, int] = {}
        self._new = 0

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802
        return self._random.randbytes(numbytes)

    def xOpen(self, name: Any, flags: Any) -> DiskFile:  # noqa: N802
        path: str = name.filename() if isinstance(name, apsw.URIFilename) else name
        is_new = not os.path.exists(path)
        file = DiskFile(self, name, flags)
        if is_new:
            self._new += 1
            self._files[path] = self._new
            self.log.append(Created(Path(path).name, self._new))
        file.opened(self._files[path], Path(path).name, bool(flags[0] & _SYNCS_ITS_DIRECTORY))
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._files.pop(filename, None)
        self.log.append(Deleted(Path(filename).name))
        if syncdir:
            self.sync_directory()

    def sync_directory(self, _directory: Path | None = None) -> None:
        """What the store does itself, and SQLite within the calls that it makes of its VFS."""
        if not self.ignoring("/"):
            self.log.append(DirectorySynced())

    def ignoring(self, what: str) -> bool:
        """Whether this is said to be synced, and is not."""
        return self.ignores is not None and what.endswith(self.ignores)


class DiskFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self._log: Callable[[Happening], None] = disk.log.append
        self._disk = disk

    def opened(self, file: int, name: str, syncs_directory: bool) -> None:
        """Which file it is."""
        self._file = file
        self._name = name
        self._syncs_directory = syncs_directory

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]
        self._log(Written(self._file, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._log(Truncated(self._file, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        if not self._disk.ignoring(self._name):
            self._log(Synced(self._file))
        if self._syncs_directory:
            self._disk.sync_directory()
            self._syncs_directory = False

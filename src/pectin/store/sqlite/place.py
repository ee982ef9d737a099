"""Whether a path can hold a store at all, before SQLite touches it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from pectin.ports.store import StoreError

_NETWORK = {"9p", "afs", "ceph", "cifs", "coda", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"} | {
    f"fuse.{kind}" for kind in ("davfs", "glusterfs", "rclone", "s3fs", "sshfs")
}
_MOUNTS = Path("/proc/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def prepare_place(path: str, must_exist: bool) -> str:
    """The real path of a store that may be opened; parents are made unless it must exist. Raises `StoreError`.

    Links are resolved, so that one file has one set of locks whatever it is called. Hard links can't be, so a file that
    has several is refused: SQLite would keep a log for each.
    """
    if "\0" in path:
        raise StoreError(f"{path!r} holds a NUL character. Name another file.")
    file = Path(os.path.realpath(path))
    found = _look_at(file)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise StoreError(f"{path} is a directory. Name a file in it.")
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path} is no ordinary file. Name another.")
    if found is not None and found.st_nlink > 1:
        raise StoreError(
            f"{path} has {found.st_nlink} names (hard links), and what is written under one is missing under the "
            "other. Delete all but one, or copy the file."
        )
    if must_exist and found is None:
        raise StoreError(f"There is no store at {path}.")
    if must_exist and found is not None and found.st_size == 0:
        raise StoreError(f"There is no store at {path}: the file is empty. If it was a store, restore a backup.")
    if _MOUNTS.exists() and (kind := network_of(file, _MOUNTS.read_text("utf-8", "surrogateescape"))):
        raise StoreError(
            f"{path} is on a network file system ({kind}), whose locks and syncs can't be relied on. "
            "Name a file on a local disk."
        )
    try:
        _make_parents(file.parent)
    except OSError as error:
        raise StoreError(f"{file.parent} can't be made: {error.strerror}. Name another place.") from error
    return str(file)


class OpenFiles:
    """The files of a store that is open. SQLite goes on with them after somebody has deleted or replaced one, and what
    it writes then nobody finds again."""

    def __init__(self, path: str) -> None:
        self._files = [(name, _identity(name)) for name in (f"{path}-wal", f"{path}-shm", path)]

    def lost(self) -> list[tuple[str, bool]]:
        """Those that are not there any more, and whether there is another one in their place."""
        now = [(name, was, _identity(name)) for name, was in self._files]
        return [(name, other is not None) for name, was, other in now if was != other]


def _identity(name: str) -> tuple[int, int] | None:
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def network_of(file: Path, mounts: str) -> str | None:
    """The kind of network file system that holds `file`, if it is one; `mounts` is as in `/proc/mounts`."""
    holding = ""
    kind = None
    for line in mounts.splitlines():
        _, where, mounted, *_ = line.split(" ")
        where = _OCTAL.sub(lambda match: chr(int(match[1], 8)), where)
        # Of two mounts on one place the later hides the earlier.
        if file.is_relative_to(where) and len(where) >= len(holding):
            holding, kind = where, mounted
    return kind if kind in _NETWORK else None


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _look_at(file: Path) -> os.stat_result | None:
    """What is at the path, None if nothing is."""
    try:
        return file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{file} can't be opened: {error.strerror}. Name another file.") from error


def _make_parents(directory: Path) -> None:
    if directory.is_dir():
        return
    _make_parents(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)

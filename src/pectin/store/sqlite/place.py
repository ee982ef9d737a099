"""Whether a path can hold a store at all, before SQLite touches it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pectin.ports.store import StoreError

_NETWORK = {"9p", "afs", "ceph", "cifs", "coda", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"} | {
    f"fuse.{kind}" for kind in ("davfs", "glusterfs", "rclone", "s3fs", "sshfs")
}
_MOUNTS = Path("/proc/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def prepare_place(path: str, must_exist: bool) -> str:
    """The real path of a store that may be opened; parents are made unless it must exist. Raises `StoreError`.

    Links are resolved, so that one file has one set of locks whatever it is called.
    """
    file = Path(os.path.realpath(path))
    if file.is_dir():
        raise StoreError(f"{path} is a directory. Name a file in it.")
    if must_exist and not file.exists():
        raise StoreError(f"There is no store at {path}.")
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


def _make_parents(directory: Path) -> None:
    if directory.is_dir():
        return
    _make_parents(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)

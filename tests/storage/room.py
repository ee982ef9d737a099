"""Disks that are full, until there is room again.

Who may mount nothing fills only the feigned one. `TORTURE=1` insists on the real one.
"""

from __future__ import annotations

import errno
import os
import subprocess
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw


def rooms() -> list[type[Room]]:
    """The disks that can be filled here."""
    if os.environ.get("TORTURE") or _may_mount():
        return [FeignedRoom, RealRoom]
    return [FeignedRoom]


def _may_mount() -> bool:
    with TemporaryDirectory() as place:
        try:
            RealRoom(Path(place)).close()
        except OSError:
            return False
    return True


class Room(ABC):
    """A directory on a disk that can be filled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @abstractmethod
    def fill(self) -> None:
        """Leave no byte free."""

    @abstractmethod
    def free(self) -> None:
        """Make room again."""

    @abstractmethod
    def close(self) -> None:
        """Take the disk away."""


class RealRoom(Room):
    """A small file system of its own, in memory. Raises `OSError` where one can't be mounted."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        mount = ("mount", "-t", "tmpfs", "-o", "size=2m", "pectin", str(place))
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise OSError(errno.EPERM, mounted.stderr.strip())
        self._ballast = place / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            for size in (65_536, 4_096, 512, 1):
                with suppress(OSError):  # no more of this size
                    while file.write(b"x" * size) == size:
                        pass

    def free(self) -> None:
        self._ballast.unlink()

    def close(self) -> None:
        subprocess.run(("umount", "--lazy", str(self.place)), check=True)


class FeignedRoom(Room):
    """The system's disk, on which no file of a database grows while it is full."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self._disk = _Disk()

    def fill(self) -> None:
        self._disk.full = True

    def free(self) -> None:
        self._disk.full = False

    def close(self) -> None:
        self._disk.unregister()


class _Disk(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("small", "unix", makedefault=True)
        self.full = False

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: _Disk, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        if self._disk.full and offset + len(data) > self.xFileSize():
            error = apsw.FullError("no space is left")
            error.extendedresult = apsw.SQLITE_FULL  # type: ignore[attr-defined]
            raise error
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]

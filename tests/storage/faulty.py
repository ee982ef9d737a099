"""A disk on which one call fails, or all from one on."""

from __future__ import annotations

from typing import Any

import apsw

from tests.storage.disk import kind_of

FAULTS: dict[str, tuple[int, ...]] = {
    "open": (apsw.SQLITE_CANTOPEN, apsw.SQLITE_IOERR),
    "delete": (apsw.SQLITE_IOERR_DELETE,),
    "access": (apsw.SQLITE_IOERR_ACCESS,),
    "read": (apsw.SQLITE_IOERR_READ,),
    "write": (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_FULL),
    "truncate": (apsw.SQLITE_IOERR_TRUNCATE,),
    "sync": (apsw.SQLITE_IOERR_FSYNC,),
    "size": (apsw.SQLITE_IOERR_FSTAT,),
    "lock": (apsw.SQLITE_IOERR_LOCK,),
    "unlock": (apsw.SQLITE_IOERR_UNLOCK,),
}
"""What can go wrong with each call; the first is what does, unless another is asked for."""

_CLASSES: dict[int, type[apsw.Error]] = {
    apsw.SQLITE_CANTOPEN: apsw.CantOpenError,
    apsw.SQLITE_FULL: apsw.FullError,
}


class Faulty(apsw.VFS):
    """All new connections of the process are on it until it is removed. It counts calls from 1 on, and fails number
    `fails_at`, or with `for_good` that one and all after it (locks are the system's, not the disk's, and go on)."""

    def __init__(self, fails_at: int = 0, *, for_good: bool = False, variant: int = 0) -> None:
        super().__init__("faulty", "unix", makedefault=True)
        self.calls: list[str] = []
        self.failed: list[str] = []
        self._fails_at = fails_at
        self._for_good = for_good
        self._variant = variant

    def heal(self) -> None:
        """Nothing fails from now on."""
        self._fails_at = 0

    def call(self, kind: str, name: str) -> None:
        """Note a call, and fail it if its time has come."""
        self.calls.append(f"{kind} {name}")
        number = len(self.calls)
        if not self._fails_at or number < self._fails_at:
            return
        if number > self._fails_at and (not self._for_good or kind.endswith("lock")):
            return
        self.failed.append(f"{kind} {name}")
        codes = FAULTS[kind]
        code = codes[self._variant % len(codes)]
        error = _CLASSES.get(code, apsw.IOError)(f"{kind} of {name} failed")
        error.extendedresult = code  # type: ignore[attr-defined]
        raise error

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> bool:
        """SQLite goes on after some failures without a word, as it should; apsw would print them."""
        return True

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802
        path: str = name.filename() if isinstance(name, apsw.URIFilename) else name
        kind = kind_of(path)
        self.call("open", kind)
        return FaultyFile(self, kind, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.call("delete", kind_of(filename))
        super().xDelete(filename, syncdir)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        self.call("access", kind_of(pathname))
        return super().xAccess(pathname, flags)


class FaultyFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Faulty, kind: str, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self._call = disk.call
        self._kind = kind

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._call("read", self._kind)
        return super().xRead(amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._call("write", self._kind)
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._call("truncate", self._kind)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._call("sync", self._kind)
        super().xSync(flags)

    def xFileSize(self) -> int:  # noqa: N802
        self._call("size", self._kind)
        return super().xFileSize()

    def xLock(self, level: int) -> None:  # noqa: N802
        self._call("lock", self._kind)
        super().xLock(level)

    def xUnlock(self, level: int) -> None:  # noqa: N802
        self._call("unlock", self._kind)
        super().xUnlock(level)

"""What SQLite's errors mean, and what to do about each."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import apsw

from pectin.ports.store import Damaged, StoreBroken, StoreError

_SYNC_FAILED = (apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC)

_DAMAGED = (
    "{path} is damaged{where}. Stop what uses it, copy it with its -wal file, and restore a backup "
    "or try `sqlite3 {path} .recover`."
)

_MEANING: dict[type[apsw.Error], str] = {
    apsw.NotADBError: "{path} is no SQLite database. Name another file.",
    apsw.FullError: "The disk of {path} is full. Make room; what was refused can then be done again.",
    apsw.BusyError: "Another process has been writing to {path} for too long. Try again.",
    apsw.CantOpenError: "{path} can't be opened. Check that its directory exists and may be written to.",
    apsw.ReadOnlyError: "{path} can't be written to. Check the permissions of the file and its directory.",
    apsw.PermissionsError: "{path} can't be written to. Check the permissions of the file and its directory.",
    apsw.IOError: "{path} can't be read or written ({error}). Check the disk.",
}

_OF_THE_FILE = (*_MEANING, apsw.CorruptError, apsw.NoMemError, apsw.InternalError)


def is_of_the_file(error: Exception) -> bool:
    """Whether the file failed, or the system beneath it, and not the statement that met it."""
    return isinstance(error, _OF_THE_FILE)


def explain(error: apsw.Error, path: str) -> StoreError:
    """The store's error for one of SQLite's."""
    if getattr(error, "extendedresult", None) in _SYNC_FAILED:
        return sync_failed(path)
    if isinstance(error, apsw.CorruptError):
        return Damaged(_DAMAGED.format(path=path, where=""))
    is_full = getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_SHMSIZE  # there is no room for the -shm file
    meaning = _MEANING.get(apsw.FullError if is_full else type(error), "SQLite refused to work on {path}: {error}.")
    return StoreError(meaning.format(path=path, error=error))


def sync_failed(path: str) -> StoreBroken:
    """The error for a write that may be durable or not."""
    return StoreBroken(
        f"The system could not make a write to {path} durable (fsync failed), and nobody knows what is on the "
        "disk. Check the disk, then start anew."
    )


def unreadable(error: Exception, path: str) -> Damaged:
    """The error for values that no store has written."""
    return Damaged(_DAMAGED.format(path=path, where=f": it holds a value that can't be read ({error})"))


@contextmanager
def explained(path: str) -> Generator[None]:
    """Let SQLite's errors out as the store's."""
    try:
        yield
    except apsw.Error as error:
        raise explain(error, path) from error


@contextmanager
def decoded(path: str) -> Generator[None]:
    """Let out as damage what comes of values that no store has written."""
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:
        raise unreadable(error, path) from error

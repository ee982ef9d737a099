"""One engine at a time: a lock that the kernel gives back when its process ends, however it ends.

It is `flock` on `<store>-engine.lock`, a file of its own. The lock belongs to the open file: a second store in the
same process is refused too, and code that opens and closes the file (a backup) doesn't lose it, as it would with
POSIX locks. Forked children close their copy, or an orphan would hold the store for ever.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from weakref import WeakSet

from pectin.ports.store import StoreBusy, StoreError

ASKED_TIMES_MAX = 25
"""How often an engine tries again, 2 ms later, before it says that another has the store."""


class EngineLock:
    """The right to be the engine of the store at `path`, from here to `release`. Raises `StoreBusy`."""

    def __init__(self, path: str) -> None:
        try:
            self._file = os.open(f"{path}-engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{path}-engine.lock can't be opened: {error.strerror}.") from error
        try:
            _lock(self._file)
        except OSError as error:
            other = os.pread(self._file, 32, 0).decode().strip() or "unknown"
            os.close(self._file)
            if not isinstance(error, BlockingIOError):
                raise StoreError(f"{path}-engine.lock can't be locked: {error.strerror}.") from error
            raise StoreBusy(
                f"An engine (process {other}) has {path}. Stop it, or use another store; "
                "commands that decide, cancel or list work beside it."
            ) from error
        with suppress(OSError):  # a full disk: the lock holds, and only its holder's name is missing
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        _held.add(self)

    def release(self) -> None:
        """Let another engine in."""
        _held.discard(self)
        os.close(self._file)


def _lock(file: int) -> None:
    """Take the lock, with patience for somebody who only asks (`is_locked`)."""
    for _ in range(ASKED_TIMES_MAX):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.002)
    return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: str) -> bool:
    """Whether an engine has the store at `path`. Where none has, the question takes the lock for its instant."""
    try:
        file = os.open(f"{path}-engine.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


_held = WeakSet[EngineLock]()


def _forget_in_child() -> None:
    for lock in list(_held):
        with suppress(OSError):
            lock.release()


os.register_at_fork(after_in_child=_forget_in_child)

"""Where a trial's histories are: a place that outlives the processes that open it, as it is when one is killed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import apsw

from pectin.core.audit import Finding
from pectin.ports.store import Store
from pectin.store.memory import Memory, MemoryStore
from pectin.store.memory import soundness as memory_soundness
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite import soundness as sqlite_soundness


class Place(Protocol):
    """`has_inside`: there is a moment at which all of a transaction was said and nothing of it is durable."""

    has_inside: bool

    def open(self, before_commit: Callable[[], None]) -> Store:
        """A new process opens it. What is called within each transaction may kill the process."""
        ...

    def freeze(self) -> None:
        """The process is killed now: what it left is what the next one finds."""
        ...

    def check(self) -> list[Finding]:
        """What is not sound in the place itself."""
        ...

    def messages(self) -> Counter[tuple[str, str]]:
        """What nobody has taken yet, by name and correlation."""
        ...

    def booked(self) -> Counter[str]:
        """The rows that `transactional` bodies wrote, by key."""
        ...

    def close(self) -> None: ...


class InMemory:
    """A place in dictionaries. A write there is whole or not begun, so it has no inside."""

    has_inside = False

    def __init__(self, make: Callable[[Memory], Store] = MemoryStore) -> None:
        self.memory = Memory()
        self._make = make

    def open(self, before_commit: Callable[[], None]) -> Store:
        return self._make(self.memory)

    def freeze(self) -> None:
        self.memory.in_charge = None  # its lock goes with the process

    def check(self) -> list[Finding]:
        return list(memory_soundness.check(self.memory))

    def messages(self) -> Counter[tuple[str, str]]:
        return Counter((message.name, message.correlation) for message in self.memory.inbox.messages.values())

    def booked(self) -> Counter[str]:
        return Counter()

    def close(self) -> None:
        """Nothing is left."""


class InFile:
    """A SQLite file. When its process is killed, the file and its log are copied as they are: what the dead process
    still holds open can't tidy them up."""

    has_inside = True

    def __init__(self, directory: Path, make: Callable[..., SqliteStore] = SqliteStore) -> None:
        self._directory = directory
        self._make = make
        self._numbers = count(1)
        self._path = directory / "store-0.db"
        shutil.copyfile(_new_store(directory), self._path)
        self._opened: list[SqliteStore] = []

    def open(self, before_commit: Callable[[], None]) -> Store:
        self._opened.append(self._make(str(self._path), fast=True, before_commit=before_commit))
        return self._opened[-1]

    def freeze(self) -> None:
        image = self._directory / f"store-{next(self._numbers)}.db"
        for suffix in ("", "-wal"):
            if (left := Path(f"{self._path}{suffix}")).exists():
                shutil.copyfile(left, f"{image}{suffix}")
        self._path = image

    def check(self) -> list[Finding]:
        return sqlite_soundness.check(str(self._path))

    def messages(self) -> Counter[tuple[str, str]]:
        return Counter((name, correlation) for name, correlation in self._ask("select name, correlation from inbox"))

    def booked(self) -> Counter[str]:
        try:
            return Counter(key for (key,) in self._ask("select key from booked"))
        except apsw.SQLError:  # nobody has booked anything yet
            return Counter()

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        reader = self._opened[-1]._reader  # pyright: ignore[reportPrivateUsage]
        return reader.execute(query).fetchall()

    def close(self) -> None:
        for store in self._opened:
            _let_go(store)
        for file in self._directory.glob("store-*"):
            file.unlink()


def _new_store(directory: Path) -> Path:
    """A store's file in which nothing is yet; all trials of a directory begin with a copy of it."""
    new = directory / "new.db"
    if not new.exists():
        _let_go(SqliteStore(str(new), fast=True))
    return new


def _let_go(store: SqliteStore) -> None:
    """Close what a process held that is dead, or has no loop any more: nothing queued in it can be waited for."""
    writer: Any = store._writer  # pyright: ignore[reportPrivateUsage]
    writer._connection.close()
    writer._thread.shutdown()
    store._reader.close()  # pyright: ignore[reportPrivateUsage]
    if store._lock is not None:  # pyright: ignore[reportPrivateUsage]
        store._lock.release()  # pyright: ignore[reportPrivateUsage]

"""Counts the syncs of a process: what makes a commit durable, and what costs most of it. Counted, not believed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import apsw


class Syncs(apsw.VFS):
    """The system's files, and how often SQLite had them synced."""

    def __init__(self) -> None:
        self.count = 0
        self.base = apsw.vfs_names()[0]  # the default so far
        super().__init__("bench-syncs", self.base, makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802 - SQLite's name
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, syncs: Syncs, name: Any, flags: Any) -> None:
        super().__init__(syncs.base, name, flags)
        self._syncs = syncs

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._syncs.count += 1
        super().xSync(flags)


@contextmanager
def counted_syncs() -> Generator[Syncs]:
    """Count the syncs of all files that are opened while this is open. It makes them slower."""
    syncs = Syncs()
    try:
        yield syncs
    finally:
        syncs.unregister()

"""What can be left of a file system when the power goes.

Everything that was synced is there. Of the rest, any part may be: whole writes, sectors of them, a truncation, a name,
each by chance and not in order, as caches of systems and disks leave it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.storage.disk import (
    Acked,
    Created,
    Deleted,
    DirectorySynced,
    Happening,
    Made,
    Synced,
    Truncated,
    Written,
    kind_of,
)

SECTORS = (512, 4096)


class FileSystem:
    """A file system as far as the happenings have gone: what is durable, and what is not yet."""

    def __init__(self) -> None:
        self.made = False
        self.acked = Acked(0, 0)
        self._durable: dict[int, bytearray] = {}
        self._pending: dict[int, list[Written | Truncated]] = {}
        self._kinds: dict[int, str] = {}
        self._names: dict[str, int] = {}
        self._pending_names: list[Created | Deleted] = []

    def go_on(self, happening: Happening) -> None:
        """Let one more thing happen."""
        match happening:
            case Created(name, file):
                self._kinds[file] = kind_of(name)
                self._durable[file] = bytearray()
                self._pending[file] = []
                self._pending_names.append(happening)
            case Deleted():
                self._pending_names.append(happening)
            case Written(file) | Truncated(file):
                self._pending[file].append(happening)
            case Synced(file):
                for change in self._pending[file]:
                    _change(self._durable[file], change)
                self._pending[file] = []
            case DirectorySynced():
                for name in self._pending_names:
                    _rename(self._names, name)
                self._pending_names = []
            case Made():
                self.made = True
            case Acked(number, fence):
                self.acked = Acked(max(self.acked.number, number), fence)

    def cut(self, chance: random.Random, reached: Counter[str]) -> dict[str, bytes]:
        """The files that are there when the power comes back. Counts in `reached` what was lost on the way."""
        sector = chance.choice(SECTORS)
        kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        names = dict(self._names)
        for name in self._pending_names:
            if chance.random() < kept:
                _rename(names, name)
            else:
                what = "new name" if isinstance(name, Created) else "delete"
                reached[f"{kind_of(name.name)}: {what} lost"] += 1
        cut = _Cut(chance, sector, kept)
        return {name: self._content(file, cut, reached) for name, file in names.items()}

    def _content(self, file: int, cut: _Cut, reached: Counter[str]) -> bytes:
        content = bytearray(self._durable[file])
        for change in self._pending[file]:
            parts = cut.parts(change)
            for part in parts:
                _change(content, part)
            kept = sum(_size(part) for part in parts) / _size(change)
            what = "truncation" if isinstance(change, Truncated) else "write"
            reached[f"{self._kinds[file]}: {what} {('torn', 'lost', 'kept')[(kept == 0) - (kept == 1)]}"] += 1
        return bytes(content)


class _Cut(NamedTuple):
    """One way in which unsynced changes are lost: each part of `sector` bytes is `kept` with this probability."""

    chance: random.Random
    sector: int
    kept: float

    def parts(self, change: Written | Truncated) -> Sequence[Written | Truncated]:
        """What is left of a change."""
        parts = [change] if isinstance(change, Truncated) else _sectors(change, self.sector)
        return [part for part in parts if self.chance.random() < self.kept]


def _size(change: Written | Truncated) -> int:
    return 1 if isinstance(change, Truncated) else len(change.data)


def _sectors(write: Written, size: int) -> Sequence[Written]:
    """The parts of a write that a disk writes at once."""
    end = write.offset + len(write.data)
    bounds = [write.offset, *range(write.offset - write.offset % size + size, end, size), end]
    return [
        Written(write.file, start, write.data[start - write.offset : stop - write.offset])
        for start, stop in pairwise(bounds)
    ]


def _change(content: bytearray, change: Written | Truncated) -> None:
    if isinstance(change, Truncated):
        del content[change.size :]
        return
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


def _rename(names: dict[str, int], change: Created | Deleted) -> None:
    if isinstance(change, Created):
        names[change.name] = change.file
    else:
        names.pop(change.name, None)

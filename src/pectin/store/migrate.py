"""Numbered migrations: which ones a store has yet to see, and when to refuse it.

A migration is a file of SQL, `0001_first.sql`, and never changes once released: its checksum is stored beside its
number. There is no way back; a store that newer code has migrated is refused by older code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from pectin.ports.store import StoreError

_NAME = re.compile(r"(\d{4})_\w+")


class Migration(msgspec.Struct, frozen=True):
    """One step from a layout to the next."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the SQL, in hex."""
        return sha256(self.sql.encode()).hexdigest()


def read_migrations(directory: Path) -> tuple[Migration, ...]:
    """The migrations of a directory, in the order of their numbers."""
    files = sorted(file for file in directory.glob("*.sql") if _NAME.fullmatch(file.stem))
    return tuple(Migration(int(file.stem[:4]), file.stem, file.read_text("utf-8")) for file in files)


def pending(migrations: Sequence[Migration], applied: Mapping[int, str], store: str) -> list[Migration]:
    """Those that `store` hasn't seen; `applied` are the checksums by number. Raises `StoreError`."""
    known = {migration.number: migration for migration in migrations}
    if newer := sorted(applied.keys() - known.keys()):
        raise StoreError(
            f"{store} was written by a newer Pectin: it has migration {newer[-1]}, and this one knows "
            f"{max(known)}. Upgrade Pectin."
        )
    for number, checksum in applied.items():
        if known[number].checksum != checksum:
            raise StoreError(
                f"{store} has another migration {known[number].name} than this Pectin. "
                "Open it with the release that made it."
            )
    return [migration for migration in migrations if migration.number not in applied]

"""The ledger of a trial: what happened in which life, written down before anything can be killed.

It is independent of the engine's history, so that the two can be held against each other. In a file, a record is one
`write` with O_APPEND: it survives the process, which is all that is killed here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import msgspec

from pectin.core.audit import Finding
from pectin.core.definition import Json
from pectin.testing.crashtest.point import Point


class Entered(msgspec.Struct, frozen=True, tag=True):
    """A body was entered, or as `reconcile` the function that tells of one. `input` is the digest of what it sees."""

    life: int
    execution: str
    activation: str
    attempt: int
    key: str
    input: str
    reconcile: bool = False


class Returned(msgspec.Struct, frozen=True, tag=True):
    """A body has returned, with this patch and this output, or `raised`."""

    life: int
    execution: str
    activation: str
    attempt: int
    patch: dict[str, Json] = {}
    output: Json = None
    raised: str | None = None
    reconcile: bool = False


class Written(msgspec.Struct, frozen=True, tag=True):
    """A write was acknowledged, the `number`-th of its life. A commit took the execution to this `version`; `touches`
    are the activations that its events name."""

    life: int
    number: int
    verb: str
    execution: str = ""
    version: int = 0
    touches: tuple[str, ...] = ()


class Observed(msgspec.Struct, frozen=True, tag=True):
    """What was in the store when a life began, before anything was recovered: what an audit finds there, and what had
    been acknowledged and is not there."""

    life: int
    findings: list[Finding]
    lost: list[str]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """What the script said was refused."""

    life: int
    code: str
    reason: str


class Leapt(msgspec.Struct, frozen=True, tag=True):
    """The clock is this much ahead from now on."""

    ahead_ms: int


class Killed(msgspec.Struct, frozen=True, tag=True):
    """The life ends here."""

    life: int
    point: Point


Record = Entered | Returned | Written | Observed | Refused | Leapt | Killed


class Ledger(Protocol):
    """Where records go."""

    def append(self, record: Record) -> None: ...
    def read(self) -> list[Record]: ...


class MemoryLedger:
    """A ledger that outlives simulated processes."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def append(self, record: Record) -> None:
        self._records.append(record)

    def read(self) -> list[Record]:
        return list(self._records)


class FileLedger:
    """A ledger that outlives real ones."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)

    def append(self, record: Record) -> None:
        os.write(self._file, msgspec.json.encode(record) + b"\n")

    def read(self) -> list[Record]:
        decoder = msgspec.json.Decoder(Record)
        return [decoder.decode(line) for line in self._path.read_bytes().splitlines()]

    def close(self) -> None:
        os.close(self._file)

"""The ledger survives who writes it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pectin.core.audit import Finding
from pectin.testing.crashtest import parse_point
from pectin.testing.crashtest.fork import fork
from pectin.testing.crashtest.ledger import (
    Entered,
    FileLedger,
    Killed,
    Leapt,
    MemoryLedger,
    Observed,
    Record,
    Refused,
    Returned,
    Written,
)

RECORDS: list[Record] = [
    Entered(1, "id", "pay", 1, "key", "digest"),
    Returned(1, "id", "pay", 1, patch={"a": [1, None]}, output="x"),
    Returned(1, "id", "pay", 2, raised="OSError", reconcile=True),
    Written(1, 3, "commit", "id", 7, ("pay", "review")),
    Observed(2, [Finding("gap", "event 3", "no", "look")], ["one"]),
    Refused(1, "decided", "by another"),
    Leapt(12),
    Killed(2, parse_point("pay:after-body")),
]


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    file, memory = FileLedger(tmp_path / "ledger"), MemoryLedger()
    for record in RECORDS:
        file.append(record)
        memory.append(record)
    assert file.read() == memory.read() == RECORDS
    file.close()


def test_what_was_appended_outlives_a_kill(tmp_path: Path) -> None:
    def work() -> bytes:
        ledger = FileLedger(tmp_path / "ledger")
        for record in RECORDS:
            ledger.append(record)
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    assert fork(work, tmp_path, 10).signal == signal.SIGKILL
    again = FileLedger(tmp_path / "ledger")
    again.append(Leapt(13))
    assert again.read() == [*RECORDS, Leapt(13)]
    again.close()

"""Trials in real processes: SIGKILL, SQLite with full durability, real threads and real time, but for waits.

Each life is a fork of this process, which has loaded the workflow and begun no loop. It kills itself exactly at its
point; nobody has to hit the moment from outside.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from pectin.core.error import PectinError
from pectin.ports.store import Store
from pectin.runtime.host import ProcessHost
from pectin.store.sqlite import SqliteStore
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.fork import Left, can_fork, fork
from pectin.testing.crashtest.gate import Gate
from pectin.testing.crashtest.ledger import FileLedger, Killed, Leapt, Ledger, Record
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.living import live
from pectin.testing.crashtest.observe import observe, read_tables
from pectin.testing.crashtest.outcome import End, Outcome, still_running
from pectin.testing.crashtest.point import Point

_DATABASE: Final = "pectin.db"
_TROUBLE_LINES: Final = 12


class CannotFork(PectinError):
    """This system can't fork processes, so none can be killed."""


class RealLeapClock:
    """The system's clock, ahead by all that was leapt over, in earlier lives too."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._ahead_ms = max((record.ahead_ms for record in ledger.read() if isinstance(record, Leapt)), default=0)
        self._leapt = asyncio.Event()

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    async def sleep_until(self, at: int) -> None:
        while (left_ms := at - self.now()) > 0:
            leapt = self._leapt
            with suppress(TimeoutError):
                await asyncio.wait_for(leapt.wait(), left_ms / 1_000)

    async def leap(self, to: int) -> None:
        self._ahead_ms += max(to - self.now(), 0)
        self._ledger.append(Leapt(self._ahead_ms))
        self._leapt.set()
        self._leapt = asyncio.Event()


def run_trial(case: Case, points: Sequence[Point], folder: Path, gate: Callable[[], Gate] = Gate) -> Outcome:
    """One trial in this folder, which is emptied: each life is killed at its point, and the one after the last point
    goes on to the end. Raises `CannotFork`."""
    if not can_fork():
        raise CannotFork("processes can be forked on Linux and macOS only; use the simulated crashes")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ledger = FileLedger(folder / "ledger")
    try:
        outcome = _live_all(case, points, folder, ledger, gate)
    finally:
        ledger.close()
    outcome.points = list(points)
    return outcome


def _live_all(
    case: Case, points: Sequence[Point], folder: Path, ledger: FileLedger, gate: Callable[[], Gate]
) -> Outcome:
    for number in count(1):
        point = points[number - 1] if number <= len(points) else None
        left = fork(partial(_be_life, case, number, point, folder, gate), folder, case.seconds_max)
        if left.said is not None:
            return msgspec.json.decode(left.said, type=Outcome)
        records = ledger.read()
        if left.late or left.signal != signal.SIGKILL or not records or not isinstance(records[-1], Killed):
            return _post_mortem(left, records, folder, number, case)
    raise AssertionError("each life ends")


def _be_life(case: Case, number: int, point: Point | None, folder: Path, gate: Callable[[], Gate]) -> bytes:
    ledger = FileLedger(folder / "ledger")
    life = Life(number, ledger, gate(), point, _kill)

    async def go() -> Outcome:
        store = SqliteStore(str(folder / _DATABASE), before_commit=life.before_commit)
        try:
            return await live(life, case, store, ProcessHost(), RealLeapClock(ledger))
        finally:
            await store.close()

    outcome = asyncio.run(go())
    outcome.tables = read_tables(folder / _DATABASE)
    return msgspec.json.encode(outcome)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _post_mortem(left: Left, records: list[Record], folder: Path, lives: int, case: Case) -> Outcome:
    """The outcome of a trial that came to no end: what there is."""

    def look() -> bytes:
        async def go() -> Outcome:
            store: Store = SqliteStore(str(folder / _DATABASE))
            try:
                observed = await observe(store)
            finally:
                await store.close()
            return Outcome(End.BROKEN, observed.executions, findings=observed.findings)

        return msgspec.json.encode(asyncio.run(go()))

    found = fork(look, folder, case.seconds_max)
    outcome = Outcome(End.BROKEN) if found.said is None else msgspec.json.decode(found.said, type=Outcome)
    outcome.ledger, outcome.lives = records, lives
    if left.late:
        outcome.end = End.HUNG
        outcome.detail = f"it had not ended after {case.seconds_max:g} s{still_running(records, lives)}"
    elif left.signal:
        outcome.detail = f"its process was killed by {signal.Signals(left.signal).name}{still_running(records, lives)}"
    else:
        trouble = "\n".join(left.trouble.splitlines()[-_TROUBLE_LINES:])
        outcome.detail = f"its process ended with exit code {left.exit_code}{still_running(records, lives)}\n{trouble}"
    return outcome

"""Real processes, killed by SIGKILL."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from pectin import WorkflowStatus
from pectin.testing.crashtest import CannotFork, Case, End, parse_point, real, run_trial
from pectin.testing.crashtest.ledger import Killed, Leapt, MemoryLedger, Observed
from tests.testing.crashtest.flows import careless, done, dying, hanging, rows, wide


@pytest.fixture(autouse=True)
def a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("point", "paid"),
    [
        ("commit-4:before", 2),
        ("commit-4:inside", 2),
        ("commit-4:after", 1),
        ("pay:before-body", 1),
        ("pay:after-body", 2),
    ],
)
def test_a_process_is_killed_exactly_there_and_the_next_goes_on(tmp_path: Path, point: str, paid: int) -> None:
    outcome = run_trial(Case(careless), [parse_point(point)], tmp_path / "trial")
    assert (outcome.end, outcome.status, outcome.lives) == (End.ENDED, WorkflowStatus.COMPLETED, 2)
    assert [record.point for record in outcome.ledger if isinstance(record, Killed)] == [parse_point(point)]
    assert (outcome.findings, outcome.lost, outcome.unreached) == ([], [], [])
    assert done() == ["paid 12"] * paid


def test_days_that_were_leapt_over_stay_so_in_the_next_life(tmp_path: Path) -> None:
    """The wait of three days is over before the crash, and the event's deadline of a day begins after it."""
    began = time.monotonic()
    outcome = run_trial(Case(wide, seconds_max=20), [parse_point("commit-8:after")], tmp_path / "trial")
    assert (outcome.status, outcome.lives) == (WorkflowStatus.COMPLETED, 2)
    assert max(record.ahead_ms for record in outcome.ledger if isinstance(record, Leapt)) > 2 * 86_400_000
    assert time.monotonic() - began < 20
    assert all(not record.findings for record in outcome.ledger if isinstance(record, Observed))


def test_sql_of_a_step_is_in_its_commit(tmp_path: Path) -> None:
    outcome = run_trial(Case(rows), [parse_point("book:after-body")], tmp_path / "trial")
    assert (outcome.entered()["book"], outcome.tables) == (2, {"bookings": [["A-1"]]})


def test_one_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    outcome = run_trial(Case(hanging, seconds_max=1), [], tmp_path / "trial")
    assert outcome.end is End.HUNG
    assert outcome.detail == "it had not ended after 1 s; still running: `hang`"
    assert outcome.status is WorkflowStatus.RUNNING


def test_one_that_ends_its_process_is_told(tmp_path: Path) -> None:
    outcome = run_trial(Case(dying), [], tmp_path / "trial")
    assert outcome.end is End.BROKEN
    assert outcome.detail.startswith("its process ended with exit code 3; still running: `die`")


def test_without_fork_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "can_fork", lambda: False)
    with pytest.raises(CannotFork, match="Linux and macOS only"):
        run_trial(Case(careless), [], tmp_path / "trial")


async def test_a_leap_wakes_who_sleeps() -> None:
    ledger = MemoryLedger()
    clock = real.RealLeapClock(ledger)
    there = clock.now() + 86_400_000
    sleeping = asyncio.ensure_future(clock.sleep_until(there))
    await asyncio.sleep(0)
    await clock.leap(there)
    await asyncio.wait_for(sleeping, 5)
    assert real.RealLeapClock(ledger).now() >= there
    before = clock.now()
    await clock.leap(before - 5)
    assert clock.now() >= before

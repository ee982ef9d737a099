"""A child's end, whatever it is, is told and costs the parent nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pectin.testing.crashtest.fork import can_fork, fork


def test_it_says_what_it_has_to_say(tmp_path: Path) -> None:
    left = fork(lambda: b"done", tmp_path, 10)
    assert (left.said, left.signal, left.exit_code, left.late) == (b"done", 0, 0, False)
    assert can_fork()


def test_what_it_raises_is_kept(tmp_path: Path) -> None:
    def work() -> bytes:
        raise LookupError("the bank is closed")

    left = fork(work, tmp_path, 10)
    assert left.said is None
    assert left.exit_code == 70
    assert left.trouble.endswith("LookupError: the bank is closed")


def test_what_it_prints_is_kept_by_whatever_means(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> bytes:
        print("by print", file=sys.stdout)  # noqa: T201
        os.write(2, b"by a file descriptor\n")
        subprocess.run(["echo", "by a process"], check=True)
        os._exit(3)

    left = fork(work, tmp_path, 10)
    assert left.exit_code == 3
    assert left.trouble.splitlines() == ["by print", "by a file descriptor", "by a process"]
    assert capfd.readouterr() == ("", "")


def test_one_that_takes_too_long_is_killed_with_all_it_began(tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    def work() -> bytes:
        begun = subprocess.Popen(["sleep", "60"])
        pid.write_text(str(begun.pid))
        begun.wait()
        return b""

    began = time.monotonic()
    left = fork(work, tmp_path, 0.5)
    assert left.late
    assert left.said is None
    assert time.monotonic() - began < 10
    while _lives(pid.read_text()):
        assert time.monotonic() - began < 10


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_kill_is_told_by_its_signal(tmp_path: Path) -> None:
    def work() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    assert fork(work, tmp_path, 10).signal == signal.SIGKILL


def test_each_draws_anew(tmp_path: Path) -> None:
    drawn = {fork(lambda: str(random.random()).encode(), tmp_path, 10).said for _ in range(3)}
    assert len(drawn) == 3


async def test_it_works_beside_a_running_loop(tmp_path: Path) -> None:
    def work() -> bytes:
        import asyncio

        async def one() -> bytes:
            await asyncio.sleep(0)
            return b"1"

        return asyncio.run(one())

    assert fork(work, tmp_path, 10).said == b"1"


def test_a_child_whose_parent_is_gone_ends_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent is a child here: it is killed while its own one hangs."""
    monkeypatch.setattr("pectin.testing.crashtest.fork._ORPHAN_SECONDS", 1)
    pid = tmp_path / "pid"

    def hang() -> bytes:
        pid.write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
        return b""

    def work() -> bytes:
        inner = tmp_path / "inner"
        inner.mkdir()
        return fork(hang, inner, 0.5) and b""

    assert fork(work, tmp_path, 10).signal == signal.SIGKILL
    began = time.monotonic()
    while _lives(pid.read_text()):
        assert time.monotonic() - began < 10

"""What is counted as a sync: in a log, and of processes of our own that sync, or don't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.peers.environment import Unavailable
from bench.peers.syncs import Seen, Trace, check_tracing


def why_not_traced() -> str:
    """Why `make bench-peers` can't count here; empty if it can."""
    try:
        check_tracing(Path("/dev/null"))
    except Unavailable as reason:
        return str(reason)
    return ""


# Only `make bench-peers` takes strace, and leaves out its column without. Who tests Pectin need not install it: how a
# trace is read is tested below without one.
WHY_NOT = why_not_traced()
traced = pytest.mark.skipif(bool(WHY_NOT), reason=f"{WHY_NOT}: an option of make bench-peers, which says so, too")

WRITES = """
import os, sys
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR | int(sys.argv[3]))
for _ in range(int(sys.argv[2])):
    os.write(file, b"step")
    os.fsync(file)
    os.write(file, b"step")
    os.fdatasync(file)
"""
STARTS_ANOTHER = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"


def count(folder: Path, *command: str) -> Seen:
    """Count the syncs of a Python program."""
    trace = Trace(folder / "trace.log")
    subprocess.run([*trace.prefix, sys.executable, "-S", "-c", *command], check=True, timeout=60)
    return trace.seen()


@traced
def test_each_sync_of_a_process_is_counted(tmp_path: Path) -> None:
    assert count(tmp_path, WRITES, str(tmp_path / "file"), "5", "0") == Seen(10)


@traced
def test_a_process_that_writes_and_does_not_sync_reads_0(tmp_path: Path) -> None:
    unsynced = WRITES.replace("os.fsync(file)", "pass").replace("os.fdatasync(file)", "pass")
    assert count(tmp_path, unsynced, str(tmp_path / "file"), "5", "0") == Seen(0)
    assert (tmp_path / "file").read_text() == "step" * 10


@traced
def test_the_syncs_of_what_a_process_starts_are_counted(tmp_path: Path) -> None:
    assert count(tmp_path, STARTS_ANOTHER, WRITES, str(tmp_path / "file"), "3", "0") == Seen(6)


@traced
def test_a_file_that_syncs_by_itself_is_told(tmp_path: Path) -> None:
    import os

    assert count(tmp_path, WRITES, str(tmp_path / "file"), "0", str(os.O_DSYNC)).hidden == ("O_DSYNC",)


def test_a_log_is_counted_from_its_mark_on(tmp_path: Path) -> None:
    log = tmp_path / "trace.log"
    trace = Trace(log)
    assert trace.seen() == Seen(0)
    log.write_text("7     fsync(3)                = 0\n")
    assert trace.seen() == Seen(1)
    trace.mark()
    assert trace.seen() == Seen(0)
    with log.open("a") as more:
        more.write(
            "7     fdatasync(3 <unfinished ...>\n"
            "12345 msync(0x7f00, 4096, MS_ASYNC) = 0\n"
            '8     openat(AT_FDCWD, "/x/fsync(3)", O_RDWR|O_CREAT, 0600) = 4\n'
            "7     <... fdatasync resumed>)  = 0\n"
            "12345 msync(0x7f00, 4096, MS_SYNC) = 0\n"
            "8     io_uring_setup(8, {flags=0}) = 5\n"
        )
    assert trace.seen() == Seen(2, ("io_uring_setup",))

"""What is counted as a sync in a log, and that no tracer is believed before it counted rightly what is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.peers.environment import Unavailable
from bench.peers.syncs import Seen, Trace, check_tracing

RUN = 'while [ "$1" != -o ]; do shift; done; shift 2; exec "$@"'
"""The command begins after `-o` and the log."""


@pytest.fixture
def strace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a shell script of the test's be the machine's only `strace`. `$log` is where it is to write; then it runs
    what it is to trace."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def install(script: str) -> None:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin" / "strace"
        program.write_text(f"#!/bin/sh\nlog={tmp_path}/trace.log\n{script}\n{RUN}\n")
        program.chmod(0o755)

    return install


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


PROBE_LOG = """\
7     openat(AT_FDCWD, "file", O_RDWR|O_CREAT|O_CLOEXEC, 0777) = 3
7     openat(AT_FDCWD, "file", O_RDWR|O_DSYNC|O_CLOEXEC) = 4
7     fsync(3)                          = 0
8     fdatasync(3)                      = 0
8     fdatasync(3)                      = 0
"""


def test_a_tracer_that_counts_what_is_known_is_believed(tmp_path: Path, strace: Callable[[str], None]) -> None:
    strace(f"echo '{PROBE_LOG}' > $log")
    check_tracing(tmp_path / "trace.log")
    assert (tmp_path / "trace.probe").read_text() == "not synced"


@pytest.mark.parametrize(
    ("unseen", "counted"),
    [
        ("", "syncs=0, hidden=()"),
        (PROBE_LOG.replace("8     fdatasync", "8     write", 1), "syncs=2"),
        (PROBE_LOG.replace("O_DSYNC|", ""), "hidden=()"),
    ],
)
def test_a_tracer_that_counts_anything_else_is_not(
    unseen: str, counted: str, tmp_path: Path, strace: Callable[[str], None]
) -> None:
    strace(f"echo '{unseen}' > $log")
    with pytest.raises(Unavailable, match="miscounts here") as refused:
        check_tracing(tmp_path / "trace.log")
    assert counted in str(refused.value)


def test_a_tracer_that_may_not_trace_is_told_with_its_reason(tmp_path: Path, strace: Callable[[str], None]) -> None:
    strace("echo 'PTRACE_SEIZE: Operation not permitted' >&2; exit 1")
    with pytest.raises(Unavailable, match="may not trace here: PTRACE_SEIZE: Operation not permitted"):
        check_tracing(tmp_path / "trace.log")


@pytest.mark.usefixtures("strace")
def test_without_a_tracer_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="strace is not installed"):
        check_tracing(tmp_path / "trace.log")

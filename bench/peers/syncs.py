"""Counts the syncs of a process and of all that it starts, a server too: what a peer says of them is not believed.

By `strace`, since servers are often linked statically, and a library loaded before theirs would see nothing. The kernel
filters (`--seccomp-bpf`), so all other calls run at full speed; still, what is counted is not timed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.peers.environment import Unavailable

TRACED = "fsync,fdatasync,sync,syncfs,msync,open,openat,pwritev2,io_uring_setup"
SYNC = re.compile(r"^\d+ +(?:(?:fsync|fdatasync|sync|syncfs)\(|msync\(.*MS_SYNC)", re.MULTILINE)
HIDDEN = re.compile(r"\bO_D?SYNC\b|\bRWF_D?SYNC\b|\bio_uring_setup\b")
"""What makes writes durable without a call that is counted here."""


@dataclass(frozen=True)
class Seen:
    """How many syncs there were, and by which other means there may have been more."""

    syncs: int
    hidden: tuple[str, ...] = ()


PROBE = """
import os, sys
fdatasync = getattr(os, "fdatasync", os.fsync)
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
synced = os.open(sys.argv[1], os.O_RDWR | os.O_DSYNC)
os.write(file, b"not synced")
os.fsync(file)
if not (child := os.fork()):
    fdatasync(file)
    fdatasync(file)
    os._exit(0)
os.waitpid(child, 0)
"""
"""A program that syncs three times, twice of them in a child, and opens a file that syncs by itself."""

PROBE_SEEN = Seen(3, ("O_DSYNC",))
"""What is to be seen of it."""


class Trace:
    """A log of `strace`, from a mark on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._mark = 0

    @property
    def prefix(self) -> list[str]:
        """What to put before a command so that it is traced."""
        what = ["-e", f"trace={TRACED}", "-e", "signal=none"]
        return ["strace", "-f", "--seccomp-bpf", "-qq", *what, "-o", str(self._log)]

    def mark(self) -> None:
        """Count from here on. A call is in the log before it returns to who made it."""
        self._mark = len(self._text())

    def seen(self) -> Seen:
        """What was synced since the mark; other means are told whenever they were taken."""
        text = self._text()
        return Seen(len(SYNC.findall(text, self._mark)), tuple(sorted(set(HIDDEN.findall(text)))))

    def _text(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""


def check_tracing(log: Path) -> None:
    """Count what is known. Raises `Unavailable` where processes can't be traced here, or are miscounted."""
    if shutil.which("strace") is None:
        raise Unavailable("strace is not installed")
    trace = Trace(log)
    command = [*trace.prefix, sys.executable, "-S", "-c", PROBE, str(log.with_suffix(".probe"))]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise Unavailable(f"strace may not trace here: {tried.stderr.strip()}")
    if (seen := trace.seen()) != PROBE_SEEN:
        raise Unavailable(f"strace miscounts here: {seen} instead of {PROBE_SEEN}")

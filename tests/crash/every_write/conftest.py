"""What the trials share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import pectin.store.sqlite.writer
from tests.crash.every_write.tried import TRIED

SHARED_MEMORY = Path("/dev/shm")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if TRIED:
        tried = ", ".join(f"{times} {what}" for what, times in sorted(TRIED.items()))
        terminalreporter.write_line(f"crashes at every write: {tried}")


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer goes into a thread where the disk is slow; simulated time knows no threads."""
    monkeypatch.setattr(pectin.store.sqlite.writer, "INLINE_SECONDS_MAX", math.inf)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A place for files that nobody has to sync, where there is one."""
    with TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as name:
        yield Path(name)

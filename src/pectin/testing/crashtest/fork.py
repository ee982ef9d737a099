"""Children of this process, made with `fork`: what is imported here is there at once, and whatever becomes of them,
this process goes on.

A child's output goes to a file, and so does what it has to say.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from io import FileIO, TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

_LOOK_EVERY_SECONDS: Final = 0.002
_FAILED: Final = 70
_ORPHAN_SECONDS: Final = 5


class Left(NamedTuple):
    """What a child has left. `signal` is what killed it, 0 if it ended by itself; `said` is None if it said nothing;
    `trouble` is what it raised, or printed last. It may have been `late`: then it was killed."""

    signal: int
    exit_code: int
    said: bytes | None
    trouble: str
    late: bool


def can_fork() -> bool:
    """Whether this system has it."""
    return hasattr(os, "fork")


def fork(work: Callable[[], bytes], folder: Path, seconds_max: float) -> Left:
    """Do some work in a child, in a process group of its own, and wait for the end of it."""
    said, printed = folder / "said", folder / "printed"
    said.unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that others have begun: the child has none
        child = os.fork()
    if child == 0:
        _be_child(work, said, printed, seconds_max)
    try:
        with suppress(OSError):  # whoever is first: it may have to be killed before it has come so far itself
            os.setpgid(child, child)
        status, late = _wait(child, seconds_max)
    finally:
        end_group(child)
    trouble = printed.read_text("utf-8", "replace") if printed.exists() else ""
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return Left(killed_by, exit_code, said.read_bytes() if said.exists() else None, trouble.strip(), late)


def _be_child(work: Callable[[], bytes], said: Path, printed: Path, seconds_max: float) -> NoReturn:
    code = _FAILED
    try:
        os.setpgid(0, 0)
        gc.freeze()
        signal.set_wakeup_fd(-1)  # it may be that of a loop, which goes on in the parent
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(int(seconds_max) + _ORPHAN_SECONDS)  # if the parent is killed, nobody else ends a child that hangs
        random.seed()  # a new process draws anew
        _print_to(printed)
        words = work()
        draft = said.with_suffix(".draft")
        draft.write_bytes(words)
        draft.rename(said)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _print_to(file: Path) -> None:
    """Let everything that is printed, by whatever means, go there."""
    target = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.dup2(target, 1)
    os.dup2(target, 2)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdout, sys.stderr = (
        TextIOWrapper(FileIO(number, "w", closefd=False), "utf-8", "replace", write_through=True) for number in (1, 2)
    )


def _wait(child: int, seconds_max: float) -> tuple[int, bool]:
    """The child's exit status, and whether its time was up."""
    deadline = time.monotonic() + seconds_max
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status, False
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], True
        time.sleep(_LOOK_EVERY_SECONDS)


def end_group(child: int) -> None:
    """Kill what is left of a child and of what it has begun, and see the end of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)

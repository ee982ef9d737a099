"""The outside world: what it says before and after each trial, and what has changed in it.

A probe is a command whose output is read, or a function that returns JSON. It is asked in a child process or in one of
its own, so that what it opens is nobody else's.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from pectin.core.definition import Json
from pectin.core.error import PectinError, shorten
from pectin.testing.crashtest.fork import can_fork, end_group, fork

DIRECTORY: Final = "PECTIN_CRASHTEST_DIR"
"""The variable that names the directory of the trial that is running. It is empty when one begins."""

Probe = str | Callable[[], Any]
"""A command for the shell, or a function without parameters; it may be async."""

_SECONDS_MAX: Final = 60.0
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class ProbeFailed(PectinError):
    """The probe can't say what there is."""


class World:
    """The directory of the trial that is running, and the probe that looks at it and beyond."""

    def __init__(self, folder: Path, probe: Probe | None, *, inside: bool) -> None:
        self._folder = folder
        self._probe = probe
        self._inside = inside or not can_fork()
        self._place = folder / "world"

    @contextmanager
    def open(self) -> Generator[None]:
        """While trials run: the variable is set."""
        before = os.environ.get(DIRECTORY)
        os.environ[DIRECTORY] = str(self._place)
        try:
            yield
        finally:
            if before is None:
                del os.environ[DIRECTORY]
            else:
                os.environ[DIRECTORY] = before

    def renew(self) -> None:
        """Empty the directory: a trial begins."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir(parents=True)

    def read(self) -> Json:
        """What the probe says now; None without one. Raises `ProbeFailed`."""
        if self._probe is None:
            return None
        if isinstance(self._probe, str):
            return _ask_command(self._probe)
        return _ask_function(self._probe) if self._inside else self._ask_in_child(self._probe)

    def _ask_in_child(self, probe: Callable[[], Any]) -> Json:
        left = fork(lambda: msgspec.json.encode(_ask_function(probe)), self._folder, _SECONDS_MAX)
        if left.said is None:
            why = left.trouble.rpartition("\n")[2].rpartition("ProbeFailed: ")[2]
            raise ProbeFailed(f"the probe `{_name(probe)}` took longer than {_SECONDS_MAX:g} s" if left.late else why)
        return msgspec.json.decode(left.said)


def _ask_command(command: str) -> Json:
    process = subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        process_group=0 if can_fork() else None,
    )
    with process:
        try:
            said, trouble = process.communicate(timeout=_SECONDS_MAX)
        except BaseException as problem:  # its time is up, or somebody ends us
            process.kill()
            if can_fork():
                end_group(process.pid)
            if isinstance(problem, subprocess.TimeoutExpired):
                raise ProbeFailed(f"the probe `{command}` took longer than {_SECONDS_MAX:g} s") from None
            raise
    if process.returncode != 0:
        why = shorten(trouble.strip() or said.strip(), 400)
        raise ProbeFailed(f"the probe `{command}` ended with exit code {process.returncode}{why and ': '}{why}")
    try:
        return msgspec.json.decode(said)
    except msgspec.DecodeError:
        return [line for line in said.splitlines() if line.strip()]


def _ask_function(probe: Callable[[], Any]) -> Json:
    try:
        said = probe()
        if inspect.isawaitable(said):
            said = asyncio.run(_awaited(said))
    except Exception as problem:  # it is the author's, and may raise anything
        raise ProbeFailed(f"the probe `{_name(probe)}` failed: {type(problem).__name__}: {problem}") from problem
    try:
        return msgspec.json.decode(msgspec.json.encode(said))
    except (TypeError, ValueError) as problem:
        raise ProbeFailed(f"the probe `{_name(probe)}` returned what JSON can't say: {problem}") from problem


async def _awaited(said: Any) -> Any:
    return await said


def _name(probe: Callable[[], Any]) -> str:
    return getattr(probe, "__name__", type(probe).__name__)


# -- what has changed --------------------------------------------------------------------------------------------


def same_change(calm: tuple[Json, Json], trial: tuple[Json, Json]) -> bool:
    """Whether the world has changed in a trial as in the calm run: it is the same after if it was the same before, or
    what was added and taken away is."""
    if calm[0] == trial[0]:
        return calm[1] == trial[1]
    return change(*calm) == change(*trial)


def change(before: Json, after: Json) -> Json:
    """What is new: of a number its difference, of a list what was added and what is gone, of an object that of each
    key, and of a text with numbers in it theirs."""
    match before, after:
        case (bool(), _) | (_, bool()):
            return [before, after]
        case (int() | float(), int() | float()):
            return after - before
        case (dict(), dict()):
            old, new = cast("dict[str, Json]", before), cast("dict[str, Json]", after)
            return {key: change(old.get(key), new.get(key)) for key in sorted({*old, *new})}
        case (list(), list()):
            return _change_of_lists(cast("list[Json]", before), cast("list[Json]", after))
        case (str(), str()) if _NUMBER.sub("#", before) == _NUMBER.sub("#", after):
            pairs = zip(_NUMBER.findall(before), _NUMBER.findall(after), strict=True)
            return [_NUMBER.sub("#", before), [float(new) - float(old) for old, new in pairs]]
        case _:
            return [before, after] if before != after else None


def _change_of_lists(before: list[Json], after: list[Json]) -> Json:
    if len(before) == len(after) == 1:
        return change(before[0], after[0])
    old, new = (Counter(msgspec.json.encode(item, order="sorted") for item in items) for items in (before, after))
    return [sorted(item.decode() for item in some.elements()) for some in (new - old, old - new)]


def show(said: Json) -> str:
    """What a probe said, in a few words."""
    match said:
        case [str() as line]:
            return shorten(line, 60)
        case list():
            lines = cast("list[Json]", said)
            return f"{len(lines)} lines" if all(isinstance(line, str) for line in lines) else f"{len(lines)} entries"
        case str():
            return shorten(said, 60)
        case _:
            return shorten(msgspec.json.encode(said).decode(), 60)

"""Judges what a door does with an input: it takes it or refuses it, in bounds, and with nothing but its own errors.

A door is where something comes in that may be anything. What it may raise is documented, and so is all that it may
raise. Everything else is a finding: another exception, an assertion, too much time or memory, a message that doesn't
say what is wrong or can't be written down.
"""

from __future__ import annotations

import gc
import json
import resource
import signal
import time
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Any, Final, NamedTuple

from pectin.core.error import BadValue
from pectin.core.explanation import EXPLANATIONS
from pectin.core.expression import ExpressionError
from pectin.core.problem import DefinitionError
from tests.fuzz.recipe import Recipe, make, spell

SECONDS_MAX: Final = 0.25
SECONDS_A_MEGABYTE: Final = 1.0
"""CPU seconds that an input may take, and for how much there is of it."""

BYTES_MAX: Final = 64 << 20
"""Memory that one may take, at its peak."""

LOOK_SECONDS: Final = 0.015
"""Nobody fills so much memory in less: memory is measured only of what takes longer."""

RUNAWAY_SECONDS: Final = 4.0
RUNAWAY_BYTES: Final = 3 << 30
LINE_MAX: Final = 2_000
MESSAGE_MAX: Final = 100_000


@dataclass(frozen=True)
class Door:
    """`draw` gives a recipe, `enter` takes what it stands for, made by `make`; `refuses` are the errors that it may
    raise. `share` is how many of a thousand inputs come to this door."""

    name: str
    draw: Callable[[Random], Recipe]
    enter: Callable[[Any], object]
    refuses: tuple[type[Exception], ...]
    share: int = 30
    make: Callable[[Recipe], Any] = make


class Verdict(NamedTuple):
    """What came of an input: the error that refused it and its first line, or nothing if it was taken."""

    error: str | None = None
    line: str = ""


class Finding(Exception):
    """A door did what it must not do."""

    def __init__(self, door: Door, recipe: Recipe, what: str) -> None:
        super().__init__(door, recipe, what)
        self.door, self.recipe, self.what = door, recipe, what

    def __str__(self) -> str:
        shown = spell(self.recipe)
        return f"door `{self.door.name}`: {self.what}\n  input: {shown if len(shown) < 3_000 else shown[:3_000] + ' …'}"


class Overran(BaseException):
    """It would go on for ever, for all we know."""


def judge(door: Door, recipe: Recipe) -> Verdict:
    """Let an input in. Raises `Finding`."""
    verdict, seconds = _measure(door, recipe)
    for _ in range(4):  # a machine may stall; a door that is slow is slow again
        if seconds > SECONDS_MAX:
            seconds = min(seconds, _measure(door, recipe)[1])
    if seconds > SECONDS_MAX and seconds > SECONDS_MAX + SECONDS_A_MEGABYTE * _size(door.make(recipe)) / 1e6:
        raise Finding(door, recipe, f"takes {seconds:.2f} s of CPU")
    if seconds > LOOK_SECONDS and (peak := _peak_bytes(door, recipe)) > BYTES_MAX:
        raise Finding(door, recipe, f"takes {peak >> 20} MiB")
    return verdict


def _measure(door: Door, recipe: Recipe) -> tuple[Verdict, float]:
    value = door.make(recipe)
    with _bounds():
        began = time.thread_time()
        try:
            door.enter(value)
        except door.refuses as error:
            seconds = time.thread_time() - began
            return _read(door, recipe, error), seconds
        except (Exception, Overran) as error:
            raise Finding(door, recipe, f"raises {type(error).__name__}: {_first_line(error)}") from error
        return Verdict(), time.thread_time() - began


def _size(value: object) -> int:
    """About as many bytes as its JSON has."""
    if isinstance(value, str | bytes):
        return len(value)
    try:
        return len(json.dumps(value, default=repr))
    except (ValueError, TypeError, RecursionError):
        return 0


def _peak_bytes(door: Door, recipe: Recipe) -> int:
    value = door.make(recipe)
    gc.collect()
    tracemalloc.start()
    try:
        door.enter(value)
    except door.refuses:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


@contextmanager
def _bounds() -> Generator[None]:
    """Let nothing take the machine with it: what runs away is stopped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (RUNAWAY_BYTES, hard))
    before = signal.signal(signal.SIGPROF, _overrun)
    signal.setitimer(signal.ITIMER_PROF, RUNAWAY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _overrun(_signal: int, _frame: FrameType | None) -> None:
    raise Overran(f"more than {RUNAWAY_SECONDS:g} s of CPU")


def _first_line(error: BaseException) -> str:
    line = str(error).partition("\n")[0]
    return line if len(line) <= 300 else f"{line[:300]} …"


def _read(door: Door, recipe: Recipe, error: Exception) -> Verdict:
    """A refusal says what is wrong, in words that can be written down."""
    message = str(error)
    line = message.partition("\n")[0]
    for complaint in _complain(error, message, line):
        raise Finding(door, recipe, f"{type(error).__name__} {complaint}") from error
    return Verdict(type(error).__name__, line)


def _complain(error: Exception, message: str, line: str) -> Iterator[str]:
    if not line.strip():
        yield "has an empty message"
    if len(line) > LINE_MAX and not isinstance(error, DefinitionError):
        yield f"has a first line of {len(line)} characters: {line[:100]} …"
    if len(message) > MESSAGE_MAX and not isinstance(error, DefinitionError):
        yield f"has a message of {len(message)} characters"
    shown = error.render() if isinstance(error, ExpressionError) else ""
    try:
        f"{message}{shown}".encode()
    except UnicodeEncodeError:
        yield f"can't be written down: {line!a:.200} {shown!a:.200}"
    match error:
        case BadValue():
            if not (error.path and error.what and error.hint):
                yield f"leaves something unsaid: {error.path!r}, {error.what!r}, {error.hint!r}"
        case ExpressionError():
            if not 0 <= error.start <= error.end <= len(error.source) + 1:
                yield f"marks {error.start}:{error.end} of {len(error.source)} characters"
        case DefinitionError():
            for problem in error.problems:
                if problem.code not in EXPLANATIONS or not problem.message.strip():
                    yield f"has a problem {problem.code} that nobody explains: {problem.message!r:.200}"
                if len(problem.message) > LINE_MAX:
                    yield f"has a message of {len(problem.message)} characters: {problem.message[:100]} …"
        case _:
            pass

"""`python -m bench.survivor STORE MARKS EXECUTIONS begin|resume [kill]`: an engine that is killed, or that comes after.

It runs executions of 10 steps, and marks each call of a step in a file that it has in memory: what is written there
outlives the process, and costs next to nothing. With `kill`, the process kills itself in the middle, by SIGKILL.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import signal
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pectin import Engine, Workflow

STEPS = 10
HEAD_BYTES = 32


class Marks:
    """How often each step of each execution was called, and when the first, the middle and the last was, by
    `time.monotonic`: a clock that all processes share."""

    def __init__(self, file: Path, executions: int) -> None:
        size = HEAD_BYTES + executions * STEPS
        if not file.exists():
            file.write_bytes(bytes(size))
        with file.open("r+b") as opened:
            self._memory = memoryview(mmap.mmap(opened.fileno(), size))
        self._times = self._memory[:24].cast("d")
        self._called = self._memory[24:HEAD_BYTES].cast("q")
        self._calls = self._memory[HEAD_BYTES:]
        self._middle = executions * STEPS // 2
        self.kills = False

    def call(self, execution: int, step: int) -> None:
        """A step is called."""
        self._calls[execution * STEPS + step] += 1
        self._called[0] += 1
        if not self._times[0]:
            self._times[0] = time.monotonic()
        if self._called[0] == self._middle:
            self._times[1] = time.monotonic()
            if self.kills:
                os.kill(os.getpid(), signal.SIGKILL)

    def end(self) -> None:
        """All executions have ended."""
        self._times[2] = time.monotonic()

    def forget_first(self) -> None:
        """So that the next process marks its own first call."""
        self._times[0] = 0.0

    @property
    def first(self) -> float:
        """When the first step was called."""
        return self._times[0]

    @property
    def middle(self) -> float:
        """When half of all steps were called."""
        return self._times[1]

    @property
    def ended(self) -> float:
        """When all was done."""
        return self._times[2]

    @property
    def repeated(self) -> int:
        """How many calls were of a step that had been called before."""
        return sum(calls - 1 for calls in self._calls if calls)

    @property
    def missing(self) -> int:
        """How many steps were never called."""
        return sum(not calls for calls in self._calls)


@dataclass
class Count:
    number: int = 0
    done: int = 0


marks: Marks
surviving = Workflow("surviving", version="1.0.0", state=Count)


async def count(state: Count) -> Count:
    marks.call(state.number, state.done)
    state.done += 1
    return state


_nodes = [surviving.node(count, name=f"count_{number}") for number in range(STEPS)]
for _node, _next in pairwise(_nodes):
    _node.then(_next)


async def live(store: str, executions: int, begins: bool) -> None:
    """Begin the executions, or find them begun, and see all of them to their end."""
    async with Engine(store, workflows=[surviving]) as engine:
        if begins:
            await asyncio.gather(*(engine.start(surviving, Count(number)) for number in range(executions)))
        await engine.idle()
        marks.end()


if __name__ == "__main__":
    _store, _marks, _executions, _how, *_kill = sys.argv[1:]
    marks = Marks(Path(_marks), int(_executions))
    marks.kills = bool(_kill)
    asyncio.run(live(_store, int(_executions), _how == "begin"))

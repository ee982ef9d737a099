"""`python -m bench.split`: where a step goes, by part: for one execution, step after step, and for a thousand at once.

Microseconds are those of this machine, and of a clock that is asked some twenty times a step; the bytecodes that each
room runs are the same on every machine with the same Python.
"""

from __future__ import annotations

import asyncio
import math
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any
from unittest.mock import patch

import pectin
from bench.measure import Bench
from bench.options import SCRATCH
from bench.workloads.many import EXECUTIONS, STEPS, chain, chains_of
from bench.workloads.sequential import STEPS as IN_A_ROW
from bench.workloads.sequential import in_loop, steps_of
from pectin import Engine
from pectin.authoring.function import AuthoredFunction
from pectin.ports.store import Store
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.host import ProcessHost
from pectin.runtime.report import Reporter
from pectin.store.sqlite.writer import Writer

PARTS: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "the core decides": ((import_module("pectin.runtime.service"), "decide"),),
    "its events become a commit": ((import_module("pectin.runtime.service"), "make_commit"),),
    "SQL statements": ((Writer, "_apply"),),
    "BEGIN and COMMIT": ((Writer, "_write"),),
    "the state becomes an object, and what changed JSON": (
        (AuthoredFunction, "call"),
        (import_module("pectin.authoring.function"), "conclude"),
    ),
    "the result is checked": ((Reporter, "concluded"),),
    "what was decided is obeyed": ((Dispatcher, "decided"), (Dispatcher, "_obey")),
}
COUNTED_STEPS = 50
COUNTED_EXECUTIONS = 20
"""Of these the bytecodes are counted."""

REST = "the rest: tasks, the loop, the service"
ROOMS = Path(pectin.__file__).parent

Work = Callable[[Engine], Awaitable[int]]


class Parts:
    """Seconds by part; a part within another counts for itself only. True while groups are written in the loop: the
    thread of a slow disk would mix them up."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    @contextmanager
    def watched(self) -> Generator[None]:
        """Watch the parts."""
        with ExitStack() as patches:
            for part, places in PARTS.items():
                for owner, name in places:
                    patches.enter_context(patch.object(owner, name, self._timed(part, getattr(owner, name))))
            yield

    def _timed(self, part: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = perf_counter()
            try:
                return real(*given, **named)
            finally:
                took = perf_counter() - began
                self.seconds[part] += took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        return timed


async def split(bench: Bench, work: Work) -> dict[str, float]:
    """Microseconds of a step, by part."""
    parts = Parts()
    async with bench.engine(in_loop, chain) as engine:
        await work(engine)  # it fills caches
        with parts.watched():
            began = perf_counter()
            steps = await work(engine)
            seconds = perf_counter() - began
    found = {part: parts.seconds[part] / steps * 1e6 for part in PARTS}
    return {**found, REST: seconds / steps * 1e6 - sum(found.values())}


async def bytecodes(bench: Bench, work: Work) -> dict[str, float]:
    """Bytecodes of Python that a step runs, by room. Groups are written in the loop, however slow the disk is, since
    what a thread runs isn't counted; and nobody looks whether another process wrote, which is a matter of time."""
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            counted[_room(frame.f_code.co_filename)] += 1
        return count

    written_here = patch("pectin.store.sqlite.writer.INLINE_SECONDS_MAX", math.inf)
    with written_here, patch.object(ProcessHost, "look_out", _see_nothing):
        async with bench.engine(in_loop, chain) as engine:
            await work(engine)
            before = sys.gettrace()
            sys.settrace(count)
            try:
                steps = await work(engine)
            finally:
                sys.settrace(before)
    return {room: many / steps for room, many in counted.most_common()}


async def _see_nothing(_host: ProcessHost, _store: Store) -> None:
    await asyncio.Event().wait()


def _room(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(ROOMS):
        return path.relative_to(ROOMS).parts[0]
    return "asyncio" if path.parent.name == "asyncio" else "elsewhere"


def table(heads: tuple[str, ...], columns: list[dict[str, float]]) -> str:
    """The columns beside one another, in Markdown."""
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * len(columns)}"]
    names = dict.fromkeys(name for column in columns for name in column)
    lines += [f"| {name} | {' | '.join(f'{column.get(name, 0):,.0f}' for column in columns)} |" for name in names]
    totals = " | ".join(f"**{sum(column.values()):,.0f}**" for column in columns)
    return "\n".join([*lines, f"| all | {totals} |"])


async def measure(bench: Bench) -> str:
    """Both tables."""
    row, many = bench.size(IN_A_ROW), bench.size(EXECUTIONS)
    in_a_row: Work = lambda engine: steps_of(engine, in_loop, row)  # noqa: E731
    at_once: Work = lambda engine: chains_of(engine, many)  # noqa: E731
    times = [await split(bench.within(name), work) for name, work in (("row", in_a_row), ("once", at_once))]
    few: list[dict[str, float]] = [
        await bytecodes(bench.within("few-row"), lambda engine: steps_of(engine, in_loop, COUNTED_STEPS)),
        await bytecodes(bench.within("few-once"), lambda engine: chains_of(engine, COUNTED_EXECUTIONS)),
    ]
    timed = ("µs of a step", f"1 × {row:,} steps", f"{many:,} × {STEPS} steps")
    counted = ("bytecodes of a step", f"1 × {COUNTED_STEPS} steps", f"{COUNTED_EXECUTIONS} × {STEPS} steps")
    return "\n\n".join([table(timed, times), table(counted, few)])


def main() -> None:
    """Print them."""
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as place:
        sys.stdout.write(asyncio.run(measure(Bench(Path(place)))) + "\n")


if __name__ == "__main__":
    main()

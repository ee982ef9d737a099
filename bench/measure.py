"""The arithmetic of all workloads: rounds, medians, ratios.

Speeds of a machine drift by half within a minute, so a number alone says little and two that were taken minutes apart
can't be compared. Therefore ours and the raw probe take turns, and what counts is the median of the rounds' ratios.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.raw import Clock, RawProbe
from pectin import Engine, Limits, Workflow
from pectin.core.limits import LIMITS
from pectin.ports.host import Host
from pectin.ports.store import Store


class WrongResult(Exception):
    """The engine did not do what it was measured at."""


def expect(found: object, wanted: object, what: str) -> None:
    """Check a result of the engine. Raises `WrongResult`."""
    if found != wanted:
        raise WrongResult(f"{what}: {found!r}, not {wanted!r}")


@dataclass(frozen=True)
class Bench:
    """What a workload is given: where its files go, how often and how much it measures, and by which clocks.

    `scale` divides the size of each workload; tests measure little, to see that it can be done. `open` makes what an
    engine takes as its store of the path of a file.
    """

    folder: Path
    rounds: int = 5
    scale: int = 1
    quick: bool = False
    clock: Clock = perf_counter
    cpu: Clock = process_time
    open: Callable[[Path], str | Store] = str

    def size(self, full: int) -> int:
        """The size of something that is `full` at full scale."""
        return max(2, full // self.scale)

    def within(self, name: str) -> Bench:
        """The same in a folder of its own."""
        folder = self.folder / name
        folder.mkdir()
        return replace(self, folder=folder)

    @property
    def store(self) -> Path:
        """The file of its engines."""
        return self.folder / "ours.db"

    def engine(self, *workflows: Workflow[Any], limits: Limits = LIMITS, host: Host | None = None) -> Engine:
        """An engine on the file of this workload, as durable as an engine is by default."""
        return Engine(self.open(self.store), workflows=workflows, limits=limits, host=host)

    @contextmanager
    def raw(self, commits: int = 1_000) -> Generator[RawProbe]:
        """The raw probe, on a file beside it. Fewer commits would only see a log that still grows."""
        probe = RawProbe(self.folder / "raw.db", self.clock, self.size(commits))
        try:
            yield probe
        finally:
            probe.close()


@dataclass(frozen=True)
class Round:
    """One turn of ours between two of the raw probe: how much was done in how many seconds, of which how many on the
    CPU, and how many seconds a raw commit took."""

    done: int
    seconds: float
    cpu_seconds: float
    raw_seconds: float

    @property
    def rate(self) -> float:
        """What was done in a second."""
        return self.done / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU microseconds for each of what was done, in this process and all of its threads."""
        return self.cpu_seconds / self.done * 1e6


@dataclass(frozen=True)
class Measure:
    """One line of the table. `ratio` is ours to raw, and `low` and `high` its extremes over the rounds; where nothing
    raw compares, they are those of ours. `raw_moved` is the greatest raw value of a round to the least: how unsteady
    the machine was."""

    key: str
    what: str
    unit: str
    ours: float
    low: float
    high: float
    raw: float | None = None
    raw_unit: str = ""
    ratio: float | None = None
    raw_moved: float = 1.0
    rounds: list[float] = field(default_factory=list[float])

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of the values don't pass."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


async def alternate(
    bench: Bench,
    raw: Callable[[], float],
    ours: Callable[[], Awaitable[int]],
    after: Callable[[], object] = lambda: None,
) -> list[Round]:
    """Take turns: raw, ours, raw, ours, raw. `raw` gives the seconds of a commit, `ours` how much it did; `after` looks
    at what each turn of ours left.

    One turn before the first is not counted: it fills caches, and lets both logs grow to their size.
    """
    raw()
    await ours()
    after()
    rounds: list[Round] = []
    before = raw()
    for _ in range(bench.rounds):
        gc.collect()
        began, cpu_began = bench.clock(), bench.cpu()
        done = await ours()
        cpu_ended, ended = bench.cpu(), bench.clock()
        after()
        behind = raw()
        rounds.append(Round(done, ended - began, cpu_ended - cpu_began, (before + behind) / 2))
        before = behind
    return rounds


def throughput(key: str, what: str, unit: str, rounds: Sequence[Round]) -> Measure:
    """How much is done in a second, beside raw commits in a second."""
    return compared(
        key,
        what,
        unit,
        [each.rate for each in rounds],
        [1 / each.raw_seconds for each in rounds],
        raw_unit="commits/s",
    )


def compared(key: str, what: str, unit: str, ours: Sequence[float], raw: Sequence[float], *, raw_unit: str) -> Measure:
    """Ours beside raw, round by round."""
    ratios = [our / its for our, its in zip(ours, raw, strict=True)]
    return Measure(
        key,
        what,
        unit,
        ours=median(ours),
        low=min(ratios),
        high=max(ratios),
        raw=median(raw),
        raw_unit=raw_unit,
        ratio=median(ratios),
        raw_moved=max(raw) / min(raw),
        rounds=list(ours),
    )


def alone(key: str, what: str, unit: str, ours: Sequence[float]) -> Measure:
    """What nothing raw compares to."""
    return Measure(key, what, unit, median(ours), min(ours), max(ours), rounds=list(ours))

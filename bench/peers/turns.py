"""Who takes turns with whom, and what comes of it: raw, ours, raw, the peer, raw, and so on for each workload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure import Measure, Round, WrongResult, alone, compared, percentile, throughput
from bench.peers.peer import BRANCHES, STEPS
from bench.peers.process import Answer, PeerFailed, Worker

TURN_SECONDS = 60
"""About how long a turn may last. Who is slower does less in it; what is compared is a rate."""
WARM_PART = 10
"""The turn that is not counted has a tenth of the size."""


@dataclass(frozen=True)
class Workload:
    """What is asked for, how often at full size, and how much each does."""

    key: str
    call: str
    count: int
    each: int
    unit: str


THROUGHPUT = (
    Workload("sequential", "sequential", 1_000, 1, "steps/s"),
    Workload("many", "many", 1_000, STEPS, "steps/s"),
    Workload("fan-out", "fan_out", 10, BRANCHES, "branches/s"),
)
PARKED = 500
"""How many come to wait in a turn."""
WOKEN = 20
"""How many of them are woken in a turn, one after another."""
PARKED_KEY = "parked"
MEMORY = "parked-memory"
WAKE = "wake-p50"


@dataclass
class Turns:
    """What one side did: rounds of each workload, and for what waits KB, milliseconds, and milliseconds of a commit."""

    rounds: dict[str, list[Round]] = field(default_factory=dict[str, list[Round]])
    memory_kb: list[float] = field(default_factory=list[float])
    wake_ms: list[float] = field(default_factory=list[float])
    wake_raw_ms: list[float] = field(default_factory=list[float])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def extend(self, other: Turns) -> None:
        """Add the turns of another contest."""
        for key, rounds in other.rounds.items():
            self.rounds.setdefault(key, []).extend(rounds)
        self.memory_kb += other.memory_kb
        self.wake_ms += other.wake_ms
        self.wake_raw_ms += other.wake_raw_ms
        self.counts |= other.counts

    def measures(self) -> list[Measure]:
        """The medians of what was done."""
        units = {workload.key: workload.unit for workload in THROUGHPUT}
        found = [throughput(key, key, units[key], rounds) for key, rounds in self.rounds.items() if rounds]
        if self.memory_kb:
            found.append(alone(MEMORY, "memory of one that waits", "KB", self.memory_kb))
        if self.wake_ms:
            what = "from the event to the result, p50"
            found.append(compared(WAKE, what, "ms", self.wake_ms, self.wake_raw_ms, raw_unit="ms a commit"))
        return found


def fitting(full: int, tried: int, seconds: float, turn_seconds: float = TURN_SECONDS) -> int:
    """How much to do in a turn: all, or what a turn has time for if `tried` of it took so long."""
    return full if seconds / tried * full <= turn_seconds else max(1, int(turn_seconds / seconds * tried))


def shortened(counts: Mapping[str, int], scale: int = 1) -> list[str]:
    """What was done in less than its full size, one sentence each."""
    full = {workload.key: _size(workload.count, scale) for workload in THROUGHPUT} | {PARKED_KEY: _size(PARKED, scale)}
    return [
        f"{key}: {count:,} in a turn instead of {full[key]:,}, since a turn lasts {TURN_SECONDS} s at most"
        for key, count in counts.items()
        if count < full[key]
    ]


def _size(full: int, scale: int) -> int:
    return max(2, full // scale)


async def contest(
    ours: Worker, peer: Worker, raw: Callable[[], float], rounds: int, scale: int = 1
) -> tuple[Turns, Turns, str]:
    """Let both do all workloads; what ours did, what the peer did, and why it failed if it did.

    What a peer did before it failed counts. Raises `WrongResult` if it is ours that fails.
    """
    our_turns, peer_turns = Turns(), Turns()
    try:
        for workload in THROUGHPUT:
            await _throughput(workload, (_Ours(ours), our_turns), (peer, peer_turns), raw, (rounds, scale))
        await _parked((_Ours(ours), our_turns), (peer, peer_turns), raw, (rounds, scale))
    except PeerFailed as failed:
        return our_turns, peer_turns, str(failed)
    return our_turns, peer_turns, ""


class _Ours:
    """Ours among them: what it can't do ends the run."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.memory_kb = worker.memory_kb

    async def ask(self, call: str, count: int) -> Answer:
        try:
            return await self._worker.ask(call, count)
        except PeerFailed as failed:
            raise WrongResult(f"{call}: {failed}") from failed


Side = tuple["Worker | _Ours", Turns]


async def _throughput(
    workload: Workload, ours: Side, peer: Side, raw: Callable[[], float], size: tuple[int, int]
) -> None:
    rounds, scale = size
    sides = (ours, peer)
    full = _size(workload.count, scale)
    for worker, turns in sides:
        tried = max(1, full // WARM_PART)
        warm = await _done(worker, workload, tried)
        turns.counts[workload.key] = fitting(full, tried, warm.seconds)
    before = raw()
    for _ in range(rounds):
        for worker, turns in sides:
            count = turns.counts[workload.key]
            did = await _done(worker, workload, count)
            behind = raw()
            turn = Round(count * workload.each, did.seconds, 0.0, (before + behind) / 2)
            turns.rounds.setdefault(workload.key, []).append(turn)
            before = behind


async def _done(worker: Worker | _Ours, workload: Workload, count: int) -> Answer:
    answer = await worker.ask(workload.call, count)
    _expect(answer.value, count * workload.each, workload.call, worker)
    return answer


async def _parked(ours: Side, peer: Side, raw: Callable[[], float], size: tuple[int, int]) -> None:
    rounds, scale = size
    sides = (ours, peer)
    full, woken = _size(PARKED, scale), _size(WOKEN, scale)
    for worker, turns in sides:
        tried = max(2, full // WARM_PART)
        warm = await worker.ask("park", tried)
        _expect(warm.value, tried, "park", worker)
        await worker.ask("wake", 2)
        turns.counts[PARKED_KEY] = max(woken, fitting(full, tried, warm.seconds))
    before = raw()
    for _ in range(rounds):
        for worker, turns in sides:
            count, had = turns.counts[PARKED_KEY], worker.memory_kb()
            _expect((await worker.ask("park", count)).value, count, "park", worker)
            has = worker.memory_kb()
            if had is not None and has is not None:
                turns.memory_kb.append((has - had) / count)
            waits: Sequence[float] = (await worker.ask("wake", woken)).value
            behind = raw()
            turns.wake_ms.append(percentile(waits, 50) * 1e3)
            turns.wake_raw_ms.append((before + behind) / 2 * 1e3)
            before = behind


def _expect(found: Any, wanted: int, call: str, worker: Worker | _Ours) -> None:
    if found != wanted:
        error = WrongResult if isinstance(worker, _Ours) else PeerFailed
        raise error(f"{call}: it did {found!r}, not {wanted!r}")

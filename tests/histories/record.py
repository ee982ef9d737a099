"""Records the histories of `scenarios`: what a store holds, and beside it what it means.

    PYTHONPATH=src:. python tests/histories/record.py

A recorded history is never written anew: it stands for the executions of users, which have to be read for ever. For a
new shape of an event, add a scenario.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from pectin.core.event import AnyEvent, ExecutionCreated, decode_events
from pectin.core.evolve import fold
from pectin.core.state import Run
from pectin.store.memory import MemoryStore
from pectin.testing import VirtualClock
from tests.histories.scenarios import SCENARIOS, Play, whole

HERE = Path(__file__).parent


async def record(play: Play) -> list[bytes]:
    """The rows of a history as they are stored, but for what is another each time: ids, names, digests, places."""
    rows = [row.body for row in await play(MemoryStore(), VirtualClock())]
    (created, *_) = decode_events(rows[0])
    assert isinstance(created, ExecutionCreated)
    for seen, told in (
        (re.escape(created.execution_id.encode()), b"019ab3e0-0000-7000-8000-000000000000"),
        (rb"engine-\d+-[0-9a-f]{6}", b"engine-1-000000"),
        (rb'"digest":"[0-9a-f]{64}"', b'"digest":"%064d"' % 0),
        (re.escape(f"{HERE.parents[1]}/".encode()), b""),
    ):
        rows = [re.sub(seen, told, row) for row in rows]
    return rows


def tell_events(events: list[AnyEvent]) -> list[Any]:
    """Events with all their fields."""
    return [{"type": type(event).__name__, **whole(event)} for event in events]


def read(rows: list[bytes]) -> dict[str, Any]:
    """What a history means: its events with all their fields, and what they fold to."""
    events: list[AnyEvent] = [event for row in rows for event in decode_events(row)]
    run = fold(Run(), events)
    return {
        "events": tell_events(events),
        "status": run.status,
        "state": run.data,
        "error": whole(run.error),
        "closing": whole(run.closing),
        "loops": {name: loop.iteration for name, loop in run.loops.items()},
        "arrived": {name: whole(arrivals.collected) for name, arrivals in run.arrivals.items()},
        "activations": {
            name: {
                "status": activation.status,
                "attempt": activation.attempt,
                "outcomes": activation.outcomes,
                "interruptions": activation.interruptions,
                "timeout_ms": activation.timeout_ms,
                "retry": whole(activation.retry),
                "not_before": activation.not_before,
                "waiting": whole(activation.waiting),
            }
            for name, activation in run.activations.items()
        },
    }


async def main() -> None:
    for name, play in SCENARIOS.items():
        file = HERE / f"{name}.jsonl"
        if not file.exists():
            rows = await record(play)
            file.write_bytes(b"".join(row + b"\n" for row in rows))
            meaning = json.dumps(read(rows), indent=1, ensure_ascii=False)
            file.with_suffix(".read.json").write_text(meaning + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())

"""How late a timer rings: from the moment that a `wait` is due to the first line of the step behind it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.measure import Bench, Measure, alone, expect, percentile
from pectin import Engine, Workflow

EXECUTIONS = 100
FIRST_MS = 300
"""From the start of a round to the first time that is due. By then all of its executions wait."""
APART_MS = 5


@dataclass
class Alarm:
    due: str = ""
    rang_at: float = 0.0


alarm = Workflow("alarm", version="1.0.0", state=Alarm)
_until_due = alarm.wait("until_due", until="state.due")


@alarm.node
async def ring(state: Alarm) -> Alarm:
    state.rang_at = time.time()
    return state


_until_due.then(ring)


async def run(bench: Bench) -> list[Measure]:
    executions = bench.size(EXECUTIONS)
    async with bench.engine(alarm) as engine:
        rounds = [await late_ms(engine, executions) for _ in range(bench.rounds)]
    return [
        alone(f"timer-p{at}", f"a timer rings too late by, p{at}", "ms", [percentile(late, at) for late in rounds])
        for at in (50, 99)
    ]


async def late_ms(engine: Engine, executions: int) -> list[float]:
    """By how many milliseconds each of so many timers was late."""
    began_ms = time.time_ns() // 1_000_000
    dues_ms = [began_ms + FIRST_MS + number * APART_MS for number in range(executions)]
    inputs = [Alarm(datetime.fromtimestamp(due / 1_000, UTC).isoformat(timespec="milliseconds")) for due in dues_ms]
    started = await asyncio.gather(*(engine.start(alarm, input) for input in inputs))
    ended = await asyncio.gather(*(execution.result() for execution in started))
    late = [state.rang_at * 1_000 - due for state, due in zip(ended, dues_ms, strict=True)]
    expect([round(each) for each in late if each < 0], [], "milliseconds by which timers rang early")
    return late

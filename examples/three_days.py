"""Three days that pass in a moment: a reminder, and an answer that never comes, under the virtual clock.

    python examples/three_days.py

The workflow is an ordinary one. `main` runs it as a test would: in memory, with a clock that it moves by hand.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from pectin import Workflow, testing


class Trial(BaseModel):
    customer: str
    reminded: bool = False
    outcome: Literal["running", "kept", "ended"] = "running"


trial = Workflow("trial", version="1.0.0", state=Trial)

first_days = trial.wait("first_days", duration="3d")


@trial.node
def remind(state: Trial) -> Trial:
    state.reminded = True
    return state


@trial.node
def keep(state: Trial) -> Trial:
    state.outcome = "kept"
    return state


@trial.node
def stop(state: Trial) -> Trial:
    state.outcome = "ended"
    return state


answer = trial.approval("answer", "Does {{ state.customer }} keep it?", deadline="72h")
first_days.then(remind)
remind.then(answer)
answer.on(approved=keep, rejected=stop, timeout=stop)


async def main() -> Trial:
    began = time.perf_counter()
    clock = testing.VirtualClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    async with testing.engine(trial, clock=clock) as engine:
        execution = await engine.start(trial, Trial(customer="C-1042"))
        done = await clock.until(execution.result())
        async for _, event in execution.events():
            at = datetime.fromtimestamp(event.at / 1000, UTC)
            print(f"{at:%a %d %b %H:%M}  {type(event).__name__:18} {getattr(event, 'activation', '')}")
    print(f"the trial of {done.customer} {done.outcome}: six days in {(time.perf_counter() - began) * 1000:.0f} ms")
    return done


if __name__ == "__main__":
    asyncio.run(main())

"""One life of an engine and its clients, until it is killed: `python -m tests.crash.life STORE NUMBERS [BUG]`.

Clients start executions and write down each that was acknowledged, durably. `BUG` plants one in the store that the
engine is given: the harness has to notice.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from pectin import Engine, ExecutionId
from pectin.ports.store import Commit
from pectin.store.sqlite import SqliteStore
from tests.crash.ledger import ledger
from tests.crash.workload import WORKFLOWS, input_of, workflow_of

SLOTS = 8


class AcksTooEarly(SqliteStore):
    """Says that a commit is durable before it is."""

    async def commit(self, commit: Commit) -> None:
        asyncio.get_running_loop().call_later(0.05, asyncio.ensure_future, super().commit(commit))


class ForgetsTheDead(SqliteStore):
    """Doesn't hand out what a dead engine was at work on."""

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await super().claim(now, 0, workflows, limit)


BUGS: dict[str, type[SqliteStore]] = {"acks_too_early": AcksTooEarly, "forgets_the_dead": ForgetsTheDead}


async def live(place: Path, numbers: range, store: type[SqliteStore]) -> None:
    """Run an engine for ever, and start these executions."""
    async with Engine(store(str(place / "pectin.db")), workflows=WORKFLOWS, slots=SLOTS) as engine:
        await asyncio.gather(*(start(engine, place / "acks", number) for number in numbers))
        await asyncio.Event().wait()


async def start(engine: Engine, acks: Path, number: int) -> None:
    """Start one, and write down that it was acknowledged."""
    execution = await engine.start(workflow_of(number), input_of(number), key=f"key {number}", by="client")
    with acks.open("a") as file:
        file.write(f"{number} {execution.id}\n")
        file.flush()
        os.fsync(file.fileno())


def main(place: str, first: str, end: str, bug: str = "") -> None:
    ledger.place = Path(place)
    sys.stdout.write("alive\n")
    sys.stdout.flush()
    asyncio.run(live(Path(place), range(int(first), int(end)), BUGS.get(bug, SqliteStore)))


if __name__ == "__main__":
    main(*sys.argv[1:])

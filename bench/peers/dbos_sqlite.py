"""DBOS on SQLite: a workflow is a function, and each step of it a row.

Its file is put into WAL, which it does not do by itself and which makes it faster. A message that nobody is told of is
found by looking every second, its default on SQLite.
"""
# pyright: basic, reportMissingImports=false
# Its library is in an environment of its own.

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from dbos import DBOS, SetWorkflowID

from bench.peers.peer import BRANCHES, STEPS, Gate

GATE = Gate()


@DBOS.step()
async def step() -> int:
    return 1


@DBOS.workflow()
async def chain(steps: int) -> int:
    return sum([await step() for _ in range(steps)])


@DBOS.workflow()
async def fan() -> int:
    return sum(await asyncio.gather(*(step() for _ in range(BRANCHES))))


@DBOS.workflow()
async def asking() -> int:
    GATE.arrive()
    if await DBOS.recv_async("go on", timeout_seconds=3_600) is None:
        return 0
    return await step()


class Peer:
    async def open(self, folder: Path) -> str:
        file = folder / "peer.db"
        connection = sqlite3.connect(file)
        connection.execute("pragma journal_mode = wal")
        connection.close()
        DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{file}", "log_level": "ERROR"})
        DBOS.launch()
        self._waiting: dict[str, Any] = {}
        return version("dbos")

    async def sequential(self, steps: int) -> int:
        return await chain(steps)

    async def many(self, executions: int) -> int:
        return sum(await asyncio.gather(*(chain(STEPS) for _ in range(executions))))

    async def fan_out(self, executions: int) -> int:
        return sum([await fan() for _ in range(executions)])

    async def park(self, executions: int) -> Sequence[str]:
        wanted = GATE.arrived + executions
        ids = [str(uuid4()) for _ in range(executions)]
        for id in ids:
            with SetWorkflowID(id):
                self._waiting[id] = await DBOS.start_workflow_async(asking)
        await GATE.until(wanted)
        return ids

    async def wake(self, id: str) -> None:
        await DBOS.send_async(id, "go", "go on")
        if await self._waiting.pop(id).get_result() != 1:
            raise RuntimeError("the step behind the event is not done")

    async def close(self) -> None:
        DBOS.destroy()

"""Temporal: its development server on a file, the worker in this process. A step is an activity.

`Local` runs the steps as local activities, which are written when their workflow task ends, some at once: so not each
is durable before the next. Workflow code runs outside the sandbox, which would cost more.
"""
# pyright: basic, reportMissingImports=false
# Its library is in an environment of its own.

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.peers.peer import BRANCHES, STEPS, Gate, Server, free_port

MINUTE = timedelta(minutes=1)
GATE = Gate()
BINARY = str(Path(sys.executable).with_name("temporal"))
"""The command line, with the server in it: installed into this environment like a package."""


@activity.defn
async def step() -> int:
    return 1


async def do(is_local: bool) -> int:
    if is_local:
        return await workflow.execute_local_activity(step, start_to_close_timeout=MINUTE)
    return await workflow.execute_activity(step, start_to_close_timeout=MINUTE)


@workflow.defn
class Chain:
    @workflow.run
    async def run(self, steps: int, is_local: bool) -> int:
        return sum([await do(is_local) for _ in range(steps)])


@workflow.defn
class Fan:
    @workflow.run
    async def run(self, branches: int, is_local: bool) -> int:
        return sum(await asyncio.gather(*(do(is_local) for _ in range(branches))))


@workflow.defn
class Asking:
    def __init__(self) -> None:
        self._may_go_on = False

    @workflow.run
    async def run(self, is_local: bool) -> int:
        if not workflow.unsafe.is_replaying():
            GATE.arrive()
        await workflow.wait_condition(lambda: self._may_go_on)
        return await do(is_local)

    @workflow.signal
    def go_on(self) -> None:
        self._may_go_on = True


def server_version() -> str:
    said = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    return said.partition("Server ")[2].partition(",")[0]


class Peer:
    is_local = False

    async def open(self, folder: Path) -> str:
        port = free_port()
        command = [BINARY, "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
        database = ["--db-filename", str(folder / "peer.db"), "--log-level", "error"]
        self._server = Server([*command, *database], folder / "server.log", os.environ)
        self._server.wait_for_port(port)
        self._client = await Client.connect(f"127.0.0.1:{port}")
        self._worker = Worker(
            self._client,
            task_queue="bench",
            workflows=[Chain, Fan, Asking],
            activities=[step],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        self._working = asyncio.create_task(self._worker.run())
        self._waiting: dict[str, Any] = {}
        return f"{server_version()}, sdk {version('temporalio')}"

    async def _start(self, run: Any, *arguments: object) -> Any:
        return await self._client.start_workflow(
            run, args=[*arguments, self.is_local], id=str(uuid4()), task_queue="bench"
        )

    async def _run(self, run: Any, *arguments: object) -> int:
        return await (await self._start(run, *arguments)).result()

    async def sequential(self, steps: int) -> int:
        return await self._run(Chain.run, steps)

    async def many(self, executions: int) -> int:
        return sum(await asyncio.gather(*(self._run(Chain.run, STEPS) for _ in range(executions))))

    async def fan_out(self, executions: int) -> int:
        return sum([await self._run(Fan.run, BRANCHES) for _ in range(executions)])

    async def park(self, executions: int) -> Sequence[str]:
        wanted = GATE.arrived + executions
        handles = await asyncio.gather(*(self._start(Asking.run) for _ in range(executions)))
        await GATE.until(wanted)
        self._waiting |= {handle.id: handle for handle in handles}
        return [handle.id for handle in handles]

    async def wake(self, id: str) -> None:
        handle = self._waiting.pop(id)
        await handle.signal(Asking.go_on)
        if await handle.result() != 1:
            raise RuntimeError("the step behind the event is not done")

    async def close(self) -> None:
        await self._worker.shutdown()
        await self._working
        await asyncio.to_thread(self._server.stop)


class Local(Peer):
    is_local = True

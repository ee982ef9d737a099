"""Restate: its server on one node, and the handlers in this process, served over HTTP/2 as its SDK does.

Each `ctx.run` is in the server's log before the next begins. All settings are its defaults, but for where it listens.
"""
# pyright: basic, reportMissingImports=false
# Its library is in an environment of its own.

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import restate
from hypercorn.asyncio import serve
from hypercorn.config import Config

from bench.peers.peer import BRANCHES, STEPS, Gate, Server, free_port

SECONDS = 900
GATE = Gate()
AWAKEABLES: dict[str, str] = {}
"""By the id of an invocation, what wakes it."""

service = restate.Service("Bench")


async def step() -> int:
    return 1


@service.handler()
async def chain(ctx: restate.Context, steps: int) -> int:
    return sum([await ctx.run_typed("step", step) for _ in range(steps)])


@service.handler()
async def fan(ctx: restate.Context, branches: int) -> int:
    arrived = [ctx.run_typed(f"branch {number}", step) for number in range(branches)]
    await restate.gather(*arrived)
    return sum([await one for one in arrived])


@service.handler()
async def asking(ctx: restate.Context, _nothing: int) -> int:
    id, event = ctx.awakeable()
    if ctx.request().id not in AWAKEABLES:
        AWAKEABLES[ctx.request().id] = id
        GATE.arrive()
    await event
    return await ctx.run_typed("step", step)


def server_binary() -> str:
    """The server that was installed into this environment."""
    found = list(Path(sys.prefix).glob("node_modules/@restatedev/restate-server-*/bin/restate-server"))
    if not found:
        raise RuntimeError("there is no server for this kind of machine")
    return str(found[0])


class Peer:
    async def open(self, folder: Path) -> str:
        here, ingress, admin, node = (free_port() for _ in range(4))
        listens = {
            "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}",
            "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
            "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
            "RESTATE_LISTEN_MODE": "tcp",
            "RESTATE_NODE_NAME": "bench",
            "RESTATE_DISABLE_TELEMETRY": "true",
        }
        command = [server_binary(), "--no-logo", "--base-dir", str(folder / "server")]
        self._server = Server(command, folder / "server.log", {**os.environ, **listens})
        self._end = asyncio.Event()
        config = Config()
        config.bind = [f"127.0.0.1:{here}"]
        config.graceful_timeout = 1
        app: Any = restate.app([service])
        self._serving = asyncio.create_task(serve(app, config, shutdown_trigger=self._end.wait))  # type: ignore[arg-type]
        self._server.wait_for_port(admin)
        self._server.wait_for_port(ingress)
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{ingress}", http1=False, http2=True, timeout=SECONDS
        )
        async with httpx.AsyncClient(timeout=60) as client:
            found = await client.post(f"http://127.0.0.1:{admin}/deployments", json={"uri": f"http://127.0.0.1:{here}"})
            found.raise_for_status()
            server = (await client.get(f"http://127.0.0.1:{admin}/version")).json()["version"]
        return f"{server}, sdk {version('restate-sdk')}"

    async def _call(self, path: str, body: object) -> Any:
        found = await self._client.post(path, json=body)
        found.raise_for_status()
        return found.json() if found.content else None

    async def sequential(self, steps: int) -> int:
        return await self._call("/Bench/chain", steps)

    async def many(self, executions: int) -> int:
        return sum(await asyncio.gather(*(self._call("/Bench/chain", STEPS) for _ in range(executions))))

    async def fan_out(self, executions: int) -> int:
        return sum([await self._call("/Bench/fan", BRANCHES) for _ in range(executions)])

    async def park(self, executions: int) -> Sequence[str]:
        wanted = GATE.arrived + executions
        sent = await asyncio.gather(*(self._call("/Bench/asking/send", 0) for _ in range(executions)))
        await GATE.until(wanted)
        return [each["invocationId"] for each in sent]

    async def wake(self, id: str) -> None:
        await self._call(f"/restate/awakeables/{AWAKEABLES.pop(id)}/resolve", 1)
        found = await self._client.get(f"/restate/invocation/{id}/attach")
        if found.json() != 1:
            raise RuntimeError(f"the step behind the event is not done: {found.text}")

    async def close(self) -> None:
        await self._client.aclose()
        await asyncio.to_thread(self._server.stop)  # first, for it keeps its connections to what waits here
        self._end.set()
        await self._serving

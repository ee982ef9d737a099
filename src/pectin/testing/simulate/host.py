"""The simulated process of an engine: its chance comes from the seed, and what it calls may fail as tools do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Function, Request, Result
from pectin.ports.store import Store
from pectin.testing.simulate.fault import Fault
from pectin.testing.simulate.ledger import Entry
from pectin.testing.simulate.loop import Process
from pectin.testing.simulate.scene import Scene

BODY_SECONDS_MAX = 0.2
SLOW_SECONDS_MAX = 100.0
HUGE_CHARACTERS = 9 * 1024 * 1024
"""More than a value may have (`Limits.payload_bytes_max`)."""


class SimulatedHost:
    """A `Host`. A body that isn't async runs as if in a thread: whoever gives it up doesn't stop it."""

    def __init__(self, scene: Scene, process: Process) -> None:
        self.name = process.name
        self._scene = scene
        self._process = process

    def draw(self) -> float:
        return self._scene.random.random()

    def new_id(self) -> ExecutionId:
        return ExecutionId(UUID(int=self._scene.random.getrandbits(128), version=4))

    async def look_out(self, store: Store) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._scene.limits.look_anyway_ms / 1_000):
                await store.news()

    def call(self, function: Function, request: Request) -> Awaitable[Conclusion]:
        running = self._process.spawn(self._run(function, request))
        return running if function.is_async else _as_thread(running)

    def close(self) -> None:
        """Nothing is left."""

    async def _run(self, function: Function, request: Request) -> Conclusion:
        scene, dice, context = self._scene, self._scene.dice, request.context
        await asyncio.sleep(scene.random.random() * BODY_SECONDS_MAX)
        if dice.hits(Fault.CRASH_IN_BODY, 0.01):
            await self._die()
        if dice.hits(Fault.TOOL_ERROR, 0.03):
            raise ConnectionError("simulated: nobody answers")
        if dice.hits(Fault.TOOL_HANG, 0.01):
            await asyncio.Event().wait()
        if dice.hits(Fault.TOOL_SLOW, 0.03):
            await asyncio.sleep(scene.random.random() * SLOW_SECONDS_MAX)
        entry = Entry(
            context.execution_id,
            context.activation,
            context.attempt,
            context.key,
            asks=request.asks,
            late=scene.is_deposed(self._process),
        )
        scene.ledger.append(entry)
        context.key = scene.key_of(context.execution_id, context.activation)
        called: Any = function.call(request)
        conclusion = cast(Conclusion, await called if function.is_async else called)
        entry.done = True
        if dice.hits(Fault.CRASH_IN_BODY, 0.01):
            await self._die()
        await asyncio.sleep(scene.random.random() * BODY_SECONDS_MAX)
        if dice.hits(Fault.TOOL_LOST_REPLY, 0.02):
            raise ConnectionError("simulated: the reply is lost")
        return self._spoil(conclusion)

    def _spoil(self, conclusion: Conclusion) -> Conclusion:
        """What a function might return that can't be stored."""
        dice = self._scene.dice
        if not isinstance(conclusion, Result) or not conclusion.patch:
            return conclusion
        key = next(iter(conclusion.patch))
        if dice.hits(Fault.HUGE_RESULT, 0.002):
            return replace(conclusion, patch={**conclusion.patch, key: "x" * HUGE_CHARACTERS})
        if dice.hits(Fault.NAN_RESULT, 0.01):
            return replace(conclusion, patch={**conclusion.patch, key: float("nan")})
        if dice.hits(Fault.NOT_JSON_RESULT, 0.01):
            return replace(conclusion, patch={**conclusion.patch, key: cast(Any, {1, 2})})
        return conclusion

    async def _die(self) -> None:
        self._scene.kill(self._process)
        await asyncio.Event().wait()


def _as_thread(running: asyncio.Task[Conclusion]) -> asyncio.Future[Conclusion]:
    """What awaits a thread can go away, and the thread goes on."""
    future: asyncio.Future[Conclusion] = asyncio.get_running_loop().create_future()

    def settle(task: asyncio.Task[Conclusion]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if future.done():
            return
        if error is None:
            future.set_result(task.result())
        else:
            future.set_exception(error)

    running.add_done_callback(settle)
    return future

"""One engine's process, from its begin to its end, and the clients in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from pectin.authoring.workflow import Workflow
from pectin.ports.store import StoreError
from pectin.runtime.engine import Engine
from pectin.runtime.error import CommandRefused, EngineStopped
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.fault import Fault
from pectin.testing.simulate.host import SimulatedHost
from pectin.testing.simulate.loop import Process
from pectin.testing.simulate.scene import Beginning, Scene

START_AGAIN_SECONDS = 0.1


class Life:
    """An engine in a process of its own. It `is_gone` once it has ended, or another one is to take over."""

    def __init__(self, scene: Scene, process: Process, workflows: Sequence[Workflow[Any]]) -> None:
        self.process = process
        self.clock = _clock_in(scene)
        self.is_gone = asyncio.Event()
        self.told_to_stop = asyncio.Event()
        self._scene = scene
        self._workflows = workflows

    def begin(self) -> None:
        """Let the process live."""
        self.process.begin(self._live())

    async def _live(self) -> None:
        scene = self._scene
        store = scene.open(self.process)
        engine = Engine(
            store,
            workflows=self._workflows,
            slots=scene.slots,
            clock=self.clock,
            host=SimulatedHost(scene, self.process),
            limits=scene.limits,
            audit_key=AUDIT_KEY,
        )
        try:
            async with engine:
                clients = [self.process.begin(self._begin(engine, each)) for each in scene.beginnings]
                await self._until_told(engine)
                for client in clients:
                    client.cancel()
        except (StoreError, EngineStopped):
            pass  # the next engine goes on
        await store.close()
        self.is_gone.set()

    async def _until_told(self, engine: Engine) -> None:
        """Return when it is told to stop; raises `EngineStopped` if it has stopped by itself."""
        stop = asyncio.ensure_future(self.told_to_stop.wait())
        while not stop.done():
            with engine.watchers.watching(None) as change:
                await asyncio.wait([stop, change], return_when=asyncio.FIRST_COMPLETED)
                if change.done():
                    change.result()

    async def _begin(self, engine: Engine, beginning: Beginning) -> None:
        acked = self._scene.acked
        workflow = next(each for each in self._workflows if each.id == beginning.workflow.id)
        while beginning.key not in acked:
            try:
                execution = await engine.start(workflow, beginning.input, key=beginning.key, by="client")
            except (EngineStopped, CommandRefused):
                return
            except StoreError:
                await asyncio.sleep(START_AGAIN_SECONDS)
            else:
                acked[beginning.key] = execution.id
                self._scene.note()


def _clock_in(scene: Scene) -> SimulatedClock:
    """The clock of a new process."""
    if scene.dice.hits(Fault.CLOCK_DRIFT, 0.2):
        return SimulatedClock(scene.loop, scene.random.randint(-5_000, 5_000), scene.random.uniform(0.8, 1.25))
    return SimulatedClock(scene.loop)

"""Runs that are not written (`stateless`): the store knows that they were started, and nothing more while they live."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from weakref import WeakValueDictionary

from pectin.core.event import AnyEvent, ExecutionEnded
from pectin.core.identity import ExecutionId
from pectin.ports.store import Store, StoreBroken, StoreError, VersionConflict
from pectin.runtime.held import Held

log = logging.getLogger("pectin.engine")

FORGET_AGAIN_SECONDS = (0.05, 0.2, 1.0)
"""The pauses after which an execution that has ended is deleted again, if the store can't write."""


class Unwritten:
    """The unwritten runs of one process: those that live, and those that have ended while somebody still asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._living: dict[ExecutionId, Held] = {}
        self._ended: WeakValueDictionary[ExecutionId, Held] = WeakValueDictionary()

    def get(self, execution: ExecutionId) -> Held | None:
        """The run, if it is here."""
        if not self._living and not self._ended:
            return None
        return self._living.get(execution) or self._ended.get(execution)

    def keep(self, execution: ExecutionId, held: Held) -> None:
        """Keep it while it lives, or one of its attempts does. A broken one is lost."""
        run = held.run
        if not held.broken and (held.in_flight or not run.status.is_terminal or run.stopping):
            self._living[execution] = held
            return
        self._living.pop(execution, None)
        if not held.broken:
            self._ended[execution] = held

    async def follow(self, execution: ExecutionId, held: Held, expected: int, events: Sequence[AnyEvent]) -> None:
        """Let these events count, once those up to `expected` do; with the end the store forgets the execution."""
        if not await held.becomes_durable(expected):
            raise VersionConflict(f"{execution} is not at {expected}")
        if any(isinstance(event, ExecutionEnded) for event in events):
            await self._forget(execution)

    async def _forget(self, execution: ExecutionId) -> None:
        for pause_seconds in (*FORGET_AGAIN_SECONDS, None):
            try:
                await self._store.forget(execution)
            except StoreBroken:
                raise
            except StoreError as problem:
                if pause_seconds is None:
                    log.error("%s has ended, but the next engine will call it lost: %s", execution, problem)
                    return
                await asyncio.sleep(pause_seconds)
            else:
                return

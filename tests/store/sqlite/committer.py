"""Commits for ever and tells each commit that was acknowledged, so that it can be killed at any moment."""

from __future__ import annotations

import asyncio
import os
import sys

from pectin.core.identity import ExecutionId
from pectin.ports.store import Store
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.sample import ready, started, step

AT_ONCE = 20


async def main(path: str) -> None:
    store, fence = await ready(lambda: SqliteStore(path))
    await asyncio.gather(*(_go_on(store, fence) for _ in range(AT_ONCE)))


async def _go_on(store: Store, fence: int) -> None:
    execution = await started(store, fence)
    version = 2
    while True:
        _tell(execution, version)
        await store.commit(step(execution, version, fence, f"work:{version}"))
        version += 1


def _tell(execution: ExecutionId, version: int) -> None:
    """One write to the pipe, which is whole in it once this returns."""
    os.write(sys.stdout.fileno(), f"{execution} {version}\n".encode())


asyncio.run(main(sys.argv[1]))

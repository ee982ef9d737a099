"""Pectin, by the workloads that `make bench` runs too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pectin
from bench.measure import expect
from bench.workloads.fan_out import branches_of, fan
from bench.workloads.many import chain, chains_of
from bench.workloads.parked import ask, asking, park
from bench.workloads.sequential import in_loop, steps_of


class Peer:
    """An engine as its users get it by default."""

    async def open(self, folder: Path) -> str:
        self._engine = pectin.Engine(str(folder / "ours.db"), workflows=[in_loop, chain, fan, asking])
        await self._engine.__aenter__()
        return pectin.__version__

    async def sequential(self, steps: int) -> int:
        return await steps_of(self._engine, in_loop, steps)

    async def many(self, executions: int) -> int:
        return await chains_of(self._engine, executions)

    async def fan_out(self, executions: int) -> int:
        return await branches_of(self._engine, executions)

    async def park(self, executions: int) -> Sequence[str]:
        return await park(self._engine, asking, executions)

    async def wake(self, id: str) -> None:
        execution = await self._engine.execution(id, asking)
        await execution.approve(ask, by="bench")
        expect((await execution.result()).done, True, "the step behind the decision is done")

    async def close(self) -> None:
        await self._engine.__aexit__(None, None, None)

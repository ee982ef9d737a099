"""1,000,000 finished executions in the file, and whether anybody notices: beside a file with a page of them.

The engine that starts, its steps, and whoever lists and shows should look at what is open or asked for, and at nothing
else. Both files take turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.measure import Bench, Measure, WrongResult, compared, expect
from bench.workloads.sequential import STEPS, Count, in_loop, steps_of
from pectin import ExecutionId, WorkflowStatus
from pectin.ports.store import Commit, Find, Row, StartRow, Store, Summary
from pectin.runtime.visitor import Visitor
from pectin.store import open_store

FINISHED = 1_000_000
QUICK = 50_000
PAGE = 20
"""What `pectin list` shows, and so what the other file has."""
GROUP = 1_000
"""Executions that are copied in one transaction."""
LOOKS = 10
"""Lists, shows and starts in a turn."""

Work = Callable[[Bench], Awaitable[int]]


@dataclass(frozen=True)
class Original:
    """An execution that has run, and of which the others are copies."""

    summary: Summary
    rows: list[Row]

    def copy(self) -> Commit:
        """One commit that begins and ends another execution just like it."""
        summary, id = self.summary, ExecutionId.new()
        old, new = summary.execution.to_json().encode(), id.to_json().encode()
        return Commit(
            execution=id,
            expected=0,
            version=summary.version,
            fence=summary.fence,
            new_fence=summary.fence,
            rows=[Row(row.seq, row.count, row.body.replace(old, new), row.settles) for row in self.rows],
            status=summary.status,
            updated_at=summary.updated_at,
            due=None,
            start=StartRow(summary.workflow_id, summary.workflow_version, summary.definition, summary.created_at),
        )


async def run(bench: Bench) -> list[Measure]:
    finished = bench.size(QUICK if bench.quick else FINISHED)
    full, empty = bench.within("full"), bench.within("empty")
    await fill(full, finished)
    await fill(empty, PAGE)
    steps = bench.size(STEPS)

    async def work(here: Bench) -> int:
        async with here.engine(in_loop) as engine:
            return await steps_of(engine, in_loop, steps)

    works: dict[str, tuple[str, Work]] = {
        "start": ("an engine's start and stop", _start),
        "step": (f"a step of 1 execution × {steps:,}", work),
        "list": (f"listing the last {PAGE}", _list),
        "show": ("reading the one with an id", _show),
    }
    return [
        await _beside(key, f"{what}, {finished:,} finished", one, full, empty) for key, (what, one) in works.items()
    ]


async def fill(bench: Bench, executions: int) -> None:
    """Let one execution of one step run, and copy it until there are so many."""
    async with bench.engine(in_loop) as engine:
        execution = await engine.start(in_loop, Count(wanted=1))
        await execution.result()
    store = open_store(bench.store, must_exist=True)
    try:
        original = Original((await store.find(Find(limit=1)))[0], await store.history(execution.id))
        left = executions - 1
        while left > 0:
            group = min(left, GROUP)
            await asyncio.gather(*(store.commit(original.copy()) for _ in range(group)))
            left -= group
    finally:
        await store.close()


async def _beside(key: str, what: str, work: Work, full: Bench, empty: Bench) -> Measure:
    """The same in both files, in turns; microseconds of the CPU's and the disk's time."""

    async def us(here: Bench) -> float:
        began = here.clock()
        done = await work(here)
        return (here.clock() - began) / done * 1e6

    ours: list[float] = []
    raw: list[float] = []
    for lap in range(full.rounds + 1):
        turn = (await us(full), await us(empty))
        if lap:  # the first one fills caches
            ours.append(turn[0])
            raw.append(turn[1])
    return compared(f"finished-{key}", what, "µs", ours, raw, raw_unit=f"µs with {PAGE}")


async def _start(bench: Bench) -> int:
    for _ in range(LOOKS):
        async with bench.engine(in_loop):
            pass
    return LOOKS


async def _list(bench: Bench) -> int:
    async def look(store: Store) -> None:
        found = await Visitor(store).list(Find(limit=PAGE))
        statuses = {each.status for each in found}
        expect((len(found), statuses), (PAGE, {WorkflowStatus.COMPLETED}), "executions that are listed")

    return await _visit(bench, look)


async def _show(bench: Bench) -> int:
    async def look(store: Store) -> None:
        visitor = Visitor(store)
        last = await visitor.resolve("last")
        summary = await visitor.resolve(str(last.execution))
        loaded = await visitor.read(summary.execution)
        events = await visitor.events(summary.execution)
        if loaded.run.version != len(events):
            raise WrongResult(f"{len(events)} events of an execution at version {loaded.run.version}")

    return await _visit(bench, look)


async def _visit(bench: Bench, look: Callable[[Store], Awaitable[None]]) -> int:
    """Open the file and look, as a command does that is run beside an engine, and close it."""
    for _ in range(LOOKS):
        store = open_store(bench.store, must_exist=True)
        try:
            await look(store)
        finally:
            await store.close()
    return LOOKS

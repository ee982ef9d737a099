"""What a step leaves behind: syncs, rows, bytes of history, growth of the file. Nothing is timed here, only counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from bench.measure import Bench, Measure, WrongResult, alone, compared, expect
from bench.syncs import counted_syncs
from bench.workloads.many import STEPS, chain, chains_of
from bench.workloads.sequential import in_loop, steps_of
from pectin import Engine, Workflow
from pectin.core.event import NodeCompleted, decode_events
from pectin.ports.store import Find, Row, Store
from pectin.store import open_store

SEQUENTIAL = 1_000
MANY = 500
ROWS_AT_ONCE = 1_000


ENTRY = "x" * 200


@dataclass
class Notes:
    done: int = 0
    wanted: int = 0
    notes: list[str] = field(default_factory=list[str])


class Noted(TypedDict):
    done: int
    notes: list[str]
    """What is added."""


growing = Workflow("growing", version="1.0.0", state=Notes, reducers={"notes": "append"})


@growing.node
async def note(state: Notes) -> Noted:
    return {"done": state.done + 1, "notes": [ENTRY]}


note.repeat(note, when="state.done < state.wanted", max_iterations=1_000)


@dataclass(frozen=True)
class Footprint:
    """What was left for each step, or each raw row. `beyond_bytes` is the growth of the file without the patches, which
    are what the application itself has said, and without the snapshot, of which there is one however many the steps,
    and the pages that the one before it left free."""

    syncs: float
    rows: float
    history_bytes: float
    file_bytes: float
    beyond_bytes: float


async def run(bench: Bench) -> list[Measure]:
    steps, executions = bench.size(SEQUENTIAL), bench.size(MANY)
    with counted_syncs() as syncs:

        async def left_by(name: str, workflow: Workflow[Any], work: Callable[[Engine], Awaitable[int]]) -> Footprint:
            here = bench.within(name)
            async with here.engine(workflow):
                pass
            empty, free = here.store.stat().st_size, _free_bytes(here.store)
            async with here.engine(workflow) as engine:
                before = syncs.count
                done = await work(engine)
                synced = syncs.count - before
            grown = here.store.stat().st_size - empty
            rows, snapshots = await _kept(str(here.store))
            size = sum(len(row.body) for row in rows)
            left_free = _free_bytes(here.store) - free
            beyond = max(0, grown - snapshots - left_free - sum(map(_patch_bytes, rows)))  # few steps fit in as it is
            return Footprint(synced / done, len(rows) / done, size / done, grown / done, beyond / done)

        sequential = await left_by("sequential", in_loop, lambda engine: steps_of(engine, in_loop, steps))
        notes = await left_by("growing", growing, lambda engine: notes_of(engine, steps))
        many = await left_by("many", chain, lambda engine: chains_of(engine, executions))
        raw = _left_by_raw(bench, lambda: syncs.count)
    for name, footprint in (("raw", raw), ("sequential", sequential)):
        if footprint.syncs < 1:
            raise WrongResult(f"{name}: {footprint.syncs:.3f} syncs for what should be durable one by one")
    return [
        *_measures("sequential", f"1 execution × {steps:,} steps", sequential, raw),
        *_measures("growing", f"1 execution × {steps:,} steps, each adding 200 B", notes, raw),
        *_measures("many", f"{executions:,} executions × {STEPS} steps", many, raw),
    ]


async def notes_of(engine: Engine, steps: int) -> int:
    """Run one execution whose state grows; how many steps it did."""
    ended = await (await engine.start(growing, Notes(wanted=steps))).result()
    expect(ended.notes == [ENTRY] * steps, True, "every step has added its note")
    return steps


def _left_by_raw(bench: Bench, syncs: Callable[[], int]) -> Footprint:
    here = bench.within("raw")
    file = here.folder / "raw.db"
    commits = max(1_000, 100 * bench.scale)  # a few rows would not fill a page
    with here.raw(commits):
        pass
    empty = file.stat().st_size
    with here.raw(commits) as raw:
        before = syncs()
        raw()
        synced = syncs() - before
    grown = file.stat().st_size - empty
    return Footprint(synced / raw.commits, 1.0, 200.0, grown / raw.commits, grown / raw.commits - 200)


async def _kept(path: str) -> tuple[list[Row], int]:
    """All rows of history of all executions, and the bytes of their snapshots."""
    store = open_store(path, must_exist=True)
    try:
        found = [each.execution for each in await store.find(Find(limit=1_000_000))]
        rows = [row for execution in found for row in await _history(store, execution)]
        stored = [await store.load(execution) for execution in found]
        return rows, sum(len(each.snapshot or b"") for each in stored if each is not None)
    finally:
        await store.close()


def _free_bytes(file: Path) -> int:
    """The pages of a store that hold nothing."""
    with closing(sqlite3.connect(file)) as connection:
        ((free,),) = connection.execute(
            "select freelist_count * page_size from pragma_freelist_count, pragma_page_size"
        )
    return int(free)


def _patch_bytes(row: Row) -> int:
    """The JSON of what a row's steps have changed."""
    return sum(
        len(msgspec.json.encode(event.patch)) for event in decode_events(row.body) if isinstance(event, NodeCompleted)
    )


async def _history(store: Store, execution: Any) -> list[Row]:
    rows: list[Row] = []
    while more := await store.history(execution, rows[-1].seq + rows[-1].count - 1 if rows else 0, ROWS_AT_ONCE):
        rows += more
    return rows


def _measures(key: str, what: str, ours: Footprint, raw: Footprint) -> list[Measure]:
    def line(name: str, of: str, unit: str, our: float, its: float) -> Measure:
        return compared(f"{key}-{name}", f"{what}: {of}", f"{unit} a step", [our], [its], raw_unit=f"{unit} a row")

    return [
        line("syncs", "syncs", "syncs", ours.syncs, raw.syncs),
        line("rows", "rows", "rows", ours.rows, raw.rows),
        line("history", "history", "B", ours.history_bytes, raw.history_bytes),
        line("file", "growth of the file", "B", ours.file_bytes, raw.file_bytes),
        alone(f"{key}-beyond", f"{what}: the same beyond patch and snapshot", "B a step", [ours.beyond_bytes]),
    ]

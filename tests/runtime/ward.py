"""A store with one execution in each state that the doctor's tests damage, and the ways to damage it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import apsw

from pectin import Engine, Workflow
from pectin.core.command import AnyCommand
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.runtime.doctor import Diagnosis, Doctor
from pectin.runtime.programs import Programs
from pectin.runtime.service import Service
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.checksum import history_checksum, snapshot_checksum
from pectin.testing import VirtualClock
from tests.runtime.family import awaiting, parcel, parent_of, the_child
from tests.runtime.sample import ZERO, Count, add, asking, chain

Patients = Mapping[str, ExecutionId]

DONE = chain(add, id="done")
AWAITING = awaiting()
PARENT = parent_of(asking())


async def admit(path: Path, clock: VirtualClock) -> Patients:
    """Make the store: one that asks with a deadline, one that is done, one that waits for an event, and a family."""
    store = SqliteStore(str(path))
    async with Engine(store, workflows=[deadlined(), DONE, AWAITING, PARENT], clock=clock) as engine:
        asked = await engine.start(deadlined(), ZERO, key="A-1042")
        done = await engine.start(DONE, ZERO)
        awaits = await engine.start(AWAITING, parcel("T-1"))
        parent = await engine.start(PARENT, ZERO)
        await engine.idle()
        child = await the_child(store, "asking")
    await store.close()
    return {"asking": asked.id, "done": done.id, "awaiting": awaits.id, "parent": parent.id, "child": child}


def deadlined() -> Workflow[Count]:
    """Another workflow than the child's, with a deadline."""
    workflow = Workflow("review", version="1.0.0", state=Count)
    before = workflow.node(add, name="before")
    review = workflow.approval("review", "Go on?", deadline="72h")
    before.then(review)
    review.on(approved="end", rejected="end", timeout="end")
    return workflow


def damage(path: Path, sql: str, *values: object, signed: bool = True) -> None:
    """Do what nobody should; `signed` with checksums that fit, as a bug would."""
    connection: Any = apsw.Connection(str(path))
    connection.create_scalar_function("history_checksum", history_checksum)
    connection.create_scalar_function("snapshot_checksum", snapshot_checksum)
    connection.execute(sql, values or None)
    if signed:
        connection.execute(
            "update history as h set checksum = history_checksum(e.id, seq, count, settles, body)"
            " from executions as e where e.x = h.x"
        )
    connection.close()


def break_off(path: Path, seq: int, execution: ExecutionId | None = None) -> None:
    """Keep of the commit whose row begins at `seq` the first event only, in the history and in the row; of this
    execution, or of the only one."""
    alone = "cast('[' || json_extract(body, '$[0]') || ']' as blob)"
    of = "x = (select x from executions where id = ?1 or ?1 is null)"
    id = None if execution is None else execution.bytes
    damage(path, f"update history set count = 1, body = {alone} where {of} and seq = {seq}", id)
    damage(path, f"update executions set version = {seq}, status = 1, due = null where {of}", id)


async def quietly(path: Path, execution: ExecutionId, command: AnyCommand) -> None:
    """Let a command happen, and tell nobody."""
    store = SqliteStore(str(path))
    await Service(store, Programs(store), LIMITS).handle(execution, command)
    await store.close()
    damage(path, "delete from inbox")


async def diagnoses(path: Path, clock: VirtualClock, *, mend: bool = False) -> list[Diagnosis]:
    """What the doctor says."""
    store = SqliteStore(str(path))
    try:
        return [found async for found in Doctor(store, clock=clock, mend=mend).examine() if found is not None]
    finally:
        await store.close()

"""From rows to a run."""

from __future__ import annotations

import pytest

from pectin import Engine
from pectin.core.state import decode_snapshot, encode_snapshot
from pectin.ports.store import Row
from pectin.runtime.error import Quarantined
from pectin.runtime.loading import all_rows, read_events
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from tests.runtime.sample import ZERO, asking


async def one_that_waits(memory: Memory) -> Visitor:
    workflow = asking()
    store = MemoryStore(memory)
    async with Engine(store, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
    await store.close()
    return Visitor(MemoryStore(memory))


async def test_events_begin_in_the_middle_of_a_row() -> None:
    memory = Memory()
    visitor = await one_that_waits(memory)
    (execution,) = memory.executions
    every = await read_events(visitor.store, execution)
    assert memory.executions[execution].rows[0].count > 1
    for after in range(len(every) + 1):
        assert await read_events(visitor.store, execution, after) == every[after:]
    assert await all_rows(visitor.store, execution) == memory.executions[execution].rows


@pytest.mark.parametrize(
    "body", [b"[", b"[]", b'[{"type":"node_skipped","at":1,"activation":"before"}]', b"\xff", b"{}"]
)
async def test_damage_is_quarantined_and_says_whose(body: bytes) -> None:
    memory = Memory()
    visitor = await one_that_waits(memory)
    ((execution, kept),) = memory.executions.items()
    last = kept.rows[-1]
    kept.rows[-1] = Row(last.seq, last.count, body)
    with pytest.raises(Quarantined, match=f"the history of {execution} can't be folded: ."):
        await visitor.read(execution)


@pytest.mark.parametrize(
    ("seen", "told"), [(b'"execution_id":"0', b'"execution_id":"1'), (b'"at":1', b'"at":1000000')], ids=["id", "time"]
)
async def test_damage_that_folds_all_the_same_is_quarantined(seen: bytes, told: bytes) -> None:
    memory = Memory()
    visitor = await one_that_waits(memory)
    ((execution, kept),) = memory.executions.items()
    kept.rows[:] = [Row(row.seq, row.count, row.body.replace(seen, told)) for row in kept.rows]
    with pytest.raises(Quarantined, match=f"the history of {execution} can't be folded: ."):
        await visitor.read(execution)


async def test_a_snapshot_that_lies_about_its_version_is_not_used() -> None:
    memory = Memory()
    visitor = await one_that_waits(memory)
    ((execution, kept),) = memory.executions.items()
    honest = (await visitor.read(execution)).run
    kept.snapshot, kept.snapshot_version = encode_snapshot(honest), kept.summary.version
    assert (await visitor.read(execution)).run == honest
    other = decode_snapshot(kept.snapshot)
    other.version -= 1
    other.data = {"n": 99}
    kept.snapshot = encode_snapshot(other)
    assert (await visitor.read(execution)).run == honest

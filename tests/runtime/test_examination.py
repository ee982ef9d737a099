"""An execution is examined as it is stored, also while an engine goes on with it, however long its history is."""

from __future__ import annotations

from itertools import count

import pytest
from msgspec.structs import replace

from pectin import Engine
from pectin.core.audit import Finding
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.ports.store import Find, Listen, Row, Summary
from pectin.runtime import examination
from pectin.runtime.examination import Examiner, projected
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock, engine
from tests.histories.plays import cut_off, hang, workflow
from tests.runtime.sample import ZERO
from tests.runtime.ward import deadlined


async def waiting(memory: Memory) -> ExecutionId:
    """One that waits for a person."""
    store = MemoryStore(memory)
    async with Engine(store, workflows=[deadlined()]) as running:
        execution = await running.start(deadlined(), ZERO)
        await running.idle()
    await store.close()
    return execution.id


def damaged(memory: Memory, execution: ExecutionId, place: int, **changes: object) -> None:
    """Change a row of its history."""
    rows = memory.executions[execution].rows
    rows[place] = replace(rows[place], **changes)


async def found(store: MemoryStore, execution: ExecutionId) -> list[Finding]:
    examined = await Examiner(store).examine(execution, at=0, served=False)
    assert examined is not None
    return examined.findings


async def test_one_that_is_sound_is_read_to_its_end() -> None:
    memory = Memory()
    execution = await waiting(memory)
    examined = await Examiner(MemoryStore(memory)).examine(execution, at=0, served=False)
    assert examined is not None
    assert examined.findings == []
    assert examined.events == examined.summary.version == 6
    assert examined.run is not None
    assert list(examined.run.approvals()) == ["review"]


async def test_a_history_is_read_a_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, asked = Memory(), list[int]()
    execution = await waiting(memory)

    class Counting(MemoryStore):
        async def history(self, execution: ExecutionId, after: int = 0, limit: int = 1000) -> list[Row]:
            asked.append(after)
            return await super().history(execution, after, limit)

    monkeypatch.setattr(examination, "ROWS_AT_ONCE", 1)
    assert await found(Counting(memory), execution) == []
    assert asked == [0, 3, 6]


async def test_one_that_is_not_there_is_not_examined() -> None:
    memory = Memory()
    await waiting(memory)
    examiner = Examiner(MemoryStore(memory))
    for nobody in (ExecutionId.new(), ExecutionId.parse("f" * 32), ExecutionId.parse("0" * 32)):
        assert await examiner.summary(nobody) is None
        assert await examiner.examine(nobody, at=0, served=False) is None


async def test_what_is_beside_a_history_counts_only_if_it_stands_still() -> None:
    memory, ticks = Memory(), count()
    execution = await waiting(memory)

    class Moving(MemoryStore):
        async def find(self, find: Find) -> list[Summary]:
            return [replace(one, due=next(ticks)) for one in await super().find(find)]

    assert await Examiner(Moving(memory)).examine(execution, at=0, served=False) is None
    assert next(ticks) == 2 * examination.LOOKS_MAX


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"seq": 5}, "gap", "event 5 follows event 3"),
        ({"body": b'[{"type":"teleported"}]'}, "unreadable",
         "a stored event can't be read: Invalid value 'teleported' - at `$[0].type`"),
        ({"count": 2}, "row_differs", "the row is of 2 events, and has 3"),
        ({"settles": None}, "row_differs", "the row says that it settles nothing, and its events settle `before`"),
        ({"settles": "review"}, "row_differs",
         "the row says that it settles `review`, and its events settle `before`"),
    ],
)  # fmt: skip
async def test_a_row_that_differs_is_found_and_nothing_is_said_of_what_follows(
    changes: dict[str, object], code: str, message: str
) -> None:
    memory = Memory()
    execution = await waiting(memory)
    damaged(memory, execution, 1, **changes)
    (finding,) = await found(MemoryStore(memory), execution)
    assert (finding.code, finding.message) == (code, message)


async def test_a_row_that_settles_what_no_event_does() -> None:
    memory = Memory()
    execution = await waiting(memory)
    damaged(memory, execution, 0, settles="before")
    (finding,) = await found(MemoryStore(memory), execution)
    assert finding.message == "the row says that it settles `before`, and its events settle nothing"


async def test_what_is_in_quarantine_waits_for_somebody_to_look_at_it() -> None:
    store, clock, wf = MemoryStore(), VirtualClock(), workflow("cursed")
    wf.node(hang)
    limits = replace(LIMITS, interruptions_max=1)
    id = await cut_off(wf, store, clock, limits=limits)
    async with engine(wf, store=store, clock=clock, limits=limits):
        await clock.settle()
    (finding,) = await found(store, id)
    assert (finding.code, finding.where) == ("quarantine", "`hang`")
    assert finding.message == "`hang` was cut off once"


async def test_what_is_projected_is_the_row_with_its_waits() -> None:
    memory = Memory()
    execution = await waiting(memory)
    summary = await Examiner(MemoryStore(memory)).summary(execution)
    assert summary is not None
    row = projected(summary, [Listen("a", "paid", "B"), Listen("", ":parent", "C")])
    assert row.execution == execution.to_json()
    assert row.listens == {"a": ("paid", "B"), "": (":parent", "C")}

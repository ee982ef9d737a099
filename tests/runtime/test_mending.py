"""Mending changes what is wrong and nothing else, holds only if nobody came first, and says why where it can't."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from pectin import Engine
from pectin.core.audit import MEANINGS, SWEPT, found
from pectin.core.command import Cancel, Hold
from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import OWNED
from pectin.runtime.examination import Examined, Examiner
from pectin.runtime.mending import MENDED, Mender
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Recording
from tests.runtime.ward import deadlined


class Bed:
    """One execution, and who mends it."""

    def __init__(self, memory: Memory, execution: ExecutionId) -> None:
        self.memory = memory
        self.execution = execution
        self.store = Recording(memory)
        self.visitor = Visitor(self.store, clock=VirtualClock())

    async def examined(self, *codes: str, where: str = "") -> Examined:
        """As it is, with these findings."""
        examined = await Examiner(self.store).examine(self.execution, at=0, served=False)
        assert examined is not None
        return replace(examined, findings=[found(code, where, "") for code in codes])

    async def mend(self, *codes: str, served: bool = False) -> str | None:
        return await Mender(self.store, self.visitor).mend(await self.examined(*codes), served=served)

    def damage(self, **changes: object) -> None:
        kept = self.memory.executions[self.execution]
        kept.summary = replace(kept.summary, **changes)


@pytest.fixture
async def bed() -> Bed:
    memory = Memory()
    store = Recording(memory)
    async with Engine(store, workflows=[deadlined()]) as engine:
        execution = await engine.start(deadlined(), ZERO)
        await engine.idle()
    await store.close()
    return Bed(memory, execution.id)


@pytest.mark.parametrize("codes", [(), ("key_differs",), ("gap", "unreadable"), ("quarantine",)])
async def test_what_can_not_be_mended_is_left_alone(bed: Bed, codes: Iterable[str]) -> None:
    assert not MENDED & set(codes)
    assert await bed.mend(*codes) is None
    assert bed.store.commits == []


async def test_a_row_is_written_anew_in_one_commit_without_events(bed: Bed) -> None:
    before = bed.memory.executions[bed.execution].summary
    bed.damage(due=None, status=WorkflowStatus.RUNNING, updated_at=7)
    assert await bed.mend("due_differs", "status_differs", "time_differs") is None
    (commit,) = bed.store.commits
    assert (commit.rows, commit.snapshot, commit.expected) == ((), None, before.version)
    assert bed.memory.executions[bed.execution].summary == before


async def test_nothing_is_written_over_what_somebody_else_wrote(bed: Bed) -> None:
    examined = await bed.examined("due_differs")
    await bed.visitor.handle(bed.execution, Cancel(at=bed.visitor.clock.now()))
    why_not = await Mender(bed.store, bed.visitor).mend(examined, served=False)
    assert why_not is not None
    assert why_not.startswith(f"It could not be mended: {bed.execution} is at version ")
    assert bed.memory.executions[bed.execution].summary.status is WorkflowStatus.CANCELLED


async def test_what_an_engine_is_at_work_on_is_left_to_it(bed: Bed) -> None:
    bed.damage(due=OWNED)
    assert await bed.mend("status_differs", served=True) == "An engine is at work on it: stop the engine, then repair."
    assert bed.store.commits == []
    assert await bed.mend("status_differs") is None
    assert len(bed.store.commits) == 1


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("stranded", ["ExecutionHeld", "HoldReleased"]),
        ("never_entered", ["ExecutionHeld", "HoldReleased"]),
        ("activation_stranded", ["ExecutionHeld", "HoldReleased"]),
        ("pause_forgotten", []),
    ],
)
async def test_what_has_to_happen_stands_in_the_history(bed: Bed, code: str, events: list[str]) -> None:
    version = (await bed.examined()).summary.version
    assert await bed.mend(code) is None
    happened = [event for _, event in await bed.visitor.events(bed.execution, after=version)]
    assert [type(event).__name__ for event in happened] == events
    assert [getattr(event, "by", None) for event in happened] == ["pectin doctor"] * len(events)


async def test_one_that_is_held_or_ends_is_only_woken(bed: Bed) -> None:
    await bed.visitor.handle(bed.execution, Hold(at=bed.visitor.clock.now(), by="ops"))
    version = (await bed.examined()).summary.version
    assert await bed.mend("stranded") is None
    assert await bed.visitor.events(bed.execution, after=version) == []


def test_what_is_mended_has_a_hint_that_says_so_and_nothing_else_has() -> None:
    assert {code for code, (_, hint) in MEANINGS.items() if "pectin doctor --repair" in hint} == MENDED | SWEPT

"""The rounds of an engine find who is stranded, tell it once, and hold nobody up; and no lost hint strands anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from pectin import Engine
from pectin.core.chain import NO_KEYS
from pectin.core.command import Decide
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.core.program import Program
from pectin.core.status import WorkflowStatus
from pectin.ports.store import OWNED, Find, Stored, Summary
from pectin.runtime.programs import Programs
from pectin.runtime.rounds import Rounds
from pectin.runtime.service import Service
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.testing import VirtualClock
from tests.runtime.family import parent_of, the_child
from tests.runtime.sample import ZERO, asking, eventually
from tests.runtime.ward import deadlined

IDS = frozenset({"asking", "review", "parent"})


class Warden:
    """An engine that only listens."""

    workflows = IDS

    def __init__(self, quarantined: Iterable[ExecutionId] = (), at: Iterable[ExecutionId] = ()) -> None:
        self.quarantined = set(quarantined)
        self.at = set(at)
        self.lacks = frozenset[str]()
        self.troubles: list[str] = []

    def is_at(self, execution: ExecutionId) -> bool:
        return execution in self.at

    def unable(self, program: Program) -> frozenset[str]:
        return self.lacks

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        self.troubles.append(str(problem))
        return False


async def some(memory: Memory, count: int = 1, clock: VirtualClock | None = None) -> list[ExecutionId]:
    """Executions that wait for a person until a deadline."""
    store = MemoryStore(memory)
    async with Engine(store, workflows=[deadlined()], clock=clock) as engine:
        started = [await engine.start(deadlined(), ZERO) for _ in range(count)]
        await engine.idle()
    await store.close()
    return [execution.id for execution in started]


def rounds(store: MemoryStore, warden: Warden | None = None, page: int = 256) -> Rounds:
    limits = replace(LIMITS, round_executions_max=page)
    service = Service(store, Programs(store), limits)
    return Rounds(store, service, VirtualClock(), limits, warden or Warden(), NO_KEYS)


def never_wake(memory: Memory, execution: ExecutionId) -> None:
    kept = memory.executions[execution]
    kept.summary = replace(kept.summary, due=None)


async def test_who_would_never_be_woken_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    (execution,) = await some(memory)
    going = rounds(MemoryStore(memory))
    await going.go()
    assert caplog.messages == []
    never_wake(memory, execution)
    for _ in range(3):
        await going.go()
    (message,) = caplog.messages
    assert message.startswith(f"{execution}: the row says never; it should be 2")
    assert message.endswith("Z (due); see what `pectin doctor` says")


async def test_who_is_stranded_is_told_in_the_words_of_why(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    (execution,) = await some(memory)
    kept = memory.executions[execution]
    first, _ = kept.rows[-1].body.split(b',{"type":"node_waiting"')
    kept.rows[-1] = replace(kept.rows[-1], count=1, body=first + b"]")
    kept.summary = replace(kept.summary, version=4, status=WorkflowStatus.RUNNING, due=None)
    await rounds(MemoryStore(memory)).go()
    assert caplog.messages == [
        f"{execution}: Is stranded: nothing of it runs, waits, is due or is held; see what `pectin doctor` says"
    ]


async def test_a_parent_whose_child_is_gone_is_told(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    store, parent = MemoryStore(memory), parent_of(asking())
    async with Engine(store, workflows=[parent]) as engine:
        execution = await engine.start(parent, ZERO)
        await engine.idle()
        child = await the_child(store, "asking")
    await store.forget(child)
    await rounds(store).go()
    assert caplog.messages == [
        f"{execution.id}: it waits for {child}, which is not in the store (`inside`); see what `pectin doctor` says"
    ]


async def test_each_round_looks_at_one_page_and_all_are_looked_at_in_turn() -> None:
    memory, seen = Memory(), list[ExecutionId]()
    executions = await some(memory, 5)

    class Counting(MemoryStore):
        async def load(self, execution: ExecutionId) -> Stored | None:
            seen.append(execution)
            return await super().load(execution)

    going, newest_first = rounds(Counting(memory), page=2), executions[::-1]
    for expected in (newest_first[:2], newest_first[2:4], newest_first[4:], newest_first[:2]):
        await going.go()
        assert seen == expected
        seen.clear()


async def test_nobody_looks_at_what_is_at_work_has_ended_or_is_anothers(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    owned, ended, others, known = await some(memory, 4)
    for execution, changes in (
        (owned, {"due": OWNED}),
        (ended, {"status": WorkflowStatus.COMPLETED}),
        (others, {"workflow_id": "another"}),
    ):
        never_wake(memory, execution)
        kept = memory.executions[execution]
        kept.summary = replace(kept.summary, **changes)
    never_wake(memory, known)
    await rounds(MemoryStore(memory), Warden({known})).go()
    assert caplog.messages == []


async def test_who_should_be_at_work_and_is_not_is_told_after_a_round(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    (execution,) = await some(memory)
    kept = memory.executions[execution]
    kept.summary = replace(kept.summary, due=OWNED)
    going = rounds(MemoryStore(memory))
    await going.go()
    assert caplog.messages == []
    for _ in range(3):
        await going.go()
    (message,) = caplog.messages
    assert message == f"{execution} is to be at work, and nobody is at it; it goes on when an engine is started anew"


@pytest.mark.parametrize("why", ["somebody is", "it has moved", "it lacks a function"])
async def test_who_is_at_work_for_a_while_unseen_is_no_news(why: str, caplog: pytest.LogCaptureFixture) -> None:
    memory, warden = Memory(), Warden()
    (execution,) = await some(memory)
    kept = memory.executions[execution]
    kept.summary = replace(kept.summary, due=OWNED)
    going = rounds(MemoryStore(memory), warden)
    await going.go()
    match why:
        case "somebody is":
            warden.at.add(execution)
        case "it has moved":
            kept.summary = replace(kept.summary, due=2, updated_at=7)
        case _:
            warden.lacks = frozenset({"review"})
    going._last = execution  # pyright: ignore[reportPrivateUsage]
    await going.go()
    assert caplog.messages == []


async def test_one_that_moves_meanwhile_is_not_told_of(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    (execution,) = await some(memory)
    never_wake(memory, execution)

    class Moving(MemoryStore):
        async def find(self, find: Find) -> list[Summary]:
            found = await super().find(find)
            return [replace(summary, fence=find.limit) for summary in found]

    await rounds(Moving(memory)).go()
    assert caplog.messages == []


async def test_one_that_cannot_be_read_is_the_engines_affair() -> None:
    memory, warden = Memory(), Warden()
    (execution,) = await some(memory)
    kept = memory.executions[execution]
    kept.rows[0] = replace(kept.rows[0], body=b"[]")
    await rounds(MemoryStore(memory), warden).go()
    (trouble,) = warden.troubles
    assert trouble.startswith(f"the history of {execution} can't be folded")


async def test_a_store_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    store = MemoryStore(memory)
    going = rounds(store)
    await store.close()
    await going.go()
    assert caplog.messages == [
        "can't look whether anybody is stranded: The store is closed; open it anew.; trying again"
    ]


# -- in an engine -----------------------------------------------------------------------------------------------


class Deaf(MemoryStore):
    """Hears nothing of what others write."""

    def changed(self) -> bool:
        super().changed()
        return False


async def test_an_engine_tells_within_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    memory, clock = Memory(), VirtualClock()
    (execution,) = await some(memory, clock=clock)
    never_wake(memory, execution)
    async with Engine(Deaf(memory), workflows=[deadlined()], clock=clock):
        await clock.advance("59s")
        assert caplog.messages == []
        await clock.advance("2s")
        await eventually(lambda: bool(caplog.messages))
    assert caplog.records[0].name == "pectin.engine"
    assert caplog.records[0].levelno == logging.WARNING


async def test_what_another_wrote_is_found_within_a_minute_though_nobody_told() -> None:
    memory, clock = Memory(), VirtualClock()
    (id,) = await some(memory, clock=clock)
    async with Engine(Deaf(memory), workflows=[deadlined()], clock=clock) as engine:
        execution = await engine.execution(id, deadlined())
        visitor = Visitor(MemoryStore(memory), clock=clock)
        await visitor.handle(id, Decide(at=clock.now(), activation="review", decision="approved", by="me"))
        await clock.advance("61s")
        assert (await execution.result())["n"] == 1

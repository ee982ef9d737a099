"""The disk is full: each commit fails whole, the engine says so and can be read, and once there is room it goes on by
itself. On a disk that says so, and on a small file system of its own where this process may mount one (`rooms`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest

from pectin import Engine, Workflow, WorkflowStatus
from pectin.ports.store import Find, StoreError
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.sample import refused
from tests.runtime.sample import Gate
from tests.storage.room import Room, rooms

FULL = "pectin.db is full. Make room; what was refused can then be done again."
LETTER = "x" * 100_000
EXECUTIONS = 3


class Post(TypedDict):
    letter: str
    sent: bool


@pytest.fixture(params=rooms())
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    """A disk that can be filled."""
    kind: type[Room] = request.param
    room = kind(tmp_path)
    yield room
    room.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.runtime.recorder.AGAIN_SECONDS_MAX", 0.1)


def posting(gate: Gate, entered: Counter[str]) -> Workflow[Post]:
    """A workflow that writes a long letter once the gate is open, and sends it."""
    workflow = Workflow("posting", version="1.0.0", state=Post)

    @workflow.node
    async def write(state: Post) -> Post:
        entered["write"] += 1
        await gate.pass_through()
        state["letter"] = LETTER
        return state

    @workflow.node
    async def send(state: Post) -> Post:
        entered["send"] += 1
        state["sent"] = True
        return state

    write.then(send)
    return workflow


async def test_an_engine_waits_for_room_and_goes_on_by_itself(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    entered = Counter[str]()
    workflow = posting(gate, entered)
    path = room.place / "pectin.db"
    async with Engine(path, workflows=[workflow]) as engine:
        executions = [await engine.start(workflow, {"letter": "", "sent": False}) for _ in range(EXECUTIONS)]
        while gate.inside < EXECUTIONS:
            await asyncio.sleep(0)
        before = [await execution.info() for execution in executions]

        room.fill()
        gate.open()
        while not told(caplog):
            await asyncio.sleep(0)
        error = await refused(StoreError, engine.start(workflow, {"letter": LETTER, "sent": False}))
        assert str(error).endswith(FULL)
        assert [await execution.info() for execution in executions] == before
        assert await statuses(path) == {WorkflowStatus.RUNNING: EXECUTIONS}
        assert entered["write"] == EXECUTIONS
        assert entered["send"] == 0

        room.free()
        for execution in executions:
            assert (await asyncio.wait_for(execution.result(), 10))["sent"]
        assert entered == {"write": EXECUTIONS, "send": EXECUTIONS}, "nothing was done twice"
        assert await statuses(path) == {WorkflowStatus.COMPLETED: EXECUTIONS}


async def test_an_engine_that_was_stopped_on_a_full_disk_is_followed_by_another(room: Room) -> None:
    gate = Gate()
    workflow = posting(gate, Counter())
    path = room.place / "pectin.db"
    async with Engine(path, workflows=[workflow]) as engine:
        execution = (await engine.start(workflow, {"letter": "", "sent": False})).id
        await gate.entered.wait()
        room.fill()
        gate.open()
        await engine.stop(patience_seconds=0.1)
    room.free()
    async with Engine(path, workflows=[workflow]) as engine:
        assert (await (await engine.execution(execution, workflow)).result())["sent"]


async def test_a_store_cannot_be_made_on_a_full_disk(room: Room) -> None:
    room.fill()
    with pytest.raises(StoreError, match=r"is full\. Make room"):
        SqliteStore(str(room.place / "pectin.db"))
    room.free()
    store = SqliteStore(str(room.place / "pectin.db"))
    assert await store.take() == 1
    await store.close()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the engine said of the full disk."""
    messages = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    return [message for message in messages if FULL in message]


async def statuses(path: Path) -> Counter[WorkflowStatus]:
    """How many executions there are of each status, as another process sees it."""
    store = SqliteStore(str(path), must_exist=True)
    found = await Visitor(store).list(Find())
    await store.close()
    return Counter(summary.status for summary in found)

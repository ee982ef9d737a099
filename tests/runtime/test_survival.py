"""Nobody is stranded between executions: the process dies at every write in turn, and the next one goes on.

A write is lost, or it is done and nobody learns of it. What the next engine makes of it has to be what would have
happened anyway: each child once, each message taken once, and everything at its end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pectin import CommandRefused, Engine, EngineStopped, ExecutionFailed, Workflow, WorkflowStatus
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Message, StoreBroken
from pectin.store.sqlite import SqliteStore
from tests.runtime.family import awaiting, many_of, of_workflow, parcel, parent_of, statuses, the_child
from tests.runtime.sample import ZERO, add, asking, chain

Life = Callable[[Engine], Awaitable[None]]
DONE, CANCELLED = WorkflowStatus.COMPLETED, WorkflowStatus.CANCELLED


class Mortal(SqliteStore):
    """A store whose process dies at one of its writes, `lives` later: before it, or after it."""

    def __init__(self, path: Path, lives: int, *, before: bool) -> None:
        super().__init__(str(path))
        self._lives = lives
        self._before = before

    @property
    def died(self) -> bool:
        return self._lives < 0

    async def commit(self, commit: Commit) -> None:
        await self._die_or(super().commit, commit)

    async def send(self, message: Message) -> bool:
        return await self._die_or(super().send, message)

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        await self._die_or(super().forget, execution)

    async def _die_or(self, write: Callable[[Any], Awaitable[Any]], what: Any) -> Any:
        self._lives -= 1
        if self._lives >= 0:
            return await write(what)
        if self._lives == -1 and not self._before:
            await write(what)
        raise StoreBroken("the process is gone")


async def live_through(path: Path, workflows: list[Workflow[Any]], life: Life) -> int:
    """Live with a death at every write in turn, then once more; how many deaths it took until none came."""
    for deaths in range(500):
        for before in (True, False):
            file = path / f"{deaths}-{before}.db"
            store = Mortal(file, deaths, before=before)
            with suppress(EngineStopped, StoreBroken):
                async with Engine(store, workflows=workflows) as engine:
                    await life(engine)
            died = store.died
            await store.close()
            async with Engine(file, workflows=workflows) as engine:
                await life(engine)
                await engine.idle()
                assert await engine.store.matches() == []
            if not died:
                return deaths
    raise AssertionError("it never ends")


async def test_a_child_begins_once_and_its_end_is_told(tmp_path: Path) -> None:
    workflow = parent_of(chain(add))

    async def life(engine: Engine) -> None:
        assert await (await engine.start(workflow, ZERO, key="A")).result() == {"n": 3}
        assert await statuses(engine.store) == {"parent": [DONE], "counting": [DONE]}

    assert await live_through(tmp_path, [workflow], life) >= 5


async def test_children_side_by_side_begin_once_each(tmp_path: Path) -> None:
    workflow = many_of(chain(add))

    async def life(engine: Engine) -> None:
        ended = await (await engine.start(workflow, {"ns": [1, 2, 3], "out": []}, key="A")).result()
        assert ended["out"] == [{"n": 2}, {"n": 3}, {"n": 4}]
        assert await statuses(engine.store) == {"many": [DONE], "counting": [DONE] * 3}

    assert await live_through(tmp_path, [workflow], life) >= 7


async def test_a_cancel_reaches_children_and_theirs(tmp_path: Path) -> None:
    workflow = parent_of(parent_of(asking(), id="middle"))

    async def life(engine: Engine) -> None:
        execution = await engine.start(workflow, ZERO, key="A")
        await engine.idle()
        with suppress(CommandRefused):
            await execution.cancel(by="me")
        with pytest.raises(ExecutionFailed, match="cancelled"):
            await execution.result()
        await engine.idle()
        assert await statuses(engine.store) == {"parent": [CANCELLED], "middle": [CANCELLED], "asking": [CANCELLED]}

    assert await live_through(tmp_path, [workflow], life) >= 6


async def test_a_hold_reaches_children_and_so_does_its_release(tmp_path: Path) -> None:
    workflow = parent_of(asking())

    async def life(engine: Engine) -> None:
        execution = await engine.start(workflow, ZERO, key="A")
        await engine.idle()
        with suppress(CommandRefused):
            await execution.pause(by="me")
        await engine.idle()
        if (await execution.info()).status is not DONE:
            child = await the_child(engine.store, "asking")
            run = await engine.service.runs.get(child)
            assert run.status.is_terminal or run.hold is not None
            with suppress(CommandRefused):
                await (await engine.execution(child, asking())).approve("review", by="me")
            with suppress(CommandRefused):
                await execution.resume(by="me")
        assert await execution.result() == {"n": 4}

    assert await live_through(tmp_path, [workflow], life) >= 8


async def test_an_event_is_taken_by_one_of_those_that_wait(tmp_path: Path) -> None:
    workflow = awaiting()

    async def life(engine: Engine) -> None:
        executions = [await engine.start(workflow, parcel("A"), key=key) for key in ("1", "2")]
        await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        await engine.idle()
        ended = [(await execution.info()).status for execution in executions]
        assert sorted(ended) == [DONE, WorkflowStatus.PAUSED]

    assert await live_through(tmp_path, [workflow], life) >= 4


async def test_an_event_that_came_first_is_kept(tmp_path: Path) -> None:
    workflow = awaiting()

    async def life(engine: Engine) -> None:
        await engine.send("parcel.arrived", "A", "box", dedup="scan 1")
        execution = await engine.start(workflow, parcel("A"), key="1")
        assert (await execution.result())["came"] == "box"
        assert len(await of_workflow(engine.store, "awaiting")) == 1

    assert await live_through(tmp_path, [workflow], life) >= 3

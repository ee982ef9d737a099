"""SQL that runs in the commit of its node's completion, once or not at all."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from pectin import Context, Engine, ExecutionFailed, RetryPolicy, Workflow
from pectin.core.event import AttemptFailed, AttemptStopped
from pectin.store.sqlite import SqliteStore
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Function, add, chain, events_of

TRIES = RetryPolicy(max_attempts=3, initial_delay_ms=0, jitter=False)


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store's file in which the application has a table of its own."""
    path = tmp_path / "store.db"
    await SqliteStore(str(path)).close()
    execute(path, "create table ledger (amount integer not null unique)")
    return path


def execute(path: Path, sql: str) -> list[Any]:
    """By the engine's own SQLite: another one in the process would let go of the engine's locks with its own."""
    with closing(apsw.Connection(str(path))) as connection:
        cursor: Any = connection.cursor()
        return [row[0] for row in cursor.execute(sql)]


def booking(function: Function, **options: Any) -> Workflow[Count]:
    return chain(function, effect="transactional", **options)


async def test_the_sql_of_an_attempt_is_done_with_its_completion(path: Path) -> None:
    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into ledger values (?)", 7)
        assert execute(path, "select amount from ledger") == []
        return await add(state)

    workflow = booking(book)
    async with Engine(path, workflows=[workflow]) as engine:
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 1}
    assert execute(path, "select amount from ledger") == [7]


async def test_the_sql_of_an_attempt_that_fails_is_never_done(path: Path) -> None:
    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into ledger values (?)", ctx.attempt)
        if ctx.attempt == 1:
            raise OSError("again")
        return state

    workflow = booking(book, retry=TRIES)
    async with Engine(path, workflows=[workflow]) as engine:
        await (await engine.start(workflow, ZERO)).result()
    assert execute(path, "select amount from ledger") == [2]


async def test_sql_that_is_refused_fails_the_attempt_which_is_tried_again(path: Path) -> None:
    execute(path, "insert into ledger values (1)")

    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into ledger values (?)", 10 + ctx.attempt)
        ctx.sql("insert into ledger values (?)", ctx.attempt)
        return await add(state)

    workflow = booking(book, retry=TRIES)
    async with Engine(path, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        assert await execution.result() == {"n": 1}
        (failed,) = [event for event in await events_of(execution) if isinstance(event, AttemptFailed)]
        assert (failed.error.error_class, failed.error.type, failed.error.attempt) == (
            "sql_error",
            "StatementFailed",
            1,
        )
    assert execute(path, "select amount from ledger order by amount") == [1, 2, 12]


async def test_sql_that_is_always_refused_fails_the_node(path: Path) -> None:
    def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into nowhere values (1)")
        return state

    workflow = booking(book)
    async with Engine(path, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(ExecutionFailed, match="nowhere") as failed:
            await execution.result()
        assert failed.value.error.error_class == "sql_error"
        assert (await execution.info()).current_state == ZERO


async def test_the_sql_of_a_late_result_is_not_done(path: Path) -> None:
    clock = VirtualClock()
    go_on, said = asyncio.Event(), asyncio.Event()

    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into ledger values (?)", ctx.attempt)
        if ctx.attempt == 1:
            while not go_on.is_set():
                try:
                    await go_on.wait()
                except asyncio.CancelledError:
                    continue
            said.set()
        return state

    workflow = booking(book, retry=TRIES, timeout="30s")
    async with Engine(path, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await clock.advance("40s")
        go_on.set()
        await execution.result()
        await said.wait()
        await engine.idle()
        late = [event.late for event in await events_of(execution) if isinstance(event, AttemptStopped)]
        assert late == ["completed"]
    assert execute(path, "select amount from ledger") == [2]


async def test_sql_outside_of_a_transactional_node_is_refused(path: Path) -> None:
    async def book(state: Count, ctx: Context) -> Count:
        ctx.sql("insert into ledger values (1)")
        return state

    workflow = chain(book)
    async with Engine(path, workflows=[workflow]) as engine:
        with pytest.raises(ExecutionFailed, match="`book` is not transactional"):
            await (await engine.start(workflow, ZERO)).result()
    assert execute(path, "select amount from ledger") == []

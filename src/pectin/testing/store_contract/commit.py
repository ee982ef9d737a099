"""`commit`: whole or not at all, guarded by version, fence and outcome, in the order of the calls."""

from __future__ import annotations

import asyncio

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.line import Line
from pectin.ports.store import (
    AlreadySettled,
    Commit,
    Find,
    LeaseLost,
    Row,
    StartKeyTaken,
    Statement,
    StoreError,
    VersionConflict,
)
from pectin.testing.store_contract.sample import (
    NOW,
    Open,
    body,
    end,
    everything,
    ready,
    refused,
    started,
    starting,
    step,
    version,
)


async def test_a_commit_moves_the_execution_on(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, status=WorkflowStatus.PAUSED, due=NOW + 60_000))
    (summary,) = await store.find(Find())
    assert (summary.version, summary.status) == (3, WorkflowStatus.PAUSED)
    assert (summary.updated_at, summary.created_at, summary.due) == (NOW + 2, NOW, NOW + 60_000)


async def test_every_status_is_kept(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    for expected, status in enumerate(WorkflowStatus, start=2):
        await store.commit(step(execution, expected, fence, status=status))
        assert (await store.find(Find()))[0].status is status


async def test_a_stale_version_is_refused(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence))
    before = await everything(store, execution)
    await refused(VersionConflict, store.commit(step(execution, 2, fence, status=WorkflowStatus.FAILED)))
    await refused(VersionConflict, store.commit(step(execution, 4, fence, status=WorkflowStatus.FAILED)))
    assert await everything(store, execution) == before


async def test_an_execution_that_is_not_there_is_at_no_version(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await refused(VersionConflict, store.commit(step(ExecutionId.new(), 2, fence)))


async def test_another_fence_is_refused(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    before = await everything(store, execution)
    for other in (fence - 1, fence + 1):
        await refused(LeaseLost, store.commit(step(execution, 2, other)))
        await refused(LeaseLost, store.commit(step(execution, 7, other)))
    assert await everything(store, execution) == before


async def test_a_new_owner_shuts_the_old_one_out(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    newer = await store.take()
    await store.commit(step(execution, 2, fence, new_fence=newer))
    await refused(LeaseLost, store.commit(step(execution, 3, fence)))
    await store.commit(step(execution, 3, newer))
    assert await version(store, execution) == 4


async def test_an_activation_is_settled_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    other = await started(store, fence)
    await store.commit(step(execution, 2, fence, "pay"))
    before = await everything(store, execution)
    await refused(AlreadySettled, store.commit(step(execution, 3, fence, "pay")))
    assert await everything(store, execution) == before
    await store.commit(step(execution, 3, fence, "pay:2"))
    await store.commit(step(other, 2, fence, "pay"))


async def test_an_execution_ends_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(end(execution, 2, fence))
    await refused(AlreadySettled, store.commit(end(execution, 3, fence)))


async def test_one_commit_settles_several(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    rows = [Row(3, 1, body("item"), "label#9"), Row(4, 2, body("map"), "label")]
    await store.commit(step(execution, 2, fence, rows=rows, version=5))
    await refused(AlreadySettled, store.commit(step(execution, 5, fence, "label")))
    assert await store.history(execution, after=2) == rows


async def test_one_commit_settles_nothing_twice(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    rows = [Row(3, 1, body("one"), "pay"), Row(4, 1, body("two"), "pay")]
    await refused(AlreadySettled, store.commit(step(execution, 2, fence, rows=rows, version=4)))
    assert await version(store, execution) == 2
    assert len(await store.history(execution)) == 1


async def test_a_commit_without_rows_changes_hands_only(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    newer = await store.take()
    await store.commit(step(execution, 2, fence, rows=[], version=2, new_fence=newer, due=NOW))
    (summary,) = await store.find(Find())
    assert (summary.version, summary.fence, summary.due) == (2, newer, NOW)


async def test_commits_of_one_execution_are_applied_in_the_order_of_their_calls(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = ExecutionId.new()
    steps = [step(execution, expected, fence) for expected in range(2, 502)]
    await asyncio.gather(store.commit(starting(execution, fence)), *map(store.commit, steps))
    assert await version(store, execution) == 502


async def test_a_refused_commit_costs_only_itself(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence, key="A-1042")
    commits: list[tuple[Commit, type[Exception] | None]] = [
        (step(execution, 2, fence, "pay"), None),
        (step(execution, 2, fence), VersionConflict),
        (step(execution, 3, fence, "pay"), AlreadySettled),
        (starting(ExecutionId.new(), fence, key="A-1042"), StartKeyTaken),
        (step(execution, 3, fence + 1), LeaseLost),
        (step(execution, 3, fence, "ship"), None),
        (starting(ExecutionId.new(), fence, key="A-1043"), None),
    ]
    outcomes = await asyncio.gather(*(store.commit(commit) for commit, _ in commits), return_exceptions=True)
    expected = [type(None) if error is None else error for _, error in commits]
    assert [type(outcome) for outcome in outcomes] == expected
    assert [row.settles for row in await store.history(execution)] == [None, "pay", "ship"]
    assert len(await store.find(Find())) == 2


async def test_what_rests_on_a_refused_commit_is_refused_though_its_version_fits(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution, line = await started(store, fence), Line()
    await store.commit(step(execution, 2, fence))  # another writer's
    commits = [step(execution, expected, fence, line=line) for expected in (2, 3, 4)]
    outcomes = await asyncio.gather(*(store.commit(commit) for commit in commits), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [VersionConflict] * 3
    assert await version(store, execution) == 3
    await store.commit(step(execution, 3, fence))
    assert await version(store, execution) == 4


async def test_what_a_thousand_commit_at_once_is_all_there(open_store: Open) -> None:
    store, fence = await ready(open_store)
    executions = [ExecutionId.new() for _ in range(1000)]
    await asyncio.gather(*(store.commit(starting(execution, fence)) for execution in executions))
    await asyncio.gather(*(store.commit(step(execution, 2, fence, "a")) for execution in executions))
    found = await store.find(Find(limit=2000))
    assert {summary.execution: summary.version for summary in found} == dict.fromkeys(executions, 3)


async def test_a_cancelled_call_harms_no_other(open_store: Open) -> None:
    store, fence = await ready(open_store)
    first, second = await started(store, fence), await started(store, fence)
    cancelled = asyncio.ensure_future(store.commit(step(first, 2, fence)))
    other = asyncio.ensure_future(store.commit(step(second, 2, fence)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await other
    await asyncio.gather(cancelled, return_exceptions=True)
    assert await version(store, second) == 3
    assert await version(store, first) in (2, 3)


async def test_statements_are_for_a_store_that_speaks_sql(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    before = await everything(store, execution)
    commit = step(execution, 2, fence, statements=[Statement("create table ledger (id integer)")])
    if store.speaks_sql:
        await store.commit(commit)
        assert await version(store, execution) == 3
    else:
        assert "SQLite" in str(await refused(StoreError, store.commit(commit)))
        assert await everything(store, execution) == before

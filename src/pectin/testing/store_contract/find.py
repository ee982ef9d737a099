"""`find`: lists of executions, the newest first."""

from __future__ import annotations

from uuid import UUID

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import Find, Store
from pectin.testing.store_contract.sample import REPORT, Open, end, ready, started, starting


async def test_the_newest_come_first(open_store: Open) -> None:
    store, fence = await ready(open_store)
    executions = [await started(store, fence) for _ in range(5)]
    assert await _found(store, Find()) == executions[::-1]


async def test_lists_come_in_pages(open_store: Open) -> None:
    store, fence = await ready(open_store)
    executions = [await started(store, fence) for _ in range(5)]
    first = await _found(store, Find(limit=2))
    second = await _found(store, Find(limit=2, before=first[-1]))
    third = await _found(store, Find(limit=2, before=second[-1]))
    assert first + second + third == executions[::-1]


async def test_a_suffix_of_the_id_finds_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    ids = [ExecutionId(UUID(hex=head * 26 + "3f7c41")) for head in "12"] + [ExecutionId(UUID(hex="3" * 32))]
    for execution in ids:
        await store.commit(starting(execution, fence))
    assert await _found(store, Find(id_suffix="3f7c41")) == [ids[1], ids[0]]
    assert await _found(store, Find(id_suffix="13f7c41")) == [ids[0]]
    assert await _found(store, Find(id_suffix=ids[2].uuid.hex)) == [ids[2]]
    assert await _found(store, Find(id_suffix="7c4")) == []


async def test_suffixes_and_keys_are_no_patterns(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await started(store, fence, key="A-1042")
    for pattern in ("%", "_", "*", "?"):
        assert await _found(store, Find(id_suffix=pattern)) == []
        assert await _found(store, Find(key=pattern)) == []


async def test_a_key_a_workflow_and_statuses_narrow_the_list(open_store: Open) -> None:
    store, fence = await ready(open_store)
    refund = await started(store, fence, key="A-1042")
    report = await started(store, fence, REPORT, key="A-1042")
    ended = await started(store, fence)
    await store.commit(end(ended, 2, fence))
    running = frozenset({WorkflowStatus.RUNNING})
    over = frozenset({WorkflowStatus.COMPLETED, WorkflowStatus.FAILED})
    assert await _found(store, Find(key="A-1042")) == [report, refund]
    assert await _found(store, Find(key="A-1042", workflow_id="refund")) == [refund]
    assert await _found(store, Find(workflow_id="report")) == [report]
    assert await _found(store, Find(statuses=running)) == [report, refund]
    assert await _found(store, Find(statuses=over)) == [ended]
    assert await _found(store, Find(statuses=frozenset())) == []
    assert await _found(store, Find(workflow_id="refund", statuses=over, key="A-1042")) == []


async def _found(store: Store, find: Find) -> list[ExecutionId]:
    return [summary.execution for summary in await store.find(find)]

"""`forget`: nothing of an execution is left, and nothing else is gone."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import Find, LogRecord, VersionConflict
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    Open,
    everything,
    listen,
    matched,
    message,
    ready,
    refused,
    started,
    starting,
    step,
    version,
    waiting,
)

LOG = LogRecord("pay", 1, NOW, 20, "paid")


async def test_a_forgotten_execution_is_not_there(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence, key="A-1042")
    await store.commit(step(execution, 2, fence, "pay", snapshot=b"at 3", logs=[LOG], due=NOW))
    await store.forget(execution)
    assert await store.load(execution) is None
    assert await store.history(execution) == []
    assert await store.logs(execution) == []
    assert await store.find(Find()) == []
    assert await store.claim(NOW, fence + 1, frozenset({REFUND.workflow_id})) == []
    await refused(VersionConflict, store.commit(step(execution, 3, fence)))
    await store.close()
    assert await open_store().load(execution) is None


async def test_what_comes_after_it_finds_nothing_of_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence, key="A-1042")
    await store.commit(step(execution, 2, fence, "pay", snapshot=b"at 3", logs=[LOG], listens=[listen()]))
    await store.forget(execution)
    for again in (execution, ExecutionId.new()):
        await store.commit(starting(again, fence, key="A-1042"))
        stored = await store.load(again)
        assert stored is not None
        assert (stored.snapshot, [row.seq for row in stored.rows]) == (None, [1])
        assert await store.logs(again) == []
        await store.commit(step(again, 2, fence, "pay", listens=[listen()]))
        await store.forget(again)


async def test_its_waits_are_over_and_the_message_is_for_the_next(open_store: Open) -> None:
    store, fence = await ready(open_store)
    first, second = await waiting(store, fence), await waiting(store, fence)
    await store.send(message())
    await store.forget(first)
    assert await matched(store) == [("1", second, "wait:1")]
    await store.forget(second)
    assert await store.matches() == []
    await store.send(message("2", keep=False))
    third = await waiting(store, fence, listen("a"), listen("b"))
    assert await matched(store) == [("1", third, "a")]


async def test_others_stay(open_store: Open) -> None:
    store, fence = await ready(open_store)
    other = await started(store, fence, key="A-1042")
    forgotten = await started(store, fence, key="A-1043")
    for execution in (other, forgotten):
        await store.commit(step(execution, 2, fence, "pay", snapshot=b"at 3", logs=[LOG], listens=[listen()]))
        await store.commit(step(execution, 3, fence))
    await store.send(message())
    before = await store.load(other), await store.history(other), await store.logs(other), await store.matches()
    await store.forget(forgotten)
    after = await store.load(other), await store.history(other), await store.logs(other), await store.matches()
    assert after == before
    assert [summary.execution for summary in await store.find(Find())] == [other]
    assert await version(store, other) == 4


async def test_to_forget_one_that_is_not_there_does_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.commit(step(execution, 3, fence, logs=[LOG]))
    await store.send(message())
    before = await everything(store, execution)
    await store.forget(ExecutionId.new())
    assert await everything(store, execution) == before


async def test_its_key_is_free_but_not_the_key_that_another_took_over(open_store: Open) -> None:
    store, fence = await ready(open_store)
    old = await started(store, fence, key="A-1042")
    await store.commit(step(old, 2, fence, status=WorkflowStatus.COMPLETED, due=None))
    new = await started(store, fence, key="A-1042", replaces=old)
    await store.forget(old)
    assert [summary.execution for summary in await store.find(Find(key="A-1042"))] == [new]
    await store.forget(new)
    await started(store, fence, key="A-1042")

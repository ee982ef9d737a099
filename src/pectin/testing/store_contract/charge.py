"""`take`, `in_charge`, `changed` and `close`: one engine in charge, others beside it."""

from __future__ import annotations

import asyncio

from pectin.core.identity import ExecutionId
from pectin.ports.store import Find, StoreBusy, StoreError
from pectin.testing.store_contract.sample import (
    REFUND,
    Open,
    message,
    ready,
    refused,
    started,
    starting,
    step,
    version,
)

PATIENCE_SECONDS = 5.0
"""News of what was written has to come within that time."""


async def test_only_one_store_is_in_charge(open_store: Open) -> None:
    await open_store().take()
    await refused(StoreBusy, open_store().take())


async def test_everybody_sees_whether_one_is_in_charge(open_store: Open) -> None:
    engine, beside = open_store(), open_store()
    assert not await beside.in_charge()
    await engine.take()
    assert await engine.in_charge()
    assert await beside.in_charge()
    await engine.close()
    assert not await beside.in_charge()


async def test_closing_ends_the_charge_and_the_next_fence_is_higher(open_store: Open) -> None:
    first = open_store()
    fence = await first.take()
    await first.close()
    assert await open_store().take() > fence


async def test_a_closed_bystander_leaves_the_charge_alone(open_store: Open) -> None:
    await open_store().take()
    bystander = open_store()
    await refused(StoreBusy, bystander.take())
    await bystander.close()
    await refused(StoreBusy, open_store().take())


async def test_the_same_store_takes_charge_again_with_a_higher_fence(open_store: Open) -> None:
    store = open_store()
    assert 0 < await store.take() < await store.take()


async def test_a_store_beside_the_one_in_charge_reads_and_writes(open_store: Open) -> None:
    engine, fence = await ready(open_store)
    execution = await started(engine, fence)
    beside = open_store()
    await beside.commit(step(execution, 2, fence))
    assert await version(engine, execution) == 3
    other = await started(beside, 0)
    assert await version(engine, other) == 2


async def test_changed_tells_of_others_writes_once(open_store: Open) -> None:
    engine, fence = await ready(open_store)
    execution = await started(engine, fence)
    beside = open_store()
    engine.changed()
    assert not engine.changed()
    await beside.commit(step(execution, 2, fence))
    assert engine.changed()
    assert not engine.changed()
    await beside.send(message())
    assert engine.changed()
    assert not engine.changed()


async def test_there_is_news_when_others_have_written(open_store: Open) -> None:
    engine, fence = await ready(open_store)
    execution = await started(engine, fence)
    beside = open_store()
    engine.changed()
    await beside.commit(step(execution, 2, fence))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await engine.news()
            while not engine.changed():
                await engine.news()
    except TimeoutError:
        raise AssertionError("nobody was told") from None


async def test_changed_does_not_tell_of_own_writes(open_store: Open) -> None:
    engine, fence = await ready(open_store)
    engine.changed()
    await started(engine, fence)
    await engine.send(message())
    assert not engine.changed()


async def test_what_was_written_is_there_when_opened_anew(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.close()
    assert await version(open_store(), execution) == 2


async def test_a_closed_store_refuses_every_verb(open_store: Open) -> None:
    store = open_store()
    await store.close()
    await store.close()
    some = ExecutionId.new()
    for call in (
        store.take(),
        store.in_charge(),
        store.publish(REFUND),
        store.definition(REFUND.hash),
        store.registered("refund", "1.0.0"),
        store.commit(starting(some, 1)),
        store.load(some),
        store.history(some),
        store.claim(0, 1, frozenset()),
        store.next_due(0, frozenset()),
        store.send(message()),
        store.matches(),
        store.expire(0),
        store.logs(some),
        store.forget(some),
        store.find(Find()),
        store.news(),
    ):
        await refused(StoreError, call)
    try:
        store.changed()
    except StoreError:
        return
    raise AssertionError("changed() worked on a closed store")

"""`check` and `waits`: a store that was only written to by its verbs is sound, and says who waits."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.ports.store import LogRecord
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    Open,
    child_row,
    end,
    everything,
    listen,
    message,
    message_id,
    ready,
    started,
    step,
    waiting,
)

LOG = LogRecord("pay", 1, NOW, 20, "paid")


async def test_a_new_store_is_sound(open_store: Open) -> None:
    assert await open_store().check() == []


async def test_a_store_that_was_used_is_sound(open_store: Open) -> None:
    store, fence = await ready(open_store)
    paid, other = await waiting(store, fence), await waiting(store, fence, listen(correlation="B"))
    for payload in "123":
        await store.send(message(payload))
    await store.send(message(correlation="nobody's", dedup="k", expires_at=NOW))
    assert await store.check() == []
    taken = await message_id(store)
    await store.commit(step(paid, 3, fence, "pay", takes=taken, unlistens=[listen()], snapshot=b"at 4", logs=[LOG]))
    await store.commit(step(paid, 4, fence, children=[child_row(ExecutionId.new(), REFUND, listen("c"))]))
    await store.commit(end(paid, 5, fence))
    await store.expire(NOW)
    assert await store.check() == []
    await store.forget(other)
    assert await store.check() == []
    fence = await store.take()
    await started(store, fence)
    assert await store.check() == []


async def test_to_mend_a_sound_store_changes_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message())
    await store.commit(step(execution, 3, fence, "pay", snapshot=b"at 4", logs=[LOG]))
    before = await everything(store, execution)
    assert await store.check(mend=True) == []
    assert await everything(store, execution) == before
    assert await store.waits(execution) == [listen()]


async def test_waits_stand_in_the_order_in_which_they_began(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence, listen("b"), listen("a", correlation="B"))
    await store.commit(step(execution, 3, fence, listens=[listen("c", "sent")]))
    assert await store.waits(execution) == [listen("b"), listen("a", correlation="B"), listen("c", "sent")]
    await store.commit(step(execution, 4, fence, unlistens=[listen("a", correlation="B")]))
    assert await store.waits(execution) == [listen("b"), listen("c", "sent")]


async def test_each_has_its_own_waits(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, child = await waiting(store, fence), ExecutionId.new()
    await store.commit(step(parent, 3, fence, children=[child_row(child, REFUND, listen("", "said"))]))
    assert await store.waits(parent) == [listen()]
    assert await store.waits(child) == [listen("", "said")]
    await store.forget(child)
    assert await store.waits(child) == await store.waits(ExecutionId.new()) == []

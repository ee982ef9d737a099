"""`claim` and `next_due`: which executions want attention, and when the next one will."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.ports.store import OWNED, Store
from pectin.testing.store_contract.sample import NOW, REFUND, REPORT, Open, end, ready, started, step

BOTH = frozenset({REFUND.workflow_id, REPORT.workflow_id})


async def test_who_is_due_is_claimed_the_longest_due_first(open_store: Open) -> None:
    store, fence = await ready(open_store)
    late, later, latest = [await _waiting(store, fence, due) for due in (NOW - 1, NOW, NOW + 1)]
    earliest = await _waiting(store, fence, NOW - 2)
    assert await store.claim(NOW, fence, BOTH) == [earliest, late, later]
    assert await store.claim(NOW + 1, fence, BOTH) == [earliest, late, later, latest]


async def test_what_an_older_engine_owned_is_claimed_and_what_this_one_owns_is_not(open_store: Open) -> None:
    store, fence = await ready(open_store)
    orphan = await started(store, fence)
    assert await store.claim(NOW, fence, BOTH) == []
    newer = await store.take()
    mine = await started(store, newer)
    assert await store.claim(NOW, newer, BOTH) == [orphan]
    await store.commit(step(orphan, 2, fence, new_fence=newer))
    assert await store.claim(NOW, newer, BOTH) == []
    assert mine != orphan


async def test_claiming_writes_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _waiting(store, fence, NOW)
    before = await store.load(execution)
    assert await store.claim(NOW, fence + 1, BOTH) == await store.claim(NOW, fence + 1, BOTH) == [execution]
    assert await store.load(execution) == before


async def test_who_waits_for_a_message_or_has_ended_is_never_claimed(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await _waiting(store, fence, None)
    ended = await started(store, fence)
    await store.commit(end(ended, 2, fence))
    assert await store.claim(NOW * 2, fence + 1, BOTH) == []
    assert await store.next_due(0, BOTH) is None


async def test_only_the_workflows_asked_for_are_claimed(open_store: Open) -> None:
    store, fence = await ready(open_store)
    refund = await started(store, fence)
    report = await started(store, fence, REPORT)
    due = await started(store, fence, REPORT)
    await store.commit(step(due, 2, fence, due=NOW))
    assert await store.claim(NOW, fence + 1, frozenset({REFUND.workflow_id})) == [refund]
    assert set(await store.claim(NOW, fence + 1, frozenset({REPORT.workflow_id}))) == {report, due}
    assert await store.claim(NOW, fence + 1, frozenset()) == []
    assert await store.next_due(0, frozenset({REFUND.workflow_id})) is None
    assert await store.next_due(0, frozenset({REPORT.workflow_id})) == NOW


async def test_no_more_than_the_limit_is_claimed(open_store: Open) -> None:
    store, fence = await ready(open_store)
    owned = {await started(store, fence) for _ in range(3)}
    due = [await _waiting(store, fence, NOW - 3 + nth) for nth in range(3)]
    assert set(await store.claim(NOW, fence + 1, BOTH, limit=2)) < owned
    claimed = await store.claim(NOW, fence + 1, BOTH, limit=4)
    assert set(claimed[:3]) == owned
    assert claimed[3:] == due[:1]


async def test_the_next_due_is_the_earliest_and_forgets_what_is_owned(open_store: Open) -> None:
    store, fence = await ready(open_store)
    assert await store.next_due(0, BOTH) is None
    await started(store, fence)
    assert await store.next_due(0, BOTH) is None
    await _waiting(store, fence, NOW + 20)
    first = await _waiting(store, fence, NOW + 10)
    assert await store.next_due(0, BOTH) == NOW + 10
    assert await store.next_due(NOW + 10, BOTH) == NOW + 20
    await store.commit(step(first, 3, fence, due=OWNED))
    assert await store.next_due(0, BOTH) == NOW + 20


async def _waiting(store: Store, fence: int, due: int | None) -> ExecutionId:
    """An execution at version 3 that wants attention at `due`."""
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, due=due))
    return execution

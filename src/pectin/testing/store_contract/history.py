"""`load` and `history`: what was written comes back, byte for byte; snapshots only save reading."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.ports.store import OWNED, Row, Stored
from pectin.testing.store_contract.sample import REFUND, Open, body, ready, started, step


async def test_an_unknown_execution_is_none_and_has_no_history(open_store: Open) -> None:
    store, _ = await ready(open_store)
    assert await store.load(ExecutionId.new()) is None
    assert await store.history(ExecutionId.new()) == []


async def test_all_rows_are_loaded_in_order(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, "pay"))
    assert await store.load(execution) == Stored(
        execution=execution,
        version=3,
        fence=fence,
        due=OWNED,
        definition=REFUND.hash,
        snapshot=None,
        snapshot_version=0,
        rows=[Row(1, 2, body("created")), Row(3, 1, body("event 3"), "pay")],
    )


async def test_bytes_come_back_as_they_were(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    big = bytes(range(256)) * 4096
    await store.commit(step(execution, 2, fence, rows=[Row(3, 1, big)], snapshot=big))
    stored = await store.load(execution)
    assert stored is not None
    assert stored.snapshot == big
    assert (await store.history(execution, after=2))[0].body == big


async def test_a_snapshot_stands_for_the_rows_before_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, snapshot=b"at 3"))
    await store.commit(step(execution, 3, fence))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.version, stored.snapshot, stored.snapshot_version) == (4, b"at 3", 3)
    assert [row.seq for row in stored.rows] == [4]


async def test_the_newest_snapshot_counts_and_history_keeps_all_rows(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, snapshot=b"at 3"))
    await store.commit(step(execution, 3, fence, snapshot=b"at 4"))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.snapshot, stored.snapshot_version, stored.rows) == (b"at 4", 4, [])
    assert [row.seq for row in await store.history(execution)] == [1, 3, 4]


async def test_history_goes_on_after_any_event(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    other = await started(store, fence)
    await store.commit(step(other, 2, fence))
    await store.commit(step(execution, 2, fence, rows=[Row(3, 3, body("three"))], version=5))
    await store.commit(step(execution, 5, fence))
    seqs = [[row.seq for row in await store.history(execution, after)] for after in range(8)]
    assert seqs == [[1, 3, 6], [1, 3, 6], [3, 6], [3, 6], [3, 6], [6], [], []]


async def test_history_comes_in_pages(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    for expected in range(2, 9):
        await store.commit(step(execution, expected, fence))
    seen: list[int] = []
    after = 0
    while page := await store.history(execution, after, limit=3):
        assert len(page) <= 3
        seen += [row.seq for row in page]
        after = page[-1].seq + page[-1].count - 1
    assert seen == [1, 3, 4, 5, 6, 7, 8, 9]

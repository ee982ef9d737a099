"""`logs`: what attempts logged, in order, beside the history."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.ports.store import LogRecord, VersionConflict
from pectin.testing.store_contract.sample import NOW, Open, ready, refused, started, step, version


def record(number: int) -> LogRecord:
    return LogRecord(f"pay:{number}", number, NOW - number, 10 * number, f"line {number}\nü \0 'quoted'")


async def test_records_come_back_as_they_were_in_order_and_numbered(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, logs=[record(3), record(1)]))
    await store.commit(step(execution, 3, fence))
    await store.commit(step(execution, 4, fence, logs=[record(2), record(2)]))
    logs = await store.logs(execution)
    assert [entry for _, entry in logs] == [record(3), record(1), record(2), record(2)]
    numbers = [number for number, _ in logs]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0
    assert await version(store, execution) == 5


async def test_logs_come_in_pages(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution, other = await started(store, fence), await started(store, fence)
    for expected in range(2, 6):
        await store.commit(step(execution, expected, fence, logs=[record(expected), record(expected + 10)]))
        await store.commit(step(other, expected, fence, logs=[record(99)]))
    everything = await store.logs(execution)
    seen: list[tuple[int, LogRecord]] = []
    after = 0
    while page := await store.logs(execution, after, limit=3):
        assert len(page) <= 3
        assert page[0][0] > after
        seen += page
        after = page[-1][0]
    assert seen == everything
    assert len(seen) == 8
    assert [entry for _, entry in await store.logs(other)] == [record(99)] * 4


async def test_an_execution_that_is_not_there_logged_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await store.commit(step(await started(store, fence), 2, fence, logs=[record(1)]))
    assert await store.logs(ExecutionId.new()) == []


async def test_a_refused_commit_logs_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await refused(VersionConflict, store.commit(step(execution, 3, fence, logs=[record(1)])))
    assert await store.logs(execution) == []


async def test_logs_are_there_when_opened_anew(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, logs=[record(1)]))
    await store.close()
    assert [entry for _, entry in await open_store().logs(execution)] == [record(1)]

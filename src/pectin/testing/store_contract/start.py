"""The first `commit` of an execution, start keys and restarts."""

from __future__ import annotations

import asyncio

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import (
    OWNED,
    Find,
    PublishedDefinition,
    StartKeyTaken,
    Store,
    StoreError,
    Summary,
    VersionConflict,
)
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    REPORT,
    Open,
    end,
    ready,
    refused,
    started,
    starting,
    step,
)


async def test_an_execution_starts_with_everything_it_says(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence, key="A-1042", input_hash="f" * 64)
    assert await store.find(Find()) == [
        Summary(
            execution=execution,
            workflow_id="refund",
            workflow_version="1.0.0",
            definition=REFUND.hash,
            status=WorkflowStatus.RUNNING,
            version=2,
            fence=fence,
            created_at=NOW,
            updated_at=NOW,
            due=OWNED,
            key="A-1042",
            input_hash="f" * 64,
        )
    ]


async def test_an_execution_starts_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence, key="A-1042")
    await refused(VersionConflict, store.commit(starting(execution, fence, key="A-1042")))
    await refused(VersionConflict, store.commit(starting(execution, fence)))
    assert len(await store.history(execution)) == 1


async def test_only_a_published_definition_is_started(open_store: Open) -> None:
    store, fence = await ready(open_store)
    for other in (
        PublishedDefinition("0" * 64, "refund", "1.0.0", b""),
        PublishedDefinition(REFUND.hash, "report", "1.0.0", b""),
        PublishedDefinition(REFUND.hash, "refund", "2.0.0", b""),
    ):
        await refused(StoreError, started(store, fence, other))
    assert await store.find(Find()) == []


async def test_a_start_key_is_unique_within_its_workflow(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await started(store, fence, key="A-1042")
    await refused(StartKeyTaken, started(store, fence, key="A-1042"))
    await started(store, fence, key="A-1043")
    await started(store, fence, REPORT, key="A-1042")
    await started(store, fence)
    await started(store, fence)
    assert len(await store.find(Find())) == 5


async def test_a_start_key_stays_taken_after_the_end(open_store: Open) -> None:
    store, fence = await ready(open_store)
    old = await started(store, fence, key="A-1042")
    await store.commit(end(old, 2, fence))
    await refused(StartKeyTaken, started(store, fence, key="A-1042"))


async def test_of_two_starts_with_one_key_at_once_one_wins(open_store: Open) -> None:
    store, fence = await ready(open_store)
    outcomes = await asyncio.gather(*(started(store, fence, key="A-1042") for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ExecutionId] + [StartKeyTaken] * 4


async def test_a_restart_takes_the_key_from_an_ended_execution(open_store: Open) -> None:
    store, fence = await ready(open_store)
    old = await started(store, fence, key="A-1042")
    await store.commit(end(old, 2, fence))
    new = await started(store, fence, key="A-1042", replaces=old)
    assert [summary.execution for summary in await store.find(Find(key="A-1042"))] == [new]
    assert await _key(store, old) is None
    # It has given the key up already: this one would take it from `new`.
    await refused(StartKeyTaken, started(store, fence, key="A-1042", replaces=old))


async def test_a_restart_takes_no_key_from_an_execution_that_goes_on(open_store: Open) -> None:
    store, fence = await ready(open_store)
    old = await started(store, fence, key="A-1042")
    await store.commit(step(old, 2, fence, status=WorkflowStatus.PAUSED))
    await refused(StartKeyTaken, started(store, fence, key="A-1042", replaces=old))
    assert await _key(store, old) == "A-1042"


async def test_a_refused_restart_leaves_the_key(open_store: Open) -> None:
    store, fence = await ready(open_store)
    old = await started(store, fence, key="A-1042")
    await store.commit(end(old, 2, fence))
    again = starting(old, fence, key="A-1042", replaces=old)
    await refused(VersionConflict, store.commit(again))
    unpublished = PublishedDefinition("0" * 64, "refund", "1.0.0", b"")
    await refused(StoreError, started(store, fence, unpublished, key="A-1042", replaces=old))
    assert await _key(store, old) == "A-1042"


async def _key(store: Store, execution: ExecutionId) -> str | None:
    (summary,) = await store.find(Find(id_suffix=execution.uuid.hex))
    return summary.key

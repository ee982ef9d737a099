"""`Commit.children`: an execution that begins in its parent's commit, or not at all."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import (
    Find,
    PublishedDefinition,
    Row,
    StartKeyTaken,
    Stored,
    StoreError,
    Summary,
    VersionConflict,
)
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    REPORT,
    Open,
    body,
    child_row,
    everything,
    listen,
    matched,
    message,
    ready,
    refused,
    started,
    starting,
    step,
)

BOTH = frozenset({REFUND.workflow_id, REPORT.workflow_id})


async def test_a_child_is_there_with_everything_that_is_said_of_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, child = await started(store, fence), ExecutionId.new()
    await store.commit(step(parent, 2, fence, children=[child_row(child, REPORT, created_at=NOW + 7)]))
    found = await store.find(Find(id_suffix=child.uuid.hex))
    assert found == [
        Summary(
            execution=child,
            workflow_id="report",
            workflow_version="1.0.0",
            definition=REPORT.hash,
            status=WorkflowStatus.PENDING,
            version=1,
            fence=0,
            created_at=NOW + 7,
            updated_at=NOW + 7,
            due=NOW,
            key=None,
            input_hash=None,
        )
    ]
    row = Row(1, 1, body("created"))
    assert await store.history(child) == [row]
    assert await store.load(child) == Stored(child, 1, 0, NOW, REPORT.hash, None, 0, [row])


async def test_whoever_claims_a_child_writes_the_first_fence(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, child = await started(store, fence), ExecutionId.new()
    await store.commit(step(parent, 2, fence, children=[child_row(child)]))
    assert await store.claim(NOW - 1, fence, BOTH) == []
    assert await store.next_due(0, BOTH) == NOW
    assert await store.claim(NOW, fence, BOTH) == [child]
    await store.commit(step(child, 1, 0, new_fence=fence))
    assert await store.claim(NOW, fence, BOTH) == []
    assert [row.seq for row in await store.history(child)] == [1, 2]


async def test_a_child_listens_from_its_first_moment(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, child = await started(store, fence), ExecutionId.new()
    await store.send(message())
    await store.commit(step(parent, 2, fence, children=[child_row(child, REFUND, listen(""))]))
    assert await matched(store) == [("1", child, "")]


async def test_a_new_execution_may_have_children_and_children_their_own(open_store: Open) -> None:
    store, fence = await ready(open_store)
    top, *children = [ExecutionId.new() for _ in range(4)]
    await store.commit(replace(starting(top, fence), children=[child_row(each) for each in children[:2]]))
    await store.commit(step(children[0], 1, 0, new_fence=fence, children=[child_row(children[2])]))
    assert {summary.execution: summary.version for summary in await store.find(Find())} == {
        top: 2,
        children[0]: 2,
        children[1]: 1,
        children[2]: 1,
    }


async def test_a_child_that_exists_is_refused_with_its_parents_commit(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, other, new = await started(store, fence), await started(store, fence), ExecutionId.new()
    before = await everything(store, parent)
    for taken in ([other], [parent], [new, new]):
        children = [child_row(child) for child in [ExecutionId.new(), *taken]]
        await refused(VersionConflict, store.commit(step(parent, 2, fence, children=children)))
        assert await everything(store, parent) == before
    itself = replace(starting(new, fence), children=[child_row(new)])
    await refused(VersionConflict, store.commit(itself))
    assert await everything(store, parent) == before


async def test_a_child_of_no_published_definition_is_refused(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent = await started(store, fence)
    before = await everything(store, parent)
    unknown = PublishedDefinition("0" * 64, "refund", "1.0.0", b"")
    children = [child_row(ExecutionId.new()), child_row(ExecutionId.new(), unknown)]
    await refused(StoreError, store.commit(step(parent, 2, fence, children=children)))
    assert await everything(store, parent) == before


async def test_a_start_key_holds_for_children_too(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent = await started(store, fence, key="A-1042")
    before = await everything(store, parent)
    for keys in (["A-1042"], ["A-1043", "A-1043"]):
        children = [child_row(ExecutionId.new(), key=key) for key in keys]
        await refused(StartKeyTaken, store.commit(step(parent, 2, fence, children=children)))
        assert await everything(store, parent) == before
    child = ExecutionId.new()
    await store.commit(step(parent, 2, fence, children=[child_row(child, key="A-1043")]))
    assert [summary.execution for summary in await store.find(Find(key="A-1043"))] == [child]
    await refused(StartKeyTaken, started(store, fence, key="A-1043"))


async def test_a_refused_commit_begins_no_child(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent = await started(store, fence)
    await store.send(message())
    before = await everything(store, parent)
    stale = step(parent, 1, fence, children=[child_row(ExecutionId.new(), REFUND, listen(""))])
    await refused(VersionConflict, store.commit(stale))
    assert await everything(store, parent) == before

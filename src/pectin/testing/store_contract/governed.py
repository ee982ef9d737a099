"""Links, seals and `evidence`: what a governed execution is marked with comes back as it was written, and keeps it."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.seal import Link, Retained, Seal
from pectin.ports.store import Commit, Row, Store, VersionConflict
from pectin.testing.store_contract.sample import (
    NOW,
    Open,
    body,
    child_row,
    everything,
    ready,
    refused,
    started,
    starting,
    step,
)


def seal(version: int, keep_until: int | None = None) -> Seal:
    """A seal of a head; stores don't read it."""
    return Seal(version, b"l%d" % version, "key", b"m%d" % version, version, b"s", b"d", keep_until)


def linked(row: Row) -> Row:
    """A row with a link; stores don't read it."""
    return replace(row, link=Link("key", b"link %d" % row.seq))


def sealed(commit: Commit, keep_until: int | None = None) -> Commit:
    """A commit of a governed execution."""
    rows = [linked(row) for row in commit.rows]
    return replace(commit, rows=rows, seal=seal(commit.version, keep_until))


async def governed(store: Store, fence: int, keep_until: int | None = None) -> ExecutionId:
    """A governed execution, at version 3."""
    execution = ExecutionId.new()
    await store.commit(sealed(starting(execution, fence)))
    await store.commit(sealed(step(execution, 2, fence, "pay"), keep_until))
    return execution


ROWS = [linked(Row(1, 2, body("created"))), linked(Row(3, 1, body("event 3"), "pay"))]


async def test_links_and_the_last_seal_come_back(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence, keep_until=NOW)
    for each in (store, open_store()):
        stored = await each.load(execution)
        assert stored is not None
        assert (stored.rows, stored.seal) == (ROWS, seal(3, NOW))
        assert await each.history(execution) == ROWS
        assert await each.history(execution, after=2) == ROWS[1:]


async def test_after_a_snapshot_the_links_of_the_rest_come_back(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence)
    await store.commit(sealed(step(execution, 3, fence, snapshot=b"at 4")))
    await store.commit(sealed(step(execution, 4, fence)))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.snapshot, stored.rows) == (b"at 4", [linked(Row(5, 1, body("event 5")))])
    assert stored.seal == seal(5)


async def test_a_commit_without_a_seal_leaves_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence)
    moved = step(execution, 3, fence, due=NOW)
    await store.commit(replace(moved, version=3, rows=[]))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.seal, stored.due) == (seal(3), NOW)


async def test_what_is_not_governed_has_neither(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await governed(store, fence)
    execution = await started(store, fence)
    for stored in (await store.load(execution), await store.evidence(execution)):
        assert stored is not None
        assert (stored.seal, [row.link for row in stored.rows]) == (None, [None])


async def test_a_child_is_sealed_in_its_parents_commit(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent, child = await governed(store, fence), ExecutionId.new()
    row = child_row(child)
    born = replace(row, row=linked(row.row), seal=seal(1))
    await store.commit(sealed(step(parent, 3, fence, children=[born])))
    stored = await store.load(child)
    assert stored is not None
    assert (stored.rows, stored.seal) == ([linked(row.row)], seal(1))


async def test_a_refused_commit_leaves_no_mark(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence)
    before = await everything(store, execution)
    await refused(VersionConflict, store.commit(sealed(step(execution, 2, fence), keep_until=NOW)))
    assert await everything(store, execution) == before


async def test_evidence_is_what_lies_there_page_by_page(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence)
    await store.commit(sealed(step(execution, 3, fence, snapshot=b"at 4")))
    rows = [*ROWS, linked(Row(4, 1, body("event 4")))]
    whole = await store.evidence(execution)
    assert whole is not None
    assert (whole.rows, whole.snapshot, whole.snapshot_version) == (rows, b"at 4", 4)
    assert (whole.version, whole.seal) == (4, seal(4))
    for after, limit, page in ((0, 1, rows[:1]), (1, 1, rows[1:2]), (3, 9, rows[2:]), (4, 9, [])):
        read = await store.evidence(execution, after, limit)
        assert read is not None
        assert read.rows == page
    assert await store.evidence(ExecutionId.new()) is None


async def test_what_is_kept_for_ever_is_not_forgotten(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence)
    before = await everything(store, execution)
    await refused(Retained, store.forget(execution))
    await refused(Retained, store.forget(execution, NOW * 1000))
    assert await everything(store, execution) == before


async def test_what_is_kept_until_a_time_is_forgotten_from_then_on(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await governed(store, fence, keep_until=NOW)
    await refused(Retained, store.forget(execution))
    await refused(Retained, store.forget(execution, NOW - 1))
    await store.forget(execution, NOW)
    assert await store.load(execution) is None
    assert await store.evidence(execution) is None
    await store.commit(starting(execution, fence))
    stored = await store.load(execution)
    assert stored is not None
    assert (stored.seal, [row.link for row in stored.rows]) == (None, [None])

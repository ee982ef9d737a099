"""`publish`, `definition` and `registered`: an execution finishes on the definition it started with."""

from __future__ import annotations

from pectin.ports.store import DefinitionTaken, PublishedDefinition
from pectin.testing.store_contract.sample import REFUND, REPORT, Open, refused

CHANGED = PublishedDefinition("c" * 64, "refund", "1.0.0", b"{}")
DRAFT = PublishedDefinition("d" * 64, "refund", "0.0.0-dev", b"1")
NEXT_DRAFT = PublishedDefinition("e" * 64, "refund", "0.0.0-dev", b"2")


async def test_a_published_definition_is_found_both_ways(open_store: Open) -> None:
    store = open_store()
    await store.publish(REFUND)
    await store.publish(REPORT)
    assert await store.definition(REFUND.hash) == REFUND
    assert await store.registered("refund", "1.0.0") == REFUND
    assert await store.registered("report", "1.0.0") == REPORT


async def test_an_unknown_definition_is_none(open_store: Open) -> None:
    store = open_store()
    await store.publish(REFUND)
    assert await store.definition(REPORT.hash) is None
    assert await store.registered("refund", "1.0.1") is None


async def test_publishing_again_changes_nothing(open_store: Open) -> None:
    store = open_store()
    await store.publish(REFUND)
    # Name and description don't count in the hash, so the body may differ.
    await store.publish(PublishedDefinition(REFUND.hash, "refund", "1.0.0", b'{"name":"Refunds"}'))
    assert await store.definition(REFUND.hash) == REFUND


async def test_another_graph_under_the_same_version_is_refused(open_store: Open) -> None:
    store = open_store()
    await store.publish(REFUND)
    await refused(DefinitionTaken, store.publish(CHANGED))
    assert await store.registered("refund", "1.0.0") == REFUND
    assert await store.definition(CHANGED.hash) is None


async def test_a_draft_names_the_last_one_published_and_keeps_the_others(open_store: Open) -> None:
    store = open_store()
    for draft in (DRAFT, NEXT_DRAFT, DRAFT):
        await store.publish(draft)
        assert await store.registered("refund", "0.0.0-dev") == draft
    assert await store.definition(DRAFT.hash) == DRAFT
    assert await store.definition(NEXT_DRAFT.hash) == NEXT_DRAFT


async def test_a_version_that_ends_in_dev_is_a_draft(open_store: Open) -> None:
    store = open_store()
    for hash in ("c" * 64, "d" * 64):
        await store.publish(PublishedDefinition(hash, "refund", "1.1.0-dev", b"{}"))
    named = await store.registered("refund", "1.1.0-dev")
    assert named is not None
    assert named.hash == "d" * 64

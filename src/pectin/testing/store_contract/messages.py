"""`send`, `expire`, and what a commit takes and sends: accepted once, kept until taken, taken once."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import DedupTaken, MessageTaken, Row, VersionConflict
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    Open,
    body,
    child_row,
    everything,
    listen,
    matched,
    message,
    message_id,
    ready,
    refused,
    started,
    starting,
    step,
    version,
    waiting,
)


async def test_a_message_is_taken_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    first, second = await waiting(store, fence), await waiting(store, fence)
    await store.send(message())
    await store.send(message("2", "sent"))
    id = await message_id(store)
    await store.commit(step(first, 3, fence, takes=id, unlistens=[listen()]))
    assert await store.matches() == []
    before = await everything(store, second)
    again = step(
        second,
        3,
        fence,
        takes=id,
        unlistens=[listen()],
        listens=[listen("w", "sent")],
        sends=[message("3", "sent")],
        children=[child_row(ExecutionId.new())],
    )
    await refused(MessageTaken, store.commit(again))
    assert await everything(store, second) == before
    await store.send(message("4"))
    assert await matched(store) == [("4", second, "wait:1")]


async def test_of_two_that_take_a_message_at_once_one_has_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    executions = [await waiting(store, fence) for _ in range(2)]
    await store.send(message())
    id = await message_id(store)
    commits = [store.commit(step(each, 3, fence, takes=id, unlistens=[listen()])) for each in executions]
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), MessageTaken]
    assert [await version(store, each) for each in executions] == [4, 3]


async def test_no_message_has_the_id_of_one_that_is_gone(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message(expires_at=NOW))
    id = await message_id(store)
    await store.expire(NOW)
    await store.close()
    store = open_store()
    await store.send(message("2"))
    assert await message_id(store) > id
    await refused(MessageTaken, store.commit(step(execution, 3, fence, takes=id)))


async def test_a_commit_sends(open_store: Open) -> None:
    store, fence = await ready(open_store)
    parent = await waiting(store, fence)
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, sends=[message("1"), message("2")]))
    assert await matched(store) == [("1", parent, "wait:1")]
    await store.commit(step(parent, 3, fence, takes=await message_id(store)))
    assert await matched(store) == [("2", parent, "wait:1")]


async def test_a_refused_commit_takes_and_sends_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message())
    before = await everything(store, execution)
    stale = step(execution, 2, fence, takes=await message_id(store), sends=[message("2"), message(dedup="k")])
    await refused(VersionConflict, store.commit(stale))
    assert await everything(store, execution) == before
    assert await store.send(message(dedup="k"))


async def test_what_is_not_kept_goes_to_those_who_wait_now(open_store: Open) -> None:
    store, fence = await ready(open_store)
    assert await store.send(message(keep=False))
    execution = await waiting(store, fence)
    assert await store.matches() == []
    await store.send(message("2", keep=False))
    await store.send(message("3"))
    assert await matched(store) == [("2", execution, "wait:1")]
    other = await waiting(store, fence)
    await store.commit(step(execution, 3, fence, unlistens=[listen()]))
    assert await matched(store) == [("2", other, "wait:1")]
    await store.commit(step(other, 3, fence, unlistens=[listen()]))
    await waiting(store, fence)
    assert [payload for payload, _, _ in await matched(store)] == ["3"]


async def test_now_is_after_the_waits_of_the_commit_itself(open_store: Open) -> None:
    store, fence = await ready(open_store)
    opening, child = ExecutionId.new(), ExecutionId.new()
    sends = [message(payload, correlation=payload, keep=False) for payload in ("own", "child's", "nobody's")]
    begotten = child_row(child, REFUND, listen(correlation="child's"))
    commit = starting(opening, fence)
    commit = replace(commit, listens=[listen(correlation="own")], children=[begotten], sends=sends)
    await store.commit(commit)
    assert [payload for payload, _, _ in await matched(store)] == ["own", "child's"]
    closing = await waiting(store, fence, listen(correlation="closed"))
    over = message("over", correlation="closed", keep=False)
    await store.commit(step(closing, 3, fence, unlistens=[listen(correlation="closed")], sends=[over]))
    await waiting(store, fence, listen(correlation="closed"), listen("w", correlation="nobody's"))
    assert [payload for payload, _, _ in await matched(store)] == ["own", "child's"]


async def test_the_same_message_is_accepted_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    assert await store.send(message(dedup="k"))
    assert not await store.send(message(dedup="k", sent_at=NOW + 5))
    execution = await waiting(store, fence, listen("a"), listen("b"))
    assert await matched(store) == [("1", execution, "a")]
    await store.commit(step(execution, 3, fence, takes=await message_id(store), unlistens=[listen("a")]))
    assert not await store.send(message(dedup="k"))
    assert await store.matches() == []


async def test_without_a_dedup_key_every_message_is_another(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await waiting(store, fence, listen("a"), listen("b"), listen("c"), listen("d"))
    for dedup in (None, None, "k", "l"):
        assert await store.send(message(dedup=dedup))
    assert len(await store.matches()) == 4


async def test_another_message_under_a_dedup_key_is_refused(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await store.send(message("1", correlation="A", dedup="k"))
    await refused(DedupTaken, store.send(message("2", correlation="A", dedup="k")))
    await refused(DedupTaken, store.send(message("1", correlation="B", dedup="k")))
    await refused(DedupTaken, store.send(message("", correlation="A1", dedup="k")))
    assert await store.send(message("2", name="sent", correlation="A", dedup="k"))
    await waiting(store, fence, listen(correlation="A"), listen("b", correlation="B"), listen("c", correlation="A1"))
    assert [payload for payload, _, _ in await matched(store)] == ["1"]


async def test_a_commit_sends_the_same_message_once_too(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence, listen("a"), listen("b"), listen("c"))
    await store.send(message(dedup="k"))
    await store.commit(step(execution, 3, fence, sends=[message(dedup="k"), message(dedup="l"), message(dedup="l")]))
    assert len(await store.matches()) == 2
    before = await everything(store, execution)
    for sends in ([message("2", dedup="k")], [message("1", dedup="m"), message("2", dedup="m")]):
        await refused(DedupTaken, store.commit(step(execution, 4, fence, sends=sends)))
        assert await everything(store, execution) == before
    assert await store.send(message("3", dedup="m"))


async def test_a_message_that_is_not_kept_is_known_again_too(open_store: Open) -> None:
    store, fence = await ready(open_store)
    assert await store.send(message(dedup="k", keep=False))
    await waiting(store, fence)
    assert not await store.send(message(dedup="k", keep=False))
    assert await store.matches() == []


async def test_a_dedup_key_lasts_until_its_message_would(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await waiting(store, fence, listen("a"), listen("b"), listen("c"))
    assert await store.send(message(dedup="k", expires_at=NOW + 10))
    assert not await store.send(message(dedup="k", sent_at=NOW + 9, expires_at=NOW + 19))
    assert await store.send(message("2", dedup="k", sent_at=NOW + 10, expires_at=NOW + 20))
    assert not await store.send(message("2", dedup="k", sent_at=NOW + 19))
    await store.expire(NOW + 19)
    assert not await store.send(message("2", dedup="k", sent_at=NOW))
    await store.expire(NOW + 20)
    assert await store.send(message("2", dedup="k", sent_at=NOW))
    await store.expire(NOW * 2)
    assert not await store.send(message("2", dedup="k", sent_at=NOW * 2))


async def test_a_message_whose_time_is_up_can_not_be_taken_and_the_next_one_has_its_place(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message("1", expires_at=NOW))
    await store.send(message("2"))
    first = await message_id(store)
    await store.expire(NOW)
    assert await matched(store) == [("2", execution, "wait:1")]
    await refused(MessageTaken, store.commit(step(execution, 3, fence, takes=first)))


async def test_messages_whose_time_is_up_are_gone(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence, listen("a"), listen("b"))
    for payload, expires_at in (("1", NOW + 1), ("2", NOW + 2), ("3", None), ("4", NOW + 3)):
        await store.send(message(payload, expires_at=expires_at))
    await store.send(message(correlation="nobody's", expires_at=NOW + 2))
    assert await store.expire(NOW) == 0
    assert await store.expire(NOW + 2) == 3
    assert await matched(store) == [("3", execution, "a"), ("4", execution, "b")]
    assert await store.expire(NOW + 2) == 0
    assert await store.expire(NOW * 2) == 1
    assert await matched(store) == [("3", execution, "a")]


async def test_however_many_are_over_all_of_them_go(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await waiting(store, fence)
    # Sent before their time is up, so that only a deleted key lets one in again.
    over = [message(dedup=str(number)) for number in range(1_200)]
    over += [message(correlation="B", dedup=f"B{number}", keep=False) for number in range(1_200)]
    over = [replace(each, sent_at=NOW - 1, expires_at=NOW) for each in over]
    await asyncio.gather(*(store.send(each) for each in over))
    await store.send(message("last", dedup="last"))
    assert await store.expire(NOW) == 1_200
    assert [payload for payload, _, _ in await matched(store)] == ["last"]
    assert all(await asyncio.gather(*(store.send(each) for each in over)))


async def test_payloads_come_back_byte_for_byte(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    big = bytes(range(256)) * 4096
    await store.commit(
        step(execution, 3, fence, rows=[Row(4, 1, body("sent"))], sends=[replace(message(), payload=big)])
    )
    assert (await store.matches())[0].message.payload == big

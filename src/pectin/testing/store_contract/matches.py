"""`matches`, and the waits that a commit opens and closes: the oldest message goes to whoever has waited longest."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.ports.store import Match, StoreError, VersionConflict
from pectin.testing.store_contract.sample import (
    NOW,
    REFUND,
    REPORT,
    Open,
    everything,
    listen,
    matched,
    message,
    ready,
    refused,
    started,
    step,
    waiting,
)


async def test_a_message_finds_who_waits_for_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    sent = message('{"amount": "ü"}', expires_at=NOW + 1)
    assert await store.send(sent)
    (match,) = await store.matches()
    assert match == Match(match.id, sent, execution, "wait:1")


async def test_a_wait_finds_what_came_before_it(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await store.send(message())
    assert await store.matches() == []
    execution = await waiting(store, fence)
    assert await matched(store) == [("1", execution, "wait:1")]


async def test_waits_and_messages_are_there_when_opened_anew(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message())
    await store.close()
    assert await matched(open_store()) == [("1", execution, "wait:1")]


async def test_name_and_correlation_must_both_be_the_same(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await waiting(store, fence, listen("a", "ab", "c"), listen("b", "paid", "A\0x"), listen("c", "%", "*"))
    others = [("a", "bc"), ("c", "ab"), ("abc", ""), ("AB", "C"), ("ab", "c "), ("paid", "A"), ("paid", "A\0y")]
    for name, correlation in [*others, ("x", "*"), ("%", "x")]:
        await store.send(message(name=name, correlation=correlation))
    assert await store.matches() == []
    await store.send(message(name="paid", correlation="A\0x"))
    assert [match.activation for match in await store.matches()] == ["b"]


async def test_the_longest_wait_has_the_oldest_message(open_store: Open) -> None:
    store, fence = await ready(open_store)
    # By id the first one to wait is the last.
    later, first = [await started(store, fence) for _ in range(2)]
    await store.commit(step(first, 2, fence, listens=[listen()]))
    await store.commit(step(later, 2, fence, listens=[listen()]))
    for payload in ("1", "2", "3"):
        await store.send(message(payload))
    assert await matched(store) == [("1", first, "wait:1"), ("2", later, "wait:1")]
    taken = (await store.matches())[0].id
    await store.commit(step(first, 3, fence, takes=taken, unlistens=[listen()], listens=[listen("wait:2")]))
    assert await matched(store) == [("2", later, "wait:1"), ("3", first, "wait:2")]


async def test_matches_are_in_the_order_of_arrival(open_store: Open) -> None:
    store, fence = await ready(open_store)
    keys = ("b", "c", "a")
    executions = {
        key: await waiting(store, fence, listen(correlation=key), listen("w", correlation=key)) for key in keys
    }
    arrivals = ["c", "a", "a", "b", "c", "b"]
    for number, key in enumerate(arrivals):
        await store.send(message(str(number), correlation=key))
    matches = await store.matches()
    assert [match.message.payload.decode() for match in matches] == ["0", "1", "2", "3", "4", "5"]
    assert [match.execution for match in matches] == [executions[key] for key in arrivals]
    assert [match.id for match in matches] == sorted({match.id for match in matches})
    for limit in range(8):
        assert await store.matches(limit=limit) == matches[:limit]


async def test_only_waits_of_the_workflows_asked_for_match(open_store: Open) -> None:
    store, fence = await ready(open_store)
    report = await waiting(store, fence, definition=REPORT)
    refund = await waiting(store, fence, definition=REFUND)
    await waiting(store, fence, listen(correlation="other"), definition=REPORT)
    await store.send(message(correlation="other"))
    await store.send(message())
    for workflow, execution in ((REFUND, refund), (REPORT, report)):
        matches = await matched(store, frozenset({workflow.workflow_id}))
        assert matches[-1] == ("1", execution, "wait:1")
        assert len(matches) == (1 if workflow is REFUND else 2)
    assert [match.execution for match in await store.matches(frozenset({"refund"}), limit=1)] == [refund]
    assert await store.matches(frozenset()) == []


async def test_a_wait_that_is_over_gets_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    first, second = await waiting(store, fence), await waiting(store, fence)
    await store.send(message())
    await store.commit(step(first, 3, fence, unlistens=[listen()]))
    assert await matched(store) == [("1", second, "wait:1")]
    await store.commit(step(second, 3, fence, unlistens=[listen()]))
    assert await store.matches() == []
    third = await waiting(store, fence)
    assert await matched(store) == [("1", third, "wait:1")]


async def test_one_execution_waits_at_several_activations_and_for_several_names(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence, listen("a"), listen("b"), listen("b", "sent"))
    await store.send(message("1"))
    await store.send(message("2", "sent"))
    await store.send(message("3"))
    assert await matched(store) == [("1", execution, "a"), ("2", execution, "b"), ("3", execution, "b")]
    await store.commit(step(execution, 3, fence, unlistens=[listen("b")]))
    assert await matched(store) == [("1", execution, "a"), ("2", execution, "b")]


async def test_a_wait_stands_once(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message())
    before = await everything(store, execution)
    for listens in ([listen()], [listen(correlation="B")], [listen("w"), listen("w")]):
        await refused(StoreError, store.commit(step(execution, 3, fence, listens=listens)))
        assert await everything(store, execution) == before
    await waiting(store, fence)
    await store.commit(step(execution, 3, fence, unlistens=[listen()], listens=[listen(correlation="B")]))
    await store.send(message("2", correlation="B"))
    assert [(payload, found == execution) for payload, found, _ in await matched(store)] == [("1", False), ("2", True)]


async def test_to_close_what_is_not_open_does_nothing(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution, other = await waiting(store, fence), await waiting(store, fence)
    for payload in "12":
        await store.send(message(payload))
    strange = [listen("wait:2"), listen(name="sent"), listen(correlation="B")]
    await store.commit(step(execution, 3, fence, unlistens=strange))
    assert await matched(store) == [("1", execution, "wait:1"), ("2", other, "wait:1")]


async def test_a_refused_commit_opens_and_closes_no_wait(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await waiting(store, fence)
    await store.send(message())
    await store.send(message(correlation="B"))
    before = await everything(store, execution)
    stale = step(execution, 2, fence, unlistens=[listen()], listens=[listen("w", correlation="B")])
    await refused(VersionConflict, store.commit(stale))
    assert await everything(store, execution) == before


async def test_messages_that_nobody_waits_for_hide_none(open_store: Open) -> None:
    store, fence = await ready(open_store)
    for number in range(300):
        await store.send(message(correlation=str(number)))
    execution: ExecutionId = await waiting(store, fence, listen(correlation="299"))
    assert [match.execution for match in await store.matches(limit=1)] == [execution]

"""Nothing acknowledged is lost, and nothing ends otherwise than in a calm run: 50 real kills of a mixed workload.

The parent kills one process after another at random moments, and does from outside what people and other systems do;
then a last engine finishes. It then reads the store and the ledger of effects, and asks no engine.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pectin import Engine, ExecutionFailed, ExecutionId, WorkflowStatus
from pectin.core.event import (
    AnyEvent,
    AttemptInterrupted,
    ChildSpawned,
    DoubtRaised,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    MessageReceived,
    NodeCompleted,
)
from pectin.core.evolve import fold
from pectin.core.identity import idempotency_key
from pectin.core.state import Run
from pectin.ports.store import OWNED, Find, Summary
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import open_reader
from tests.crash.deal import deal
from tests.crash.ledger import ledger
from tests.crash.life import BUGS
from tests.crash.outside import Outside
from tests.crash.workload import WORKFLOWS, decision_of, input_of, order, workflow_of

KILLS = 50
PLANTED_KILLS = 16
"""Enough for one of them to cut something, on any machine."""
STARTS_A_LIFE = 6
LIFE_SECONDS_MAX = 0.35
LOOK_SECONDS = 0.02
ROOT = Path(__file__).parents[2]


@dataclass
class Ordeal:
    """What happened: how many were killed, and what was acknowledged to whom."""

    place: Path
    total: int
    outside: Outside
    kills: int = 0

    @property
    def store(self) -> str:
        return str(self.place / "pectin.db")

    def acked(self) -> dict[str, ExecutionId]:
        """The executions whose start was acknowledged, by key."""
        lines = (self.place / "acks").read_text().splitlines()
        pairs = [line.split() for line in lines if line.count(" ") == 1 and "exec_" in line]
        return {f"key {number}": ExecutionId.parse(id) for number, id in pairs}


async def test_fifty_kills_lose_nothing_and_change_no_outcome(tmp_path: Path) -> None:
    ordeal = await go_through(tmp_path, KILLS)
    assert not await stranded(SqliteStore(ordeal.store))
    await finish(ordeal)
    assert ordeal.kills == KILLS, "every kill hit a running process"
    histories = await read(ordeal)
    assert_all_there(ordeal, histories)
    await assert_ends_as_in_a_calm_run(ordeal, histories)
    assert_effects_have_one_key(ordeal, histories)
    assert_once_is_once(ordeal, histories)
    assert_books_are_exact(ordeal, histories)
    assert_children_have_parents(histories)
    found = Counter(type(event) for _, events in histories.values() for event in events)
    assert found[AttemptInterrupted] + found[DoubtRaised] > KILLS / 2, "kills fell into running attempts"
    for kind in (DoubtRaised, DoubtResolved, ExecutionHeld, MessageReceived, ChildSpawned):
        assert found[kind], f"no {kind.__name__} was ever reached"


async def test_an_engine_that_acknowledges_too_early_is_found(tmp_path: Path) -> None:
    ordeal = await go_through(tmp_path, PLANTED_KILLS, "acks_too_early")
    await finish(ordeal, restart=False)
    histories = await read(ordeal)
    with pytest.raises(AssertionError, match="was acknowledged"):
        assert_all_there(ordeal, histories)


async def test_an_engine_that_forgets_the_dead_is_found(tmp_path: Path) -> None:
    ordeal = await go_through(tmp_path, PLANTED_KILLS, "forgets_the_dead")
    assert await stranded(BUGS["forgets_the_dead"](ordeal.store))
    assert not await stranded(SqliteStore(ordeal.store))


# -- the ordeal --------------------------------------------------------------------------------------------


async def go_through(place: Path, kills: int, bug: str = "") -> Ordeal:
    """Kill one engine after another, each of which starts some executions, and act from outside meanwhile."""
    ledger.place = place
    store = SqliteStore(str(place / "pectin.db"))
    moment = random.Random(50)
    ordeal = Ordeal(place, kills * STARTS_A_LIFE, Outside(Visitor(store), moment))
    for life in range(kills):
        numbers = (str(life * STARTS_A_LIFE), str((life + 1) * STARTS_A_LIFE))
        await live_and_die(ordeal, moment.uniform(0, LIFE_SECONDS_MAX), *numbers, bug)
    await store.close()
    return ordeal


async def live_and_die(ordeal: Ordeal, seconds: float, *arguments: str) -> None:
    """One life of so many seconds."""
    command = (sys.executable, "-m", "tests.crash.life", str(ordeal.place), *arguments)
    environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"alive\n"
    death = asyncio.get_running_loop().time() + seconds
    while (left := death - asyncio.get_running_loop().time()) > 0:
        await asyncio.wait([asyncio.ensure_future(child.wait())], timeout=min(left, LOOK_SECONDS))
        await ordeal.outside.visit()
    child.kill()
    ordeal.kills += await child.wait() == -9


async def stranded(store: SqliteStore) -> list[Summary]:
    """What is at work by the store's word, although an engine that has it open finds nothing to do."""
    running = Find(statuses=frozenset({WorkflowStatus.RUNNING}), limit=10_000)
    async with Engine(store, workflows=WORKFLOWS) as engine:
        await engine.idle()
        found = [summary for summary in await store.find(running) if summary.due == OWNED]
    await store.close()
    return found


async def finish(ordeal: Ordeal, *, restart: bool = True) -> None:
    """A last engine, which nobody kills. With `restart` clients ask again for what they started."""
    store = SqliteStore(ordeal.store)
    outside = Outside(Visitor(store), random.Random(1))
    async with Engine(ordeal.store, workflows=WORKFLOWS) as engine:
        if restart:
            await end_all(engine, ordeal.total, outside)
        else:
            await engine.idle()
    await store.close()


async def end_all(engine: Engine, total: int, outside: Outside) -> dict[str, tuple[WorkflowStatus, Any]]:
    """Start these executions, or find them, and see them through; their statuses and states by key."""

    async def see_through(number: int) -> tuple[str, tuple[WorkflowStatus, Any]]:
        execution = await engine.start(workflow_of(number), input_of(number), key=f"key {number}", by="client")
        try:
            await execution.result()
        except ExecutionFailed as failed:
            return f"key {number}", (failed.execution.status, plain(failed.execution.current_state))
        ended = await execution.info()
        return f"key {number}", (ended.status, plain(ended.current_state))

    seen = asyncio.gather(*map(see_through, range(total)))
    while not seen.done():
        await asyncio.wait([seen], timeout=LOOK_SECONDS)
        await outside.visit(total)
    return dict(await seen)


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the order in which branches appended."""
    return {**state, "notes": sorted(state["notes"])} if "notes" in state else state


# -- what must hold ----------------------------------------------------------------------------------------

Histories = dict[str, tuple[Summary, list[AnyEvent]]]


async def read(ordeal: Ordeal) -> Histories:
    """Every execution in the store, with its events, by key; a child by its id."""
    store = SqliteStore(ordeal.store, must_exist=True)
    visitor = Visitor(store)
    found = await visitor.list(Find(limit=10_000))
    histories: Histories = {}
    for summary in found:
        events = await visitor.events(summary.execution)
        assert [seq for seq, _ in events] == list(range(1, summary.version + 1)), "one history, without gaps"
        histories[summary.key or str(summary.execution)] = (summary, [event for _, event in events])
    assert len(found) == len(histories), "a key names one execution"
    await store.close()
    return histories


def assert_all_there(ordeal: Ordeal, histories: Histories) -> None:
    for key, execution in ordeal.acked().items():
        assert key in histories, f"{key} was acknowledged, and is lost"
        assert histories[key][0].execution == execution, f"{key} was acknowledged as another execution"
    for key, decision in ordeal.outside.decided.items():
        run = fold(Run(), histories[key][1])
        assert run.decided["review"].decision == decision, f"{key}: the decision was acknowledged, and is lost"
    for name, keys in (("parcel", ordeal.outside.sent), ("go", ordeal.outside.signalled)):
        for key in keys:
            received = [e for e in histories[key][1] if isinstance(e, MessageReceived) and e.name == name]
            assert len(received) == 1, f"{key}: `{name}` was acknowledged, and is there {len(received)} times"
    for key, (summary, events) in histories.items():
        assert summary.status.is_terminal, f"{key} has not ended but is {summary.status}"
        assert summary.due is None
        assert sum(isinstance(event, ExecutionEnded) for event in events) == 1


async def assert_ends_as_in_a_calm_run(ordeal: Ordeal, histories: Histories) -> None:
    ledger.place = ordeal.place / "calm"
    ledger.place.mkdir()
    store, other = (SqliteStore(str(ledger.place / "calm.db"), fast=True) for _ in range(2))
    async with Engine(store, workflows=WORKFLOWS) as engine:
        calm = await end_all(engine, ordeal.total, Outside(Visitor(other), random.Random(2)))
    await other.close()
    await store.close()
    ledger.place = ordeal.place
    assert histories.keys() >= calm.keys()
    for key, (summary, events) in histories.items():
        run = fold(Run(), events)
        assert not run.activations
        assert not run.stopping
        if key in calm:
            assert (summary.status, plain(run.data)) == calm[key], key


def assert_effects_have_one_key(ordeal: Ordeal, histories: Histories) -> None:
    """What a callee that knows keys would have done: once for each order that was approved, and for no other."""
    done = {(int(number), key) for key, number in map(str.split, ledger.lines("keyed"))}
    orders = [number for number in range(ordeal.total) if workflow_of(number) is order]
    assert done == {
        (number, idempotency_key(histories[f"key {number}"][0].execution, "pay"))
        for number in orders
        if decision_of(number) == "approved"
    }


def deals(histories: Histories) -> list[ExecutionId]:
    return [summary.execution for summary, _ in histories.values() if summary.workflow_id == deal.id]


def assert_once_is_once(ordeal: Ordeal, histories: Histories) -> None:
    """Each body was entered once, although some of those who ran it were killed in the middle."""
    keys = [idempotency_key(execution, node) for execution in deals(histories) for node in ("charge", "ship")]
    assert Counter(ledger.lines("once")) == Counter(keys)


def assert_books_are_exact(ordeal: Ordeal, histories: Histories) -> None:
    """There is one row for each completion, although bodies ran twice."""
    reader = open_reader(ordeal.store)
    rows = Counter(key for (key,) in reader.execute("select key from booked").fetchall())
    reader.close()
    assert rows == Counter(idempotency_key(execution, "book") for execution in deals(histories))


def assert_children_have_parents(histories: Histories) -> None:
    """Each child that was spawned is there and has ended before its parent, and there is no other."""
    spawned = {
        str(ExecutionId.parse(event.child))
        for _, events in histories.values()
        for event in events
        if isinstance(event, ChildSpawned)
    }
    children = {key for key, (_, events) in histories.items() for e in events[:1] if _has_parent(e)}
    assert spawned == children
    for _, events in histories.values():
        completed = {event.activation for event in events if isinstance(event, NodeCompleted)}
        assert all(event.activation in completed for event in events if isinstance(event, ChildSpawned))


def _has_parent(event: AnyEvent) -> bool:
    return isinstance(event, ExecutionCreated) and event.parent is not None

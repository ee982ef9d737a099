"""Nothing acknowledged is lost, and nothing ends otherwise than in a calm run: 50 real kills of a mixed workload.

The parent kills one process after another at random moments, decides approvals from outside meanwhile, and lets a last
engine finish. It then reads the store and the ledger of effects, and asks no engine.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pectin import Engine, ExecutionFailed, ExecutionId, WorkflowStatus
from pectin.core.command import Already, Decide, Done
from pectin.core.event import AnyEvent, AttemptInterrupted, ExecutionEnded
from pectin.core.evolve import fold
from pectin.core.identity import idempotency_key
from pectin.core.state import Run
from pectin.ports.store import OWNED, Find, Summary
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from tests.crash.life import BUGS
from tests.crash.workload import WORKFLOWS, decision_of, input_of, ledger, order, review, workflow_of

KILLS = 50
PLANTED_KILLS = 16
"""Enough for one of them to cut something, on any machine."""
STARTS_A_LIFE = 6
LIFE_SECONDS_MAX = 0.35
LOOK_SECONDS = 0.02
ROOT = Path(__file__).parents[2]


@dataclass
class Ordeal:
    """What happened: how many were killed, and which decisions were acknowledged, by key."""

    place: Path
    total: int
    kills: int = 0
    decided: dict[str, str] = field(default_factory=dict[str, str])

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
    cut = Counter(type(event) for _, events in histories.values() for event in events)[AttemptInterrupted]
    assert cut > KILLS / 2, "kills fell into running attempts"


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
    """Kill one engine after another, each of which starts some executions, and decide what waits meanwhile."""
    ordeal = Ordeal(place, kills * STARTS_A_LIFE)
    moment = random.Random(50)
    outside = SqliteStore(ordeal.store)
    visitor = Visitor(outside)
    for life in range(kills):
        numbers = (str(life * STARTS_A_LIFE), str((life + 1) * STARTS_A_LIFE))
        await live_and_die(ordeal, visitor, moment.uniform(0, LIFE_SECONDS_MAX), *numbers, bug)
    await outside.close()
    return ordeal


async def live_and_die(ordeal: Ordeal, visitor: Visitor, seconds: float, *arguments: str) -> None:
    """One life of so many seconds."""
    command = (sys.executable, "-m", "tests.crash.life", str(ordeal.place), *arguments)
    environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"alive\n"
    death = asyncio.get_running_loop().time() + seconds
    while (left := death - asyncio.get_running_loop().time()) > 0:
        await asyncio.wait([asyncio.ensure_future(child.wait())], timeout=min(left, LOOK_SECONDS))
        await decide_what_waits(ordeal, visitor)
    child.kill()
    ordeal.kills += await child.wait() == -9


async def decide_what_waits(ordeal: Ordeal, visitor: Visitor) -> None:
    """Decide the open approvals from outside, and remember what was acknowledged."""
    paused = Find(workflow_id=order.id, statuses=frozenset({WorkflowStatus.PAUSED}))
    for summary in await visitor.list(paused):
        assert summary.key is not None
        decision = decision_of(number_of(summary.key))
        at = visitor.clock.now()
        command = Decide(at=at, activation="review", decision=decision, by="finance")
        answer = await visitor.handle(summary.execution, command)
        assert isinstance(answer, Done | Already), answer
        ordeal.decided[summary.key] = decision


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
    ledger.path = ordeal.place / "ledger"
    async with Engine(ordeal.store, workflows=WORKFLOWS) as engine:
        if restart:
            await end_all(engine, ordeal.total)
        else:
            await engine.idle()


async def end_all(engine: Engine, total: int) -> dict[str, tuple[WorkflowStatus, Any]]:
    """Start these executions, or find them, and see them through; their statuses and states by key."""

    async def see_through(number: int) -> tuple[str, tuple[WorkflowStatus, Any]]:
        execution = await engine.start(workflow_of(number), input_of(number), key=f"key {number}", by="client")
        if workflow_of(number) is order and await execution.until(review):
            await execution.decide(review, decision_of(number), by="finance")
        try:
            await execution.result()
        except ExecutionFailed as failed:
            return f"key {number}", (failed.execution.status, failed.execution.current_state)
        ended = await execution.info()
        return f"key {number}", (ended.status, ended.current_state)

    return dict(await asyncio.gather(*map(see_through, range(total))))


# -- what must hold ----------------------------------------------------------------------------------------

Histories = dict[str, tuple[Summary, list[AnyEvent]]]


async def read(ordeal: Ordeal) -> Histories:
    """Every execution in the store, with its events, by key."""
    store = SqliteStore(ordeal.store, must_exist=True)
    visitor = Visitor(store)
    found = await visitor.list(Find(limit=10_000))
    histories: Histories = {}
    for summary in found:
        events = await visitor.events(summary.execution)
        assert [seq for seq, _ in events] == list(range(1, summary.version + 1)), "one history, without gaps"
        assert summary.key is not None
        histories[summary.key] = (summary, [event for _, event in events])
    assert len(found) == len(histories), "a key names one execution"
    await store.close()
    return histories


def assert_all_there(ordeal: Ordeal, histories: Histories) -> None:
    for key, execution in ordeal.acked().items():
        assert key in histories, f"{key} was acknowledged, and is lost"
        assert histories[key][0].execution == execution, f"{key} was acknowledged as another execution"
    for key, decision in ordeal.decided.items():
        run = fold(Run(), histories[key][1])
        assert run.decided["review"].decision == decision, f"{key}: the decision was acknowledged, and is lost"
    for key, (summary, events) in histories.items():
        assert summary.status.is_terminal, f"{key} has not ended but is {summary.status}"
        assert summary.due is None
        assert sum(isinstance(event, ExecutionEnded) for event in events) == 1


async def assert_ends_as_in_a_calm_run(ordeal: Ordeal, histories: Histories) -> None:
    assert len(histories) == ordeal.total
    ledger.path = ordeal.place / "calm"
    async with Engine("memory:", workflows=WORKFLOWS) as engine:
        calm = await end_all(engine, ordeal.total)
    for key, (summary, events) in histories.items():
        run = fold(Run(), events)
        assert (summary.status, run.data) == calm[key], key
        assert not run.activations
        assert not run.stopping


def assert_effects_have_one_key(ordeal: Ordeal, histories: Histories) -> None:
    """What a callee that knows keys would have done: once for each order that was approved, and for no other."""
    lines = [line.split() for line in (ordeal.place / "ledger").read_text().splitlines()]
    done = {(int(number), key) for key, number in lines}
    orders = [number for number in range(ordeal.total) if workflow_of(number) is order]
    assert done == {
        (number, idempotency_key(histories[f"key {number}"][0].execution, "pay"))
        for number in orders
        if decision_of(number) == "approved"
    }


def number_of(key: str) -> int:
    return int(key.removeprefix("key "))

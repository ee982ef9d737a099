"""A life is killed at its point and nowhere else, and what happens before that is written down."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from pectin import Context
from pectin.core.event import AnyEvent, AttemptBegun, ChildSpawned, encode_events
from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.function import Conclusion, Request, Result, Verdict
from pectin.ports.store import Commit, Row, StartRow
from pectin.testing.crashtest import Point, parse_point
from pectin.testing.crashtest.gate import Gate
from pectin.testing.crashtest.ledger import Entered, Killed, MemoryLedger, Returned
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.watch import ROOT

KEY = "0" * 32
CHILD = ExecutionId.parse("0" * 31 + "1")


class Kills:
    """How often a life was killed."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def born(point: str | None = None) -> tuple[Life, MemoryLedger, Kills]:
    ledger, kills = MemoryLedger(), Kills()
    life = Life(1, ledger, Gate(), None if point is None else parse_point(point), kills)
    life.note(commit(AttemptBegun(at=1, activation="pay", attempt=1, by="me")))
    return life, ledger, kills


def request(attempt: int = 1, *, asks: bool = False) -> Request:
    context = Context(key=KEY, attempt=attempt, execution_id=str(ROOT), activation="pay")
    return Request({"a": 1}, context, asks=asks)


def commit(*events: AnyEvent) -> Commit:
    return Commit(
        execution=ROOT,
        expected=0,
        version=len(events),
        fence=0,
        new_fence=1,
        rows=[Row(1, len(events), encode_events(events))],
        status=WorkflowStatus.RUNNING,
        updated_at=1,
        due=0,
        start=StartRow("w", "1", "hash", 1),
    )


async def gives(conclusion: Conclusion) -> Conclusion:
    return conclusion


async def never_further(life: Life, point: Point) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(life.pass_by(point), 0.01)


async def test_it_goes_past_every_other_point() -> None:
    life, ledger, kills = born("pay:after-body")
    for other in ("pay:before-body", "pay@2:after-body", "commit-1:after", "ship/pay:after-body"):
        await life.pass_by(parse_point(other))
    assert (kills.count, ledger.read()) == (0, [])
    await never_further(life, parse_point("pay:after-body"))
    assert kills.count == 1
    assert ledger.read() == [Killed(1, parse_point("pay:after-body"))]


async def test_a_body_is_noted_before_and_after() -> None:
    life, ledger, kills = born()
    await life.enter(request(), lambda: gives(Result({"receipt": "r"})))
    entered, returned = ledger.read()
    assert isinstance(entered, Entered)
    assert (entered.activation, entered.attempt, entered.key, entered.reconcile) == ("pay", 1, KEY, False)
    assert returned == Returned(1, ROOT.to_json(), "pay", 1, patch={"receipt": "r"})
    assert kills.count == 0


async def test_killed_before_a_body_nothing_was_entered() -> None:
    life, ledger, kills = born("pay:before-body")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(life.enter(request(), lambda: gives(Result())), 0.01)
    assert kills.count == 1
    assert [type(record) for record in ledger.read()] == [Killed]


@pytest.mark.parametrize("fails", [False, True])
async def test_killed_after_a_body_what_came_of_it_is_known(fails: bool) -> None:
    life, ledger, _ = born("pay:after-body")

    async def body() -> Conclusion:
        if fails:
            raise OSError("no")
        return Result()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(life.enter(request(), body), 0.01)
    _, returned, killed = ledger.read()
    assert isinstance(returned, Returned)
    assert returned.raised == ("OSError" if fails else None)
    assert isinstance(killed, Killed)


async def test_a_reconcile_is_told_from_a_body() -> None:
    life, ledger, kills = born("pay:after-reconcile")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(life.enter(request(asks=True), lambda: gives(Verdict(None))), 0.01)
    assert kills.count == 1
    assert [record.reconcile for record in ledger.read() if isinstance(record, Entered | Returned)] == [True, True]
    await life.enter(request(attempt=2), lambda: gives(Result()))
    assert [record.reconcile for record in ledger.read() if isinstance(record, Entered)] == [True, False]


async def test_writes_are_counted_and_one_is_armed_inside() -> None:
    life, _, kills = born("commit-2:inside")
    assert life.next_write() == 1
    life.before_commit()
    assert kills.count == 0
    assert life.next_write() == 2
    life.before_commit()
    life.before_commit()
    assert kills.count == 1


def test_a_commit_names_what_it_touches_in_its_execution() -> None:
    life, _, _ = born()
    begun = AttemptBegun(at=1, activation="pay", attempt=1, by="me")
    spawned = ChildSpawned(
        at=1, activation="ship", node="ship", child=CHILD.to_json(), workflow_id="w", workflow_version="1", input={}
    )
    assert life.note(commit(begun, spawned)) == ("pay", "ship")
    assert life.note(msgspec.structs.replace(commit(begun), execution=CHILD)) == ("ship/pay",)

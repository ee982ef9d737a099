"""A store is damaged by hand, each time in one way: the doctor says which, mends what can be mended, and nothing else
has changed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from pectin import Engine
from pectin.core.audit import MEANINGS
from pectin.core.command import Cancel, Decide
from pectin.ports.store import Find, Message
from pectin.runtime.doctor import Doctor
from pectin.store.memory import MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO
from tests.runtime.ward import DONE, Patients, admit, break_off, damage, deadlined, diagnoses, quietly

OF = "where x = (select x from executions where id = ?1)"

MENDED = {
    "due_differs": ("asking", f"update executions set due = null {OF}",
                    "the row says never; it should be 2026-01-04T00:00:00.000Z"),
    "status_differs": ("asking", f"update executions set status = 1 {OF}",
                       "the row says running, and the history paused"),
    "time_differs": ("done", f"update executions set updated_at = 7 {OF}",
                     "the row says 1970-01-01T00:00:00.007Z, and the history 2026-01-01T00:00:00.000Z"),
    "wait_missing": ("awaiting", f"delete from waits {OF}",
                     "it waits for 'parcel.arrived' with 'T-1': not in the list"),
    "wait_left_over": ("done", "insert into waits (x, activation, name, correlation)"
                       " select x, 'a', 'paid', 'B' from executions where id = ?1",
                       "'paid' with 'B': nobody waits for that"),
    "snapshot_differs": ("done", "insert into snapshots (x, version, body, checksum) select x, version, x'7b7d',"
                         " snapshot_checksum(id, version, x'7b7d') from executions where id = ?1",
                         "the snapshot at version 6 is another"),
    "orphaned": ("done", "insert into logs (x, activation, attempt, at, level, message)"
                 " select 99, 'a', 1, 1, 20, '' from executions where id = ?1",
                 "there is a log of an execution that is not there"),
}  # fmt: skip
"""By the code: who, how, and what is said."""

LEFT = {
    "damaged_row": ("done", f"update executions set version = 7 {OF}",
                    "{who} is damaged: its history ends at 6, and it is at version 7"),
    "key_differs": ("asking", f"update executions set start_key = 'B' {OF}",
                    "the row says 'B', and the history 'A-1042'"),
    "another_execution": ("done", f"update executions set created_at = 7 {OF}",
                          "the row says 1970-01-01T00:00:00.007Z, and the history 2026-01-01T00:00:00.000Z"),
    "gap": ("asking", f"delete from history {OF} and seq = 1", "the rows of its history don't follow one another"),
    "unreadable": ("done", f"update history set body = cast('[{{\"type\":\"node_teleported\"}}]' as blob) {OF}",
                   "a stored event can't be read: Invalid value 'node_teleported' - at `$[0].type`"),
    "row_differs": ("asking", f"update history set settles = 'after' {OF} and settles = 'before'",
                    "the row says that it settles `after`, and its events settle `before`"),
    "definition_missing": ("awaiting", f"update executions set d = 99 {OF}", "its definition is not in the store"),
    "definition_unreadable": ("awaiting", "update definitions set body = x'7b7d'"
                              " where d = (select d from executions where id = ?1)", "the definition {hash}"),
    "fence_ahead": ("done", f"update executions set fence = 9 {OF}", "it has the fence 9, which no engine has had"),
    "status_unknown": ("done", f"update executions set status = 9 {OF}", "its status is 9"),
}  # fmt: skip
"""What nobody can mend without a guess."""


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Patients]:
    path = tmp_path_factory.mktemp("ward") / "pectin.db"
    return path, asyncio.run(admit(path, VirtualClock()))


@pytest.fixture
def place(ward: tuple[Path, Patients], tmp_path: Path) -> Path:
    shutil.copy(ward[0], tmp_path / "pectin.db")
    return tmp_path / "pectin.db"


@pytest.fixture
def patients(ward: tuple[Path, Patients]) -> Patients:
    return ward[1]


async def test_a_store_without_damage_is_sound(place: Path) -> None:
    store = SqliteStore(str(place))
    doctor = Doctor(store, clock=VirtualClock())
    assert [found async for found in doctor.examine() if found is not None] == []
    assert (doctor.seen.executions, doctor.seen.overdue, doctor.seen.served) == (5, 0, False)
    assert doctor.seen.events == sum(summary.version for summary in await store.find(Find()))
    await store.close()


@pytest.mark.parametrize("code", [*MENDED, *LEFT])
async def test_damage_is_found_and_mended_if_it_can_be(code: str, place: Path, patients: Patients) -> None:
    who, sql, message = (MENDED | LEFT)[code]
    clock = VirtualClock()
    damage(place, sql, patients[who].bytes)
    (found,) = await diagnoses(place, clock)
    assert (found.finding.code, found.mended, found.why_not) == (code, False, None)
    told = message.format(hash=found.finding.message[15:27], who=patients[who])
    assert found.finding.message.startswith(told)
    assert found.finding.hint == MEANINGS[code][1]
    assert found.execution == (None if code == "orphaned" else patients[who])
    (again,) = await diagnoses(place, clock, mend=True)
    assert (again.finding, again.mended) == (found.finding, code in MENDED)
    assert [left.finding for left in await diagnoses(place, clock)] == ([] if code in MENDED else [found.finding])


async def test_a_file_that_is_damaged_is_told_and_the_rest_is_read(place: Path, patients: Patients) -> None:
    page = place.read_bytes().index(b"T-1") // 4096
    with place.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    found = await diagnoses(place, VirtualClock())
    assert {each.finding.code for each in found} >= {"damaged_file"}


# -- families ---------------------------------------------------------------------------------------------------


async def test_a_child_whose_end_nobody_told_is_told(place: Path, patients: Patients) -> None:
    clock = VirtualClock()
    await quietly(place, patients["child"], Decide(at=clock.now(), activation="review", decision="rejected", by="me"))
    (found,) = await diagnoses(place, clock, mend=True)
    assert (found.finding.code, found.finding.where, found.mended) == ("child_unheard", "`inside`", True)
    assert found.finding.message == f"it waits for {patients['child']}, which has ended, and nobody tells it"
    assert found.execution == patients["parent"]
    assert await diagnoses(place, clock) == []


async def test_a_child_that_nobody_wants_is_cancelled(place: Path, patients: Patients) -> None:
    clock = VirtualClock()
    await quietly(place, patients["parent"], Cancel(at=clock.now()))
    (found,) = await diagnoses(place, clock, mend=True)
    assert (found.finding.code, found.execution, found.mended) == ("child_unwanted", patients["child"], True)
    assert found.finding.message == f"its parent {patients['parent']} does not wait for it any more"
    assert await diagnoses(place, clock) == []
    store = SqliteStore(str(place))
    (child,) = [one for one in await store.find(Find()) if one.execution == patients["child"]]
    assert child.status == "cancelled"
    await store.close()


async def test_a_child_that_is_wanted_is_kept_though_the_list_of_waits_is_wrong(
    place: Path, patients: Patients
) -> None:
    clock = VirtualClock()
    damage(place, "delete from waits")
    mended = await diagnoses(place, clock, mend=True)
    assert {(each.finding.code, each.mended) for each in mended} == {("wait_missing", True)}
    assert await diagnoses(place, clock) == []
    store = SqliteStore(str(place))
    (child,) = [one for one in await store.find(Find()) if one.execution == patients["child"]]
    assert not child.status.is_terminal
    await store.close()


async def test_a_child_is_not_given_up_for_a_parent_that_can_not_be_read(place: Path, patients: Patients) -> None:
    damage(place, "delete from waits")
    damage(place, f"update history set body = x'00' {OF}", patients["parent"].bytes, signed=False)
    found = [each for each in await diagnoses(place, VirtualClock(), mend=True) if each.execution == patients["child"]]
    assert [each.finding.code for each in found] == ["wait_missing"]


@pytest.mark.parametrize("version", [0, 3])
async def test_a_row_that_is_behind_its_history_is_not_mended_after_it(
    version: int, place: Path, patients: Patients
) -> None:
    damage(place, f"update executions set version = {version} {OF}", patients["asking"].bytes)
    (found,) = await diagnoses(place, VirtualClock(), mend=True)
    message = f"the row says {version}, and the history goes on with event {version + 1}"
    assert (found.finding.code, found.finding.message, found.mended) == ("version_differs", message, False)


async def test_an_execution_without_a_history_is_found(place: Path, patients: Patients) -> None:
    damage(place, f"delete from history {OF}", patients["asking"].bytes)
    damage(place, f"update executions set version = 0 {OF}", patients["asking"].bytes)
    (found,) = await diagnoses(place, VirtualClock(), mend=True)
    assert (found.finding.code, found.execution, found.mended) == ("beginning", patients["asking"], False)


async def test_a_store_without_its_term_is_not_sound(place: Path, patients: Patients) -> None:
    damage(place, "delete from engine")
    assert {each.finding.code for each in await diagnoses(place, VirtualClock())} == {"fence_ahead"}


async def test_a_message_may_be_called_as_an_execution_is(place: Path, patients: Patients) -> None:
    what = "insert into inbox (name, correlation, payload, sent_at, keep, awaited) values (?, '', x'30', 0, 1, 1)"
    damage(place, what, "exec_done")
    (found,) = await diagnoses(place, VirtualClock(), mend=True)
    assert (found.finding.code, found.execution, found.mended) == ("mark_wrong", None, True)


async def test_who_stops_it_is_heeded_between_two_executions(place: Path, patients: Patients) -> None:
    store, seen = SqliteStore(str(place)), list[int]()
    examining = Doctor(store, clock=VirtualClock())

    async def examine() -> None:
        async for _ in examining.examine():
            seen.append(examining.seen.executions)
            if examining.seen.executions:
                asyncio.current_task().cancel()  # pyright: ignore[reportOptionalMemberAccess]

    with pytest.raises(asyncio.CancelledError):
        await asyncio.ensure_future(examine())
    assert seen == [0, 1]
    await store.close()


@pytest.mark.parametrize(
    ("lost", "who", "code"), [("parent", "child", "parent_missing"), ("child", "parent", "child_missing")]
)
async def test_who_has_lost_a_relative_is_told(lost: str, who: str, code: str, place: Path, patients: Patients) -> None:
    x = f"(select x from executions where id = x'{patients[lost].bytes.hex()}')"
    for table in ("waits", "history", "executions"):
        damage(place, f"delete from {table} where x = {x}")
    (found,) = await diagnoses(place, VirtualClock(), mend=True)
    assert (found.finding.code, found.execution, found.mended) == (code, patients[who], False)
    assert str(patients[lost]) in found.finding.message


# -- nobody is stranded -----------------------------------------------------------------------------------------


async def test_who_is_stranded_is_let_go_on_by_facts_in_its_history(place: Path, patients: Patients) -> None:
    """The history breaks off in the middle of a commit, and the row agrees with it."""
    clock, asking = VirtualClock(), patients["asking"]
    break_off(place, 4, asking)
    (found,) = await diagnoses(place, clock, mend=True)
    assert (found.finding.code, found.mended) == ("stranded", True)
    assert found.finding.message == "it has not ended, and nothing of it runs, waits, is due or is held"
    assert await diagnoses(place, clock) == []
    async with Engine(str(place), workflows=[deadlined()], clock=clock) as engine:
        execution = await engine.execution(asking, deadlined())
        history = [type(event).__name__ async for _, event in execution.events(after=4)]
        assert history == ["ExecutionHeld", "ExecutionPaused", "HoldReleased", "NodeWaiting"]
        await execution.approve("review", by="me")
        assert (await execution.result())["n"] == 1


# -- beside an engine -------------------------------------------------------------------------------------------


async def test_nothing_is_mended_of_what_an_engine_is_at_work_on(place: Path, patients: Patients) -> None:
    clock = VirtualClock()
    async with Engine(str(place), workflows=[DONE], clock=clock):
        damage(place, f"update executions set status = 1, due = 0 {OF}", patients["asking"].bytes)
        status, due = await diagnoses(place, clock, mend=True)
        assert [each.finding.code for each in (status, due)] == ["status_differs", "due_differs"]
        assert not status.mended
        assert status.why_not == "An engine is at work on it: stop the engine, then repair."


async def test_beside_an_engine_the_rest_is_mended(place: Path, patients: Patients) -> None:
    clock = VirtualClock()
    async with Engine(str(place), workflows=[deadlined()], clock=clock) as engine:
        damage(place, f"update executions set status = 1 {OF}", patients["asking"].bytes)
        (found,) = await diagnoses(place, clock, mend=True)
        assert found.mended
        execution = await engine.execution(patients["asking"], deadlined())
        await execution.approve("review", by="me")
        assert (await execution.result())["n"] == 1


async def test_what_is_due_for_long_is_wrong_only_where_an_engine_should_have_seen_to_it(
    place: Path, patients: Patients
) -> None:
    clock = VirtualClock()
    await clock.advance("73h")
    store = SqliteStore(str(place))
    doctor = Doctor(store, clock=clock)
    assert [found async for found in doctor.examine() if found is not None] == []
    assert doctor.seen.overdue == 1
    await store.close()
    async with Engine(str(place), workflows=[DONE], clock=clock):
        (found,) = await diagnoses(place, clock)
        assert (found.finding.code, found.execution) == ("overdue", patients["asking"])
        assert found.finding.message == "it has been due for 3600 s, and no engine has taken it up"


async def test_a_message_that_nobody_brings(place: Path, patients: Patients) -> None:
    clock = VirtualClock()
    store = SqliteStore(str(place))
    await store.send(Message(name="parcel.arrived", correlation="T-1", payload=b"1", sent_at=clock.now()))
    await clock.advance("61s")
    doctor = Doctor(store, clock=clock)
    assert [found async for found in doctor.examine() if found is not None] == []
    assert doctor.seen.undelivered == 1
    await store.close()
    async with Engine(str(place), workflows=[DONE], clock=clock):
        (found,) = await diagnoses(place, clock)
        assert (found.finding.code, found.execution) == ("message_overdue", patients["awaiting"])


async def test_a_memory_is_examined_too() -> None:
    store = MemoryStore()
    async with Engine(store, workflows=[DONE]) as engine:
        await (await engine.start(DONE, ZERO)).result()
        doctor = Doctor(store)
        assert [found async for found in doctor.examine()] == [None, None]
        assert doctor.seen.executions == 1

"""A governed execution in an engine: its key, its actors, its keeping, and what happens when it was changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from pectin import CommandRefused, Engine, Execution, Workflow
from pectin.core.audit import Finding
from pectin.core.command import Refused, Signal
from pectin.core.event import ExecutionCreated, ExecutionEnded, NodeCompleted
from pectin.ports.seal import Retained
from pectin.runtime.audit_key import VARIABLE, audit_keys
from pectin.runtime.doctor import Doctor
from pectin.runtime.error import AuditKeyMissing, ChainBroken
from pectin.runtime.visitor import Visitor
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing import VirtualClock
from tests.runtime.family import parent_of, the_child
from tests.runtime.governed import BOUND, GOVERNED, KEY, OLD_KEY, filled, governed, read, verdicts, write
from tests.runtime.sample import ZERO, Count, add, asking, chain, events_of

DAY_MS = 24 * 3_600_000


async def test_without_a_key_no_engine_opens_with_a_governed_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(AuditKeyMissing, match=r"`governed` is governed.*audit_key=.*PECTIN_AUDIT_KEY"):
        async with Engine("memory:", workflows=[governed()]):
            pass


async def test_the_key_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY.hex())
    async with Engine("memory:", workflows=[governed()]) as engine:
        assert await (await engine.start(governed(), ZERO, by="shop")).result() == {"n": 3}


async def test_without_a_key_nobody_loads_one_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    memory, workflow = Memory(), governed(asks=True)
    async with Engine(MemoryStore(memory), workflows=[workflow], audit_key=KEY) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        await execution.until("review")
    for keys in (None, audit_keys([OLD_KEY])):
        with pytest.raises(AuditKeyMissing, match=str(execution.id)):
            await Visitor(MemoryStore(memory), keys=keys).read(execution.id)


async def test_an_engine_leaves_alone_what_it_has_no_key_for() -> None:
    memory, clock, child = Memory(), VirtualClock(), asking(deadline="1h", policy=BOUND)
    parent = parent_of(child, session_type=GOVERNED, policy=BOUND)
    store = MemoryStore(memory)
    async with Engine(store, workflows=[parent], audit_key=KEY, clock=clock) as engine:
        await engine.start(parent, ZERO, by="shop")
        await engine.idle()
        id = await the_child(store, "asking")
    memory.in_charge = None
    async with Engine(MemoryStore(memory), workflows=[child], audit_key=[], clock=clock) as engine:
        with clock.watching(engine):
            await clock.advance("2h")
        assert [type(problem) for problem in engine.quarantined.values()] == [AuditKeyMissing]
        assert list(engine.quarantined) == [id]
        other = await engine.start(child, ZERO)
        await other.until("review")


Ask = Callable[[Execution[Count], Any], Awaitable[Any]]

ASKED: list[Ask] = [
    lambda execution, by: execution.approve("review", by=by),
    lambda execution, by: execution.signal("go", by=by),
    lambda execution, by: execution.pause(by=by),
    lambda execution, by: execution.resume(by=by),
    lambda execution, by: execution.resolve("add_0", did_not=True, by=by),
    lambda execution, by: execution.cancel(by=by),
]


@pytest.mark.parametrize("ask", ASKED)
async def test_nobody_changes_it_without_a_name(ask: Ask) -> None:
    workflow = governed(asks=True)
    async with Engine("memory:", workflows=[workflow], audit_key=KEY) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        await execution.until("review")
        before = await events_of(execution)
        for by in ("", "engine"):
            with pytest.raises(CommandRefused) as refused:
                await ask(execution, by)
            assert refused.value.code == "no_actor"
        assert await events_of(execution) == before


@pytest.mark.parametrize("key", [None, "A"])
async def test_nobody_starts_it_without_a_name_nor_finds_one_that_was_started(key: str | None) -> None:
    workflow = governed()
    async with Engine("memory:", workflows=[workflow], audit_key=KEY) as engine:
        await engine.start(workflow, ZERO, key=key, by="shop")
        with pytest.raises(CommandRefused, match="say who with `by`"):
            await engine.start(workflow, ZERO, key=key)


async def test_a_visitor_marks_as_the_engine_does(tmp_path: Path) -> None:
    path, workflow = tmp_path / "store.db", governed(asks=True)
    async with Engine(str(path), workflows=[workflow], audit_key=KEY) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        await execution.until("review")
        visitor = Visitor(engine.store, keys=audit_keys(KEY))
        await visitor.handle(execution.id, Signal(at=engine.clock.now(), name="go", by="shop"))
        refused = await visitor.handle(execution.id, Signal(at=engine.clock.now(), name="go"))
        assert isinstance(refused, Refused)
        await execution.approve("review", by="finance")
        await execution.result()
    assert await verdicts(path) == [None]


async def test_what_was_changed_is_quarantined_and_nothing_of_it_runs(tmp_path: Path) -> None:
    path, clock, ran = tmp_path / "store.db", VirtualClock(), list[int]()

    async def note(state: Count) -> Count:
        ran.append(state["n"])
        return state

    workflow = Workflow("noting", version="1.0.0", state=Count, session_type=GOVERNED, policy=BOUND)
    first = workflow.node(add)
    nap = workflow.wait("nap", duration="1h")
    first.then(nap)
    nap.then(workflow.node(note))
    async with Engine(str(path), workflows=[workflow], audit_key=KEY, clock=clock) as engine:
        changed, sound = [await engine.start(workflow, ZERO, by="shop") for _ in range(2)]
        await engine.idle()
    write(path, """update history set body = cast(replace(body, '"n":1', '"n":7') as blob) where x = 1 and seq = 4""")
    async with Engine(str(path), workflows=[workflow], audit_key=KEY, clock=clock) as engine:
        with clock.watching(engine):
            await clock.advance("2h")
            assert await (await engine.execution(sound.id, workflow)).result() == {"n": 1}
        (problem,) = engine.quarantined.values()
        assert isinstance(problem, ChainBroken)
        assert (problem.execution, problem.seq) == (changed.id, 4)
    assert ran == [1]


async def test_children_are_governed_and_all_of_them_verified(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    parent = parent_of(chain(add, policy=BOUND), session_type=GOVERNED, policy=BOUND)
    async with Engine(str(path), workflows=[parent], audit_key=KEY) as engine:
        execution = await engine.start(parent, ZERO, by="shop")
        await execution.result()
        child = await the_child(engine.store, "counting")
        info = await engine.service.runs.get(child)
        assert (info.session_type, info.by) == (GOVERNED, "shop")
    assert await verdicts(path) == [None, None]


async def test_a_parent_that_ends_names_the_engine_to_its_child() -> None:
    child = asking(policy=BOUND)
    parent = parent_of(child, session_type=GOVERNED, policy=BOUND)
    store = MemoryStore()
    async with Engine(store, workflows=[parent], audit_key=KEY) as engine:
        execution = await engine.start(parent, ZERO, by="shop")
        await engine.idle()
        inside = await the_child(store, "asking")
        await execution.cancel(by="ops")
        await engine.idle()
        run = await engine.service.runs.get(inside)
        assert run.closing is not None
        assert (run.closing.by, run.status.value) == ("ops", "cancelled")


async def test_a_deadline_is_the_engines_decision() -> None:
    clock = VirtualClock()
    asked = parent_of(asking(deadline="1h", policy=BOUND), session_type=GOVERNED, policy=BOUND)
    async with Engine("memory:", workflows=[asked], audit_key=KEY, clock=clock) as engine:
        with clock.watching(engine):
            execution = await engine.start(asked, ZERO, by="shop")
            await engine.idle()
            inside = await the_child(engine.store, "asking")
            await clock.advance("2h")
            await execution.result()
        run = await engine.service.runs.get(inside)
        assert run.decided["review"].by == "engine"


async def test_it_is_kept_for_ever_or_for_its_days_after_its_end() -> None:
    clock = VirtualClock()
    for days in (None, 30):
        store, workflow = MemoryStore(), governed(asks=True, retention_days=days)
        async with Engine(store, workflows=[workflow], audit_key=KEY, clock=clock) as engine:
            execution = await engine.start(workflow, ZERO, by="shop")
            await execution.until("review")
            with pytest.raises(Retained, match=str(execution.id)):
                await store.forget(execution.id, clock.now() + 1000 * DAY_MS)
            await execution.approve("review", by="finance")
            await execution.result()
            end = (await execution.info()).completed_at
            assert end is not None
            until = round(end.timestamp() * 1000) + 30 * DAY_MS
            with pytest.raises(Retained):
                await store.forget(execution.id, until - 1)
            if days is None:
                with pytest.raises(Retained, match="nothing says that it may ever"):
                    await store.forget(execution.id, until)
            else:
                await store.forget(execution.id, until)
                assert await store.load(execution.id) is None


async def test_the_key_is_nowhere_in_the_store(tmp_path: Path) -> None:
    path, key = tmp_path / "store.db", b"The key is drawn, not thought of"
    async with Engine(str(path), workflows=[governed()], audit_key=key) as engine:
        execution = await engine.start(governed(), ZERO, by="shop")
        await execution.result()
        kinds = [type(event) for event in await events_of(execution)]
    assert kinds[0] is ExecutionCreated
    assert {NodeCompleted, ExecutionEnded} <= set(kinds)
    for file in tmp_path.iterdir():
        assert key not in file.read_bytes()
        assert key.hex().encode() not in file.read_bytes()
    assert len(read(path, "select * from chain")) == 5


async def test_the_doctor_writes_no_snapshot_anew_and_mends_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pectin.runtime.held.SNAPSHOT_BYTES_MIN", 1)
    monkeypatch.setenv(VARIABLE, KEY.hex())
    path = tmp_path / "store.db"
    await filled(path, steps=12, asks=True)
    write(path, "update executions set status = 3")
    assert [(found.code, mended) for found, mended in await repaired(path)] == [("status_differs", True)]
    assert await verdicts(path) == [None]
    write(path, """update snapshots set body = cast(replace(body, '"n":', '"n":7') as blob)""")
    assert [(found.code, mended) for found, mended in await repaired(path)] == [("snapshot_differs", False)]


async def repaired(path: Path) -> list[tuple[Finding, bool]]:
    """What a doctor finds who mends."""
    store = SqliteStore(str(path))
    told = [each async for each in Doctor(store, mend=True).examine() if each is not None]
    await store.close()
    return [(each.finding, each.mended) for each in told]

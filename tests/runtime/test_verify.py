"""Attacks on the file of a store, each by somebody who can write all of it, checksums too, and has no audit key."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pectin import Engine
from pectin.core.chain import AuditKey, beginning, link_mark
from pectin.core.identity import ExecutionId
from pectin.ports.seal import Seal
from pectin.ports.store import Damaged, Row, Stored
from pectin.runtime import chain, verify
from pectin.runtime.error import AuditKeyMissing, ChainBroken, Quarantined
from pectin.runtime.verify import Verifier
from pectin.store.sqlite import SqliteStore
from tests.runtime.family import parent_of, the_child
from tests.runtime.governed import (
    BOUND,
    DELETE,
    GOVERNED,
    KEY,
    OLD_KEY,
    UNGOVERN,
    believe_rest,
    filled,
    governed,
    load,
    read,
    verdicts,
    write,
)
from tests.runtime.sample import ZERO, add
from tests.runtime.sample import chain as chain_of

SWAP_SEQS = (
    "update {table} set seq = -1 where x = 1 and seq = 4",
    "update {table} set seq = 4 where x = 1 and seq = 6",
    "update {table} set seq = 6 where x = 1 and seq = -1",
)
ROWS = [statement.format(table="history") for statement in SWAP_SEQS]
LINKS = [statement.format(table="chain") for statement in SWAP_SEQS]
LAST = "seq >= 8 and x = 1"
SET_BACK = "update executions set version = 7 where x = 1"
BORROWED = "update seals set version = 7, link = (select mark from chain where x = 1 and seq = 6) where x = 1"

ATTACKS = {
    "a changed body": (
        ["""update history set body = cast(replace(body, '"n":2', '"n":9') as blob) where seq = 6 and x = 1"""],
        ("edited", 6),
    ),
    "a changed settling": (["update history set settles = null where seq = 6 and x = 1"], ("edited", 6)),
    "a changed link": (["update chain set mark = randomblob(32) where seq = 6 and x = 1"], ("edited", 6)),
    "a link and a body of somebody else's": (
        ["update history set body = cast('[]' as blob) where seq = 4", "update chain set mark = zeroblob(32)"],
        ("edited", 1),
    ),
    "a deleted row": (["delete from history where seq = 6 and x = 1"], ("gap", 6)),
    "a deleted row with its link": (
        ["delete from history where seq = 6 and x = 1", "delete from chain where seq = 6 and x = 1"],
        ("gap", 6),
    ),
    "a deleted row, and those after it moved up": (
        [
            "delete from history where seq = 6 and x = 1",
            "delete from chain where seq = 6 and x = 1",
            "update history set seq = seq - 2 where seq > 6 and x = 1",
            "update chain set seq = seq - 2 where seq > 6 and x = 1",
            "update executions set version = 8 where x = 1",
            "update seals set version = 8 where x = 1",
        ],
        ("edited", 6),
    ),
    "two rows exchanged": (ROWS, ("reordered", 4)),
    "two rows exchanged with their links": (ROWS + LINKS, ("reordered", 4)),
    "the first row gone": (["delete from history where seq = 1 and x = 1"], ("gap", 1)),
    "the last rows gone": ([f"delete from history where {LAST}"], ("truncated", 8)),
    "the last rows gone, and the version set back": (
        [f"delete from history where {LAST}", f"delete from chain where {LAST}", SET_BACK],
        ("truncated", 8),
    ),
    "the last rows gone, and a seal that says so": (
        [f"delete from history where {LAST}", f"delete from chain where {LAST}", SET_BACK, BORROWED],
        ("resealed", 7),
    ),
    "a row more": (
        [
            "insert into history select x, 11, 1, null, cast('[]' as blob), 0 from executions where x = 1",
            "insert into chain values (1, 11, (select key from seals where x = 1), zeroblob(32))",
        ],
        ("edited", 11),
    ),
    "a seal of a longer keeping": (["update seals set keep_until = 1 where x = 1"], ("resealed", 10)),
    "no seal": (["delete from seals where x = 1"], ("unsealed", 1)),
    "no link": (["delete from chain where seq = 8 and x = 1"], ("unsealed", 8)),
    "no links and no seal": (["delete from chain where x = 1", "delete from seals where x = 1"], ("unsealed", 1)),
    "a history that says that it is not governed": (UNGOVERN, ("unsealed", 1)),
    "an unknown key": (["update seals set key = 'another' where x = 1"], ("unknown_key", 10)),
    "another definition": (
        [
            "insert into definitions select 99, 'ff', workflow_id, '9.9.9', 0, body from definitions",
            "update executions set d = 99 where x = 1",
        ],
        ("edited", 1),
    ),
}


@pytest.mark.parametrize(("attack", "verdict"), ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_is_seen_and_nothing_of_it_loaded(
    attack: list[str], verdict: tuple[str, int], tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    victim, _ = await filled(path, "A", "B")
    await load(path, victim)
    write(path, *attack)
    assert (await verdicts(path))[0] == verdict
    with pytest.raises((Quarantined, Damaged)):
        await load(path, victim)


async def test_the_others_are_sound(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    _, other = await filled(path, "A", "B")
    write(path, *ATTACKS["a changed body"][0])
    assert (await verdicts(path))[1] is None
    await load(path, other)


async def test_histories_of_two_executions_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    executions = await filled(path, "A", "B")
    swap = [f"update {{0}} set x = {to} where x = {of}" for of, to in ((1, 99), (2, 1), (99, 2))]
    write(path, *(each.format(table) for table in ("history", "chain", "seals") for each in swap))
    assert await verdicts(path) == [("exchanged", 1), ("exchanged", 1)]
    for execution in executions:
        with pytest.raises(ChainBroken, match="event 1"):
            await load(path, execution)
    monkeypatch.setattr(Verifier, "_check_row", _believe_row)
    assert await verdicts(path) == [None, None]


async def _believe_row(_: Verifier, __: ExecutionId, row: Row, walk: Any) -> None:
    walk.link = row.link.mark if row.link is not None else walk.link
    walk.seq = row.seq + row.count
    verify._note(row, walk)  # pyright: ignore[reportPrivateUsage]


def _believe_head(_: Verifier, stored: Stored, __: Any) -> Seal | None:
    return stored.seal


PLANTED = {
    "_check_row": (_believe_row, ("a changed body", "a deleted row", "two rows exchanged")),
    "_check_head": (_believe_head, ("the last rows gone", "the last rows gone, and a seal that says so")),
    "_check_rest": (believe_rest, ("another definition",)),
}


@pytest.mark.parametrize(
    ("check", "attack"), [(check, attack) for check, (_, attacks) in PLANTED.items() for attack in attacks]
)
async def test_without_its_check_an_attack_is_not_seen(
    check: str, attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    await filled(path, "A", "B")
    statements, verdict = ATTACKS[attack]
    write(path, *statements)
    monkeypatch.setattr(Verifier, check, PLANTED[check][0])
    assert (await verdicts(path))[0] != verdict


def _are_same(_: bytes, __: bytes) -> bool:
    return True


@pytest.mark.parametrize("attack", ["a changed body", "a seal of a longer keeping"])
async def test_without_comparing_marks_an_attack_is_not_seen(
    attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    victim, _ = await filled(path, "A", "B")
    write(path, *ATTACKS[attack][0])
    monkeypatch.setattr(chain, "is_same", _are_same)
    assert (await verdicts(path))[0] is None
    await load(path, victim)


# -- snapshots ------------------------------------------------------------------------------------------------


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot whenever it may be."""
    monkeypatch.setattr("pectin.runtime.held.SNAPSHOT_BYTES_MIN", 1)


async def with_snapshots(path: Path) -> ExecutionId:
    """An execution that waits for a person, with a snapshot that has been written over."""
    (execution,) = await filled(path, steps=12, asks=True)
    return execution


@pytest.mark.usefixtures("often")
async def test_a_snapshot_serves_and_what_is_before_it_is_for_verify(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    execution = await with_snapshots(path)
    ((version,),) = read(path, "select version from snapshots")
    assert version > 6
    write(path, "update history set body = cast('[]' as blob) where seq = 4")
    await load(path, execution)
    assert await verdicts(path) == [("edited", 4)]


@pytest.mark.usefixtures("often")
async def test_an_older_snapshot_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, old = tmp_path / "store.db", tmp_path / "old.db"
    workflow = governed(steps=12, asks=True)
    execution = await with_snapshots(path)
    shutil.copy(path, old)
    async with Engine(str(path), workflows=[workflow], audit_key=KEY) as engine:
        again = await engine.execution(execution, workflow)
        for _ in range(30):
            await again.signal("more", "x" * 300, by="shop")
    older, newer = (read(each, "select version, body from snapshots")[0] for each in (old, path))
    assert older[0] < newer[0]
    assert await verdicts(path) == [None]
    write(path, f"update snapshots set version = {older[0]}, body = x'{older[1].hex()}'")
    assert await verdicts(path) == [("snapshot", older[0])]
    with pytest.raises(ChainBroken, match="snapshot"):
        await load(path, execution)
    monkeypatch.setattr(Verifier, "_check_rest", believe_rest)
    assert await verdicts(path) == [None]


@pytest.mark.usefixtures("often")
async def test_a_changed_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    execution = await with_snapshots(path)
    write(path, """update snapshots set body = cast(replace(body, '"n":', '"n":7') as blob)""")
    assert [code for code, _ in filter(None, await verdicts(path))] == ["snapshot"]
    with pytest.raises(ChainBroken, match="snapshot"):
        await load(path, execution)


@pytest.mark.usefixtures("often")
async def test_a_snapshot_is_a_cache(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    execution = await with_snapshots(path)
    write(path, "delete from snapshots")
    assert await verdicts(path) == [None]
    await load(path, execution)


# -- families, keys, other executions -------------------------------------------------------------------------


async def family(path: Path) -> ExecutionId:
    """A governed parent, and its child, whose own workflow is an ordinary one."""
    parent = parent_of(chain_of(add, id="child", policy=BOUND), session_type=GOVERNED, policy=BOUND)
    store = SqliteStore(str(path))
    async with Engine(store, workflows=[parent], audit_key=KEY) as engine:
        execution = await engine.start(parent, ZERO, by="shop")
        await execution.result()
        child = await the_child(store, "child")
    await store.close()
    return child


async def test_a_child_is_governed_with_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    child = await family(path)
    assert await verdicts(path) == [None, None]
    with pytest.raises(AuditKeyMissing):
        await load(path, child, OLD_KEY)


async def test_a_child_that_was_let_out_is_missed_by_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await family(path)
    write(path, *(each.replace("x = 1", "x = 2") for each in UNGOVERN))
    assert [code for code, _ in filter(None, await verdicts(path))] == ["unsealed"]


async def test_a_deleted_child_is_missed_by_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await family(path)
    write(path, *(each.replace("x = 1", "x = 2") for each in DELETE))
    assert [code for code, _ in filter(None, await verdicts(path))] == ["missing"]


async def test_a_key_is_exchanged_for_another(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    workflow = governed(asks=True)
    (execution,) = await filled(path, asks=True, key=OLD_KEY)
    async with Engine(str(path), workflows=[workflow], audit_key=[KEY, OLD_KEY]) as engine:
        await (await engine.execution(execution, workflow)).approve("review", by="finance")
        await engine.idle()
    assert len(read(path, "select distinct key from chain")) == 2
    assert await verdicts(path, KEY, OLD_KEY) == [None]
    assert await verdicts(path, KEY) == [("unknown_key", 1)]
    with pytest.raises(AuditKeyMissing, match=AuditKey(OLD_KEY).id):
        await load(path, execution, KEY)


async def test_whoever_has_another_key_can_make_nothing_of_it(tmp_path: Path) -> None:
    """Not even a link that is right in itself: its key is not ours."""
    path = tmp_path / "store.db"
    (execution,) = await filled(path)
    stranger = AuditKey(b"s" * 32)
    ((count, settles, body),) = read(path, "select count, settles, body from history where seq = 1")
    mark = link_mark(stranger, beginning(execution.bytes), 1, count, settles, body)
    write(path, f"update chain set key = '{stranger.id}', mark = x'{mark.hex()}' where seq = 1")
    assert await verdicts(path) == [("unknown_key", 1)]


async def test_what_is_not_governed_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with Engine(str(path), workflows=[chain_of(add)]) as engine:
        await (await engine.start(chain_of(add), ZERO)).result()
    assert await verdicts(path) == []
    assert read(path, "select * from chain union all select x, version, key, mark from seals") == []


async def test_an_engine_may_go_on_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    workflow = governed(steps=40)
    async with Engine(str(path), workflows=[workflow], audit_key=KEY) as engine:
        execution = await engine.start(workflow, ZERO, by="shop")
        for _ in range(20):
            assert await verdicts(path) == [None]
        await execution.result()

"""A file is damaged by hand, each time in one way, and the check says which; what can be mended is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from pectin.core.audit import SWEPT
from pectin.core.identity import ExecutionId
from pectin.ports.store import LogRecord
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.soundness import check_version
from pectin.testing.store_contract.sample import NOW, listen, matched, message, ready, step, waiting

DAMAGES = {
    "gap": "delete from history where seq = 3",
    "second_outcome": """
        drop index outcome;
        insert into history (x, seq, count, settles, body) values (1, 5, 1, 'pay', x'5b5d')
    """,
    "layout_differs": "drop index start",
    "headless": "insert into history (x, seq, count, settles, body) values (9, 1, 1, null, x'5b5d')",
    "definition_missing": "update executions set d = 9",
    "fence_ahead": "update executions set fence = 9",
    "status_unknown": "update executions set status = 7",
    "orphaned": "insert into waits (x, activation, name, correlation) values (9, 'wait', 'paid', 'A')",
    "mark_wrong": "update inbox set awaited = 1 - awaited",
    "damaged_file": "pragma writable_schema = on; delete from sqlite_schema where name = 'agenda'",
}
MESSAGES = {
    "gap": "the rows of its history don't follow one another",
    "second_outcome": "two rows of its history settle `pay`",
    "layout_differs": "the index `start` is missing",
    "headless": "there is a history, and no execution that it belongs to",
    "definition_missing": "its definition is not in the store",
    "fence_ahead": "it has the fence 9, which no engine has had",
    "status_unknown": "its status is 7",
    "orphaned": "there is a wait of an execution that is not there",
    "mark_wrong": "messages 'paid' with 'A-1042' are marked wrongly",
    "damaged_file": ": never used",
}
DROPPED = {"second_outcome": "the index `outcome`", "damaged_file": "the index `agenda`"}
"""What is missing, too, because of the damage."""


async def store_with_one(place: Path) -> ExecutionId:
    """A closed store, with everything that one execution can have."""
    store, fence = await ready(lambda: SqliteStore(str(place / "pectin.db")))
    execution = await waiting(store, fence)
    await store.send(message())
    log = LogRecord("pay", 1, NOW, 20, "paid")
    await store.commit(step(execution, 3, fence, "pay", due=NOW, snapshot=b"at 4", logs=[log]))
    await store.close()
    return execution


def damage(place: Path, sql: str) -> None:
    connection: Any = apsw.Connection(str(place / "pectin.db"))
    connection.execute(sql)
    connection.close()


@pytest.mark.parametrize("code", DAMAGES)
async def test_damage_is_found(code: str, tmp_path: Path) -> None:
    execution = await store_with_one(tmp_path)
    damage(tmp_path, DAMAGES[code])
    store = SqliteStore(str(tmp_path / "pectin.db"))
    findings = await store.check(mend=True)
    dropped = [finding for finding in findings if code in DROPPED and finding.code == "layout_differs"]
    assert [finding.message for finding in dropped] == [
        f"{DROPPED[name]} is missing" for name in DROPPED if name == code
    ]
    found = [finding for finding in findings if finding not in dropped]
    assert {finding.code for finding in found} == {code}
    assert found[0].message.endswith(MESSAGES[code])
    if code not in ("layout_differs", "headless", "orphaned", "mark_wrong", "damaged_file"):
        assert found[0].where == str(execution)
    assert await store.check() == ([] if code in SWEPT else findings)
    await store.close()


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("insert into snapshots (x, version, body) values (9, 4, x'00')", "a snapshot of x = 9"),
        ("insert into logs values (9, 9, 'pay', 1, 1, 20, 'paid')", "a log of x = 9"),
    ],
)
async def test_whatever_belongs_to_nobody_is_cleared_up(sql: str, where: str, tmp_path: Path) -> None:
    execution = await store_with_one(tmp_path)
    damage(tmp_path, sql)
    store = SqliteStore(str(tmp_path / "pectin.db"))
    assert [finding.where for finding in await store.check(mend=True)] == [where]
    assert await store.check() == []
    stored = await store.load(execution)
    assert stored is not None
    assert stored.snapshot == b"at 4"
    assert len(await store.logs(execution)) == 1
    assert await store.waits(execution) == [listen()]
    await store.close()


async def test_a_message_that_nobody_found_is_found_again(tmp_path: Path) -> None:
    execution = await store_with_one(tmp_path)
    damage(tmp_path, "update inbox set awaited = 0")
    store = SqliteStore(str(tmp_path / "pectin.db"))
    assert await matched(store) == []
    await store.check(mend=True)
    assert await matched(store) == [("1", execution, "wait:1")]
    await store.close()


async def test_a_page_that_is_overwritten_is_found(tmp_path: Path) -> None:
    await store_with_one(tmp_path)
    path = tmp_path / "pectin.db"
    page = path.read_bytes().index(b"event 3") // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    store = SqliteStore(str(path))
    assert {finding.code for finding in await store.check(mend=True)} == {"damaged_file"}
    await store.close()


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
def test_a_version_that_can_damage_the_file_is_found(version: str) -> None:
    (finding,) = check_version(version)
    assert (finding.code, finding.message) == ("old_sqlite", f"this is SQLite {version}")


@pytest.mark.parametrize("version", ["3.6.23.1", "3.51.3", "3.53.0", apsw.sqlite_lib_version()])
def test_other_versions_are_sound(version: str) -> None:
    assert list(check_version(version)) == []

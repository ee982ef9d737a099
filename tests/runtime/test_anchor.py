"""What is put back as it was is sound in itself, and not what was anchored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pectin import BadValue, Engine, PectinError
from pectin.core.identity import ExecutionId
from pectin.runtime.anchor import Head, read_anchor, write_anchor
from pectin.runtime.verify import Verified, Verifier
from tests.runtime.governed import (
    DELETE,
    KEY,
    UNGOVERN,
    believe_rest,
    filled,
    governed,
    read,
    verdicts,
    verified,
    write,
)
from tests.runtime.sample import add
from tests.runtime.sample import chain as chain_of


async def anchored(path: Path) -> dict[ExecutionId, Head]:
    """The heads as they are."""
    found = [each for each in await verified(path) if isinstance(each, Verified)]
    return {each.head.execution: each.head for each in found if each.head is not None}


async def test_a_store_put_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, old = tmp_path / "store.db", tmp_path / "old.db"
    (execution,) = await filled(path, asks=True)
    shutil.copy(path, old)
    workflow = governed(asks=True)
    async with Engine(str(path), workflows=[workflow], audit_key=KEY) as engine:
        await (await engine.execution(execution, workflow)).approve("review", by="finance")
        await engine.idle()
    heads = await anchored(path)
    assert await verdicts(path, against=heads) == [None]
    assert await verdicts(old) == [None]
    (ends,) = [head.version for head in heads.values()]
    ((version,),) = read(old, "select version from executions")
    assert version < ends
    assert await verdicts(old, against=heads) == [("rolled_back", version + 1)]
    monkeypatch.setattr(Verifier, "_check_rest", believe_rest)
    assert await verdicts(old, against=heads) == [None]


async def test_another_history_where_one_was_anchored(tmp_path: Path) -> None:
    path, old = tmp_path / "store.db", tmp_path / "old.db"
    workflow = governed(asks=True)
    (execution,) = await filled(path, asks=True)
    shutil.copy(path, old)
    for each, by in ((path, "finance"), (old, "somebody else")):
        async with Engine(str(each), workflows=[workflow], audit_key=KEY) as engine:
            await (await engine.execution(execution, workflow)).approve("review", by=by)
            await engine.idle()
    heads = await anchored(path)
    assert await verdicts(old) == [None]
    assert await verdicts(old, against=heads) == [("rolled_back", heads[execution].version)]


async def test_what_was_anchored_may_grow(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    (execution,) = await filled(path, asks=True)
    heads, workflow = await anchored(path), governed(asks=True)
    async with Engine(str(path), workflows=[workflow], audit_key=KEY) as engine:
        await (await engine.execution(execution, workflow)).approve("review", by="finance")
        await engine.idle()
    assert await verdicts(path, against=heads) == [None]


async def test_a_deleted_execution(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await filled(path, "A", "B")
    heads = await anchored(path)
    write(path, *DELETE)
    assert await verdicts(path) == [None]
    assert await verdicts(path, against=heads) == [("missing", 0), None]


async def test_what_may_be_deleted_is_not_missed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    (execution,) = await filled(path, retention_days=30)
    heads = await anchored(path)
    until = heads[execution].keep_until
    assert until is not None
    write(path, *DELETE)
    assert await verdicts(path, against=heads, now=until - 1) == [("missing", 0)]
    assert await verdicts(path, against=heads, now=until) == []


async def test_an_anchored_execution_of_which_nothing_says_that_it_is_governed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await filled(path)
    heads = await anchored(path)
    plain = chain_of(add, id="governed", version="2.0.0").build().program.hash
    async with Engine(str(path), workflows=[chain_of(add, id="governed", version="2.0.0")]):
        pass
    write(
        path,
        *UNGOVERN,
        f"update executions set d = (select d from definitions where hash = '{plain}')",
    )
    assert await verdicts(path) == []
    assert await verdicts(path, against=heads) == [("unsealed", 1)]


# -- the file -------------------------------------------------------------------------------------------------

HEADS = [Head(ExecutionId.new(), 7, b"l" * 32), Head(ExecutionId.new(), 9, b"m" * 32, 1_000)]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    for heads in (HEADS, HEADS[:1], []):
        write_anchor(file, heads)
        assert read_anchor(file) == {head.execution: head for head in heads}
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "heads.jsonl").mkdir()
    with pytest.raises(PectinError, match=r"heads\.jsonl can't be written"):
        write_anchor(tmp_path / "heads.jsonl", HEADS)
    assert [each.name for each in tmp_path.iterdir()] == ["heads.jsonl"]


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "\ufffd", '{"execution_id": "x", "version": 1, "link": ""}', '{"execution_id": 1']
)
def test_what_is_no_anchor_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    write_anchor(file, HEADS)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(BadValue, match=r"heads\.jsonl:3 is no anchor"):
        read_anchor(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="can't be read"):
        read_anchor(tmp_path / "heads.jsonl")

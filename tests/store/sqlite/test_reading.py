"""What is read is what was written, or damage, and `evidence` is whatever lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.seal import Link
from pectin.ports.store import Damaged, Store
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.governed import governed, seal, sealed
from pectin.testing.store_contract.sample import ready, step
from tests.runtime.ward import damage


async def made(path: Path) -> tuple[Store, ExecutionId]:
    """A store with a governed execution, at version 4, and a snapshot of it."""
    store, fence = await ready(lambda: SqliteStore(str(path)))
    execution = await governed(store, fence)
    await store.commit(sealed(step(execution, 3, fence, snapshot=b"at 4")))
    return store, execution


@pytest.mark.parametrize("sql", ["update history set count = 3 where seq = 3", "delete from history where seq = 3"])
async def test_what_does_not_fit_is_damage_and_evidence_all_the_same(sql: str, tmp_path: Path) -> None:
    store, execution = await made(tmp_path / "store.db")
    damage(tmp_path / "store.db", "delete from snapshots")
    damage(tmp_path / "store.db", sql, signed=False)
    with pytest.raises(Damaged):
        await store.load(execution)
    found = await store.evidence(execution)
    assert found is not None
    assert (found.rows[0].seq, found.rows[-1].seq, found.seal) == (1, 4, seal(4))
    await store.close()


async def test_a_snapshot_that_was_not_written_so_is_none_and_evidence_all_the_same(tmp_path: Path) -> None:
    store, execution = await made(tmp_path / "store.db")
    damage(tmp_path / "store.db", "update snapshots set body = cast('x' as blob)")
    stored, found = await store.load(execution), await store.evidence(execution)
    assert stored is not None
    assert found is not None
    assert (stored.snapshot, stored.snapshot_version, len(stored.rows)) == (None, 0, 3)
    assert (found.snapshot, found.snapshot_version) == (b"x", 4)
    await store.close()


async def test_without_its_seal_nothing_has_a_link_but_evidence(tmp_path: Path) -> None:
    store, execution = await made(tmp_path / "store.db")
    damage(tmp_path / "store.db", "delete from seals")
    damage(tmp_path / "store.db", "delete from snapshots")
    stored, found = await store.load(execution), await store.evidence(execution)
    assert stored is not None
    assert found is not None
    assert (stored.seal, found.seal) == (None, None)
    assert {row.link for row in stored.rows} == {None}
    assert [row.link for row in found.rows] == [Link("key", b"link %d" % seq) for seq in (1, 3, 4)]
    await store.close()

"""What stands between an engine and its store: it counts what is written, and can stop inside of a commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin import Context, testing
from pectin.ports.function import Request
from pectin.ports.store import Find
from pectin.runtime.host import ProcessHost
from pectin.store.memory import MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.testing.crashtest.gate import Gate
from pectin.testing.crashtest.ledger import Entered, MemoryLedger, Written
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.watch import ROOT, WatchedHost, watched
from tests.testing.crashtest.flows import careless, pack, wide


def watching() -> tuple[Life, MemoryLedger]:
    ledger = MemoryLedger()
    return Life(1, ledger, Gate(), None, lambda: None), ledger


async def test_commits_and_messages_are_counted_and_reads_are_not() -> None:
    life, ledger = watching()
    clock = testing.VirtualClock()
    async with testing.engine(wide, store=watched(MemoryStore(), life), clock=clock) as engine:
        execution = await engine.start(wide)
        assert await testing.until_waiting(execution) == ("rest",)
        await clock.advance("3d")
        await engine.send("parcel", "A-1")
        await execution.result()
    written = [record for record in ledger.read() if isinstance(record, Written)]
    assert [record.number for record in written] == list(range(1, len(written) + 1))
    assert [record.verb for record in written].count("send") == 1
    assert "ship/wrap" in {name for record in written for name in record.touches}
    assert written[-1].version > written[0].version


async def test_a_watched_host_notes_bodies_and_gives_one_id() -> None:
    life, ledger = watching()
    host = WatchedHost(ProcessHost(), life)
    assert host.new_id() == ROOT
    assert 0 <= host.draw() < 1
    assert host.name.startswith("engine-")
    await host.look_out(MemoryStore())
    blueprint = pack.build()
    context = Context(execution_id=str(ROOT), activation="wrap")
    await host.call(blueprint.functions["wrap"], Request(blueprint.complete({"order": "B"}), context))
    assert [record.activation for record in ledger.read() if isinstance(record, Entered)] == ["wrap"]
    host.close()


async def test_what_is_raised_before_a_commit_undoes_it(tmp_path: Path) -> None:
    """The seam that a crash inside of a commit uses: all statements are made, and none of them holds."""
    refuse = False

    def before_commit() -> None:
        if refuse:
            raise RuntimeError("the lights went out")

    store = SqliteStore(str(tmp_path / "pectin.db"), before_commit=before_commit)
    async with testing.engine(careless, store=store) as engine:
        execution = await engine.start(careless)
        assert await testing.until_waiting(execution) == ("review",)
        before = await store.find(Find())
        refuse = True
        with pytest.raises(RuntimeError, match="lights"):
            await execution.reject("review", by="me")
        refuse = False
        assert await store.find(Find()) == before
    await store.close()

"""One engine at a time, and a lock that no death keeps."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from pectin.ports.store import StoreBusy, StoreError
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.lock import EngineLock, is_locked
from tests.store.sqlite.forked import forked_child

TAKE_AND_WAIT = """
import asyncio, sys
from pectin.store.sqlite import SqliteStore

async def take():
    store = SqliteStore(sys.argv[1])
    print(await store.take(), flush=True)
    sys.stdin.read()

asyncio.run(take())
"""


async def test_a_second_engine_is_told_who_is_the_first_until_that_is_killed(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", TAKE_AND_WAIT, path], stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdout is not None
        fence = int(first.stdout.readline())
        store = SqliteStore(path)
        with pytest.raises(StoreBusy, match=rf"An engine \(process {first.pid}\) has .*pectin\.db"):
            await store.take()
        assert await store.in_charge()
        first.kill()
    assert not await store.in_charge()
    assert await store.take() == fence + 1
    await store.close()


def test_reading_the_lock_file_does_not_release_it(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    lock = EngineLock(path)
    assert Path(f"{path}-engine.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(StoreBusy):
        EngineLock(path)
    lock.release()
    EngineLock(path).release()


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    lock = EngineLock(path)
    with forked_child():
        lock.release()
        EngineLock(path).release()


def test_asking_who_has_the_lock_does_not_take_it(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    assert not is_locked(path)
    lock = EngineLock(path)
    assert is_locked(path)
    lock.release()
    assert not is_locked(path)
    EngineLock(path).release()


@pytest.mark.parametrize("last", ["", "unknown", "0"])
def test_a_lock_whose_process_nobody_knows_is_free(last: str, tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    Path(f"{path}-engine.lock").write_text(last)
    assert not is_locked(str(path))


def test_a_lock_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"):
        EngineLock(str(tmp_path / "missing" / "pectin.db"))


def test_somebody_who_only_asks_keeps_no_engine_out(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    EngineLock(path).release()
    asked = os.open(f"{path}-engine.lock", os.O_RDONLY)
    fcntl.flock(asked, fcntl.LOCK_SH)
    Timer(0.01, os.close, [asked]).start()
    EngineLock(path).release()

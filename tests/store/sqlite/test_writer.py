"""Group commit: how groups form, what fails with what, and what a failing disk does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from pectin.ports.landing import Landing
from pectin.ports.store import StoreBroken, StoreError, VersionConflict
from pectin.store.sqlite.connection import BUSY_MS, Connection, open_writer
from pectin.store.sqlite.statement import MIGRATIONS
from pectin.store.sqlite.writer import GROUP_MAX, INLINE_BYTES_MAX, Writer
from pectin.testing.store_contract.sample import refused

INSERT = "insert into snapshots (version, body) values (?, ?)"


class Disk(apsw.VFS):
    """The system's disk, which can be told to fail."""

    def __init__(self) -> None:
        super().__init__("failing", "unix", makedefault=True)
        self.failing: str | None = None
        self.calls: list[str] = []

    def xOpen(self, name: Any, flags: Any) -> Any:  # noqa: N802
        return DiskFile(self, name, flags)

    def called(self, call: str) -> None:
        self.calls.append(call)
        if call == self.failing:
            error = apsw.FullError() if call == "write" else apsw.IOError()
            error.extendedresult = apsw.SQLITE_FULL if call == "write" else apsw.SQLITE_IOERR_FSYNC  # type: ignore[attr-defined]
            raise error


class DiskFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self.disk = disk
        self.kind = "log" if flags[0] & apsw.SQLITE_OPEN_WAL else "database"

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self.disk.called("write")
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.called(f"sync {self.kind}")
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.unregister()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "pectin.db")


def open_counting(path: str) -> tuple[Writer, list[int]]:
    """A writer, and a list that grows by one item for each COMMIT."""
    connection = open_writer(path, False, MIGRATIONS)
    commits: list[int] = []

    def count() -> bool:
        commits.append(1)
        return False

    apsw_connection: Any = connection
    apsw_connection.set_commit_hook(count)
    return Writer(connection, path), commits


def insert(connection: Connection) -> None:
    connection.execute(INSERT, (1, b""))


def rows(path: str) -> int:
    connection = open_writer(path, False, MIGRATIONS)
    ((count,),) = connection.execute("select count(*) from snapshots").fetchall()
    connection.close()
    return count


async def test_what_comes_in_one_tick_shares_a_commit(path: str) -> None:
    writer, commits = open_counting(path)
    await asyncio.gather(*(writer.do(insert) for _ in range(GROUP_MAX)))
    assert len(commits) == 1
    await asyncio.gather(*(writer.do(insert) for _ in range(4 * GROUP_MAX + 1)))
    assert len(commits) == 1 + 5
    await writer.do(insert)
    assert len(commits) == 1 + 5 + 1
    await writer.close()
    assert rows(path) == 5 * GROUP_MAX + 2


async def test_one_submitter_pays_one_commit_each(path: str) -> None:
    writer, commits = open_counting(path)
    for _ in range(10):
        await writer.do(insert)
    assert len(commits) == 10
    await writer.close()


async def test_a_refusal_costs_only_itself(path: str) -> None:
    writer, commits = open_counting(path)

    def refuse(connection: Connection) -> None:
        insert(connection)
        raise VersionConflict

    outcomes = await asyncio.gather(writer.do(insert), writer.do(refuse), writer.do(insert), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), VersionConflict, type(None)]
    assert len(commits) == 1
    await writer.close()
    assert rows(path) == 2


async def test_closing_writes_what_is_queued_and_refuses_what_comes_later(path: str) -> None:
    writer, _ = open_counting(path)
    calls = [asyncio.ensure_future(writer.do(insert)) for _ in range(2 * GROUP_MAX)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*calls)
    await refused(StoreError, writer.do(insert))
    assert rows(path) == 2 * GROUP_MAX


async def test_closing_with_nothing_queued_waits_for_nobody(path: str) -> None:
    writer = Writer(open_writer(path, False, MIGRATIONS), path)
    other = open_writer(path, False, MIGRATIONS)
    other.execute("begin immediate")
    async with asyncio.timeout(BUSY_MS / 1000 / 2):
        await writer.close()
    other.close()


async def test_another_process_that_writes_does_not_stop_the_loop(path: str) -> None:
    writer, _ = open_counting(path)
    other = open_writer(path, False, MIGRATIONS)
    other.execute("begin immediate")
    call = asyncio.ensure_future(writer.do(insert))
    while not writer._in_thread:  # pyright: ignore[reportPrivateUsage]
        await asyncio.sleep(0)
    assert not call.done()
    also = asyncio.ensure_future(writer.do(insert))
    other.execute("commit")
    await asyncio.gather(call, also)
    other.close()
    await writer.close()
    assert rows(path) == 2


async def test_on_a_slow_disk_groups_are_written_in_the_thread(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.store.sqlite.writer.INLINE_SECONDS_MAX", 0.0)
    writer, commits = open_counting(path)
    await asyncio.gather(*(writer.do(insert) for _ in range(GROUP_MAX + 1)))
    assert len(commits) == 2
    assert not writer.others_wrote()
    await writer.close()
    assert rows(path) == GROUP_MAX + 1


async def test_what_is_long_is_written_in_the_thread(path: str) -> None:
    writer, _ = open_counting(path)
    on_the_loop: list[bool] = []

    def note(connection: Connection) -> None:
        on_the_loop.append(threading.current_thread() is threading.main_thread())
        insert(connection)

    for size in (INLINE_BYTES_MAX, INLINE_BYTES_MAX + 1, 0):
        await writer.land(note, Landing(), size)
    await writer.close()
    assert on_the_loop == [True, False, True]
    assert rows(path) == 3


async def test_who_gives_up_closing_it_keeps_nobody_waiting(path: str) -> None:
    writer, _ = open_counting(path)
    may_end = threading.Event()

    def take_long(connection: Connection) -> None:
        may_end.wait()
        insert(connection)

    first = writer.land(take_long, Landing(), INLINE_BYTES_MAX + 1)
    while not writer._in_thread:  # pyright: ignore[reportPrivateUsage]
        await asyncio.sleep(0)
    queued = [writer.land(insert, Landing(), 0) for _ in range(2)]
    closing = asyncio.ensure_future(writer.close())
    await asyncio.sleep(0)
    closing.cancel()
    may_end.set()
    await asyncio.wait([closing])
    for landing in queued:
        with pytest.raises(StoreError, match="closed"):
            await landing
    await first
    assert rows(path) == 1


async def test_who_gives_up_closing_it_between_two_groups_leaves_no_third(path: str) -> None:
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
    writer, commits = open_counting(path)
    closing = asyncio.ensure_future(writer.close())
    *_, last = [writer.land(insert, Landing(), 0) for _ in range(3 * GROUP_MAX)]
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    with pytest.raises(StoreError, match="closed"):
        await last
    await asyncio.sleep(0)
    assert (len(commits), rows(path), problems) == (2, 2 * GROUP_MAX, [])


async def test_a_full_disk_fails_the_group_whole_and_the_next_one_succeeds(path: str, disk: Disk) -> None:
    writer, _ = open_counting(path)
    await writer.do(insert)
    disk.failing = "write"
    outcomes = await asyncio.gather(writer.do(insert), writer.do(insert), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreError] * 2
    assert "is full" in str(outcomes[0])
    disk.failing = None
    await writer.do(insert)
    await writer.close()
    assert rows(path) == 2


async def test_a_failed_sync_breaks_the_store_for_good(path: str, disk: Disk) -> None:
    writer, _ = open_counting(path)
    await writer.do(insert)
    disk.failing = "sync log"
    outcomes = await asyncio.gather(writer.do(insert), writer.do(insert), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreBroken] * 2
    disk.failing = None
    disk.calls.clear()
    await refused(StoreBroken, writer.do(insert))
    with pytest.raises(StoreBroken):
        writer.check()
    await writer.close()
    assert "sync log" not in disk.calls
    assert "sync database" not in disk.calls


async def test_a_sync_that_fails_in_a_checkpoint_breaks_the_store_too(path: str, disk: Disk) -> None:
    writer, _ = open_counting(path)
    disk.failing = "sync database"
    big = b"x" * 5_000_000

    # This commit is durable in the log, so it is acknowledged; the checkpoint after it fails.
    await writer.do(lambda connection: connection.execute(INSERT, (1, big)))
    await refused(StoreBroken, writer.do(insert))
    await writer.close()
    disk.failing = None
    assert rows(path) == 1


async def test_full_syncs_the_log_for_each_group(path: str, disk: Disk) -> None:
    writer, _ = open_counting(path)
    disk.calls.clear()
    await asyncio.gather(*(writer.do(insert) for _ in range(10)))
    assert disk.calls.count("sync log") == 2  # the first time, the log's header too
    await asyncio.gather(*(writer.do(insert) for _ in range(10)))
    assert disk.calls.count("sync log") == 3
    await writer.close()


async def test_the_log_starts_anew_once_it_is_long(path: str) -> None:
    writer, _ = open_counting(path)
    for _ in range(40):
        await writer.do(lambda connection: connection.execute(INSERT, (1, b"x" * 500_000)))
    assert Path(f"{path}-wal").stat().st_size < 8_000_000
    await writer.close()

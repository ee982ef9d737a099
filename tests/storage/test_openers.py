"""Who else has the file, and what others do to it meanwhile."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pectin import Engine, EngineStopped
from pectin.ports.store import Find, Store, StoreBroken, StoreBusy, StoreError
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from pectin.testing.store_contract.sample import ready, refused, started, step, version
from tests.runtime.sample import ZERO, add, asking, chain

ENDINGS = ("", "-wal", "-shm")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pectin.db"


# -- two at once -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pectin.db", "symlink.db", "way/pectin.db", "way/way/pectin.db", "fd"])
async def test_a_second_engine_is_refused_whatever_it_calls_the_file(name: str, path: Path) -> None:
    (path.parent / "symlink.db").symlink_to(path)
    (path.parent / "way").symlink_to(path.parent)
    async with Engine(path, workflows=[chain(add)]) as first:
        file = os.open(path, os.O_RDONLY)
        other = f"/proc/self/fd/{file}" if name == "fd" else path.parent / name
        with pytest.raises(StoreBusy) as caught:
            async with Engine(other, workflows=[chain(add)]):
                pass
        os.close(file)
        assert str(caught.value) == (
            f"An engine (process {os.getpid()}) has {path}. Stop it, or use another store; "
            "commands that decide, cancel or list work beside it."
        )
        assert await (await first.start(chain(add), ZERO)).result() == {"n": 1}


async def test_a_file_with_two_names_is_refused(path: Path) -> None:
    await SqliteStore(str(path)).close()
    other = path.with_name("hard.db")
    other.hardlink_to(path)
    for name in (path, other):
        with pytest.raises(StoreError) as caught:
            SqliteStore(str(name))
        assert str(caught.value) == (
            f"{name} has 2 names (hard links), and what is written under one is missing under the other. "
            "Delete all but one, or copy the file."
        )
    other.unlink()
    await SqliteStore(str(path)).close()


async def test_a_visitor_works_beside_an_engine(path: Path) -> None:
    workflow = asking()
    async with Engine(path, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await engine.idle()
        store = SqliteStore(str(path), must_exist=True)
        visitor = Visitor(store)
        assert [summary.execution for summary in await visitor.list(Find())] == [execution.id]
        assert (await visitor.read(execution.id)).run.version > 1
        await store.close()
        await execution.approve("review", by="me")
        assert await execution.result() == {"n": 2}


# -- files that are taken away -----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_store_notices_that_a_file_of_its_is_deleted(ending: str, path: Path) -> None:
    store, fence = await ready(lambda: SqliteStore(str(path)))
    execution = await started(store, fence)
    Path(f"{path}{ending}").unlink()
    with pytest.raises(StoreBroken) as caught:
        await until_noticed(store)
    assert str(caught.value) == (
        f"{path}{ending} was deleted while the store was open, and what is written now would be lost. "
        "Stop all that use it, see to its files, and start anew."
    )
    await refused(StoreBroken, store.commit(step(execution, 2, fence)))
    await refused(StoreBroken, store.load(execution))
    await store.close()
    if ending:  # the log, or its index: then all that was acknowledged has been saved
        store = SqliteStore(str(path))
        assert await version(store, execution) == 2
        await store.close()


async def test_a_commit_is_refused_once_a_file_is_gone(path: Path) -> None:
    """Also by a store that nobody asks whether something has changed."""
    store, fence = await ready(lambda: SqliteStore(str(path)))
    execution = await started(store, fence)
    Path(f"{path}-wal").unlink()
    acked = [2]

    async def commit_for_ever() -> None:
        while True:
            await store.commit(step(execution, acked[-1], fence))
            acked.append(acked[-1] + 1)

    await refused(StoreBroken, commit_for_ever())
    await store.close()
    again = SqliteStore(str(path))
    assert await version(again, execution) == acked[-1], "what was acknowledged has been saved"
    await again.close()


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_store_notices_that_a_file_of_its_is_replaced(ending: str, path: Path) -> None:
    await SqliteStore(str(path.with_name("other.db"))).close()
    store, _ = await ready(lambda: SqliteStore(str(path)))
    (path.with_name("other.db") if not ending else write(path.with_name("new"))).rename(f"{path}{ending}")
    replaced = Path(f"{path}{ending}").read_bytes()
    with pytest.raises(StoreBroken, match=f"pectin.db{ending} was replaced while the store was open"):
        await until_noticed(store)
    await store.close()
    assert Path(f"{path}{ending}").read_bytes() == replaced, "it was left alone"


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_engine_stops_when_a_file_is_deleted(
    ending: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workflow = asking()
    async with Engine(path, workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await engine.idle()
        Path(f"{path}{ending}").unlink()
        with pytest.raises(EngineStopped, match=f"pectin.db{ending} was deleted while the store was open"):
            await asyncio.wait_for(execution.result(), 10)
        with pytest.raises(EngineStopped, match="was deleted"):
            await engine.start(workflow, ZERO)
    assert f"the engine stops: {path}{ending} was deleted" in caplog.text
    if ending:
        async with Engine(path, workflows=[workflow]) as engine:
            again = await engine.execution(execution.id, workflow)
            await again.approve("review", by="me")
            assert await again.result() == {"n": 2}


async def until_noticed(store: Store) -> None:
    while True:
        store.changed()
        await asyncio.sleep(0)


def write(path: Path) -> Path:
    path.write_bytes(b"something else")
    return path


# -- files that can't be used ------------------------------------------------------------------------------

OPEN_AS_ANYBODY = """
import asyncio, os, sys
from pectin.ports.store import StoreError
from pectin.store.sqlite import SqliteStore

async def main():
    try:
        store = SqliteStore(sys.argv[1])
        await store.take()
    except StoreError as error:
        print(error)

if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("file", "directory", "words"),
    [
        (0o444, 0o777, "{path} can't be written to. Check the permissions of the file and its directory."),
        (0o000, 0o777, "{path} can't be opened. Check that its directory exists and may be written to."),
        (0o666, 0o555, "{path} can't be written to. Check the permissions of the file and its directory."),
        (0o666, 0o000, "{path} can't be opened: Permission denied. Name another file."),
        (None, 0o555, "{path} can't be opened. Check that its directory exists and may be written to."),
    ],
)
async def test_what_may_not_be_written_is_refused(file: int | None, directory: int, words: str, place: Path) -> None:
    place.chmod(0o755)
    home = place / "home"
    home.mkdir()
    path = home / "pectin.db"
    if file is not None:
        await SqliteStore(str(path)).close()
        path.chmod(file)
    home.chmod(directory)
    command = [sys.executable, "-c", OPEN_AS_ANYBODY, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    home.chmod(0o755)
    assert told.stderr == ""
    assert told.stdout.strip() == words.format(path=path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 300, "can't be opened: File name too long. Name another file."),
        ("loop", "can't be opened: Too many levels of symbolic links. Name another file."),
        ("home", "is a directory. Name a file in it."),
        ("file/pectin.db", "can't be made: File exists. Name another place."),
        ("nul\0.db", "holds a NUL character. Name another file."),
    ],
)
def test_what_is_no_place_is_refused(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "home").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        SqliteStore(str(tmp_path / name))
    assert str(caught.value).endswith(words)

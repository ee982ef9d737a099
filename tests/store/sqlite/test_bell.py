"""The bell: who writes beside an engine is heard at once, and an engine without one looks by itself."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from threading import Event

import pytest

from pectin.ports.store import Message
from pectin.store.sqlite import SqliteStore, bell, writer
from pectin.store.sqlite.bell import Bell, Ringer, Silence, hang_bell
from tests.store.sqlite.forked import forked_child

LATE = 1_000.0
HAS_BELLS = sys.platform == "linux"
"""Elsewhere an engine looks by itself, and all the same holds."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file, whose engine wouldn't look by itself while a test lasts."""
    monkeypatch.setattr(bell, "LOOK_ANYWAY_SECONDS", LATE)
    path = tmp_path / "store.db"
    path.touch()
    return str(path)


async def heard(rung: Bell | Silence | SqliteStore) -> None:
    async with asyncio.timeout(10):
        await (rung.news() if isinstance(rung, SqliteStore) else rung.rung())


async def test_a_ring_is_heard_also_if_it_came_before_somebody_listened(file: str) -> None:
    listening, ringer = hang_bell(file), Ringer(file)
    ringer.ring()
    await heard(listening)
    waiting = asyncio.ensure_future(heard(listening))
    await asyncio.sleep(0)
    assert not waiting.done()
    ringer.ring()
    ringer.ring()
    await waiting
    ringer.close()
    listening.close()


async def test_it_looks_now_and_then_without_a_ring(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "LOOK_ANYWAY_SECONDS", 0.01)
    listening = hang_bell(file)
    await heard(listening)
    listening.close()


async def test_one_engine_has_the_bell_and_leaves_nothing(file: str) -> None:
    listening = hang_bell(file)
    assert isinstance(listening, Bell) is HAS_BELLS
    assert isinstance(hang_bell(file), Silence)
    listening.close()
    again = hang_bell(file)
    assert isinstance(again, Bell) is HAS_BELLS
    again.close()
    assert [path.name for path in Path(file).parent.iterdir()] == ["store.db"]


@pytest.mark.parametrize("gone", [False, True])
def test_to_ring_where_nobody_hears_is_no_error(file: str, gone: bool) -> None:
    if gone:
        Path(file).unlink()
    ringer = Ringer(file)
    ringer.ring()
    ringer.ring()
    ringer.close()


async def test_more_rings_than_a_socket_holds_keep_nobody_waiting(file: str) -> None:
    listening, ringer = hang_bell(file), Ringer(file)
    for _ in range(10_000):
        ringer.ring()
    await heard(listening)
    ringer.close()
    listening.close()


async def test_an_engine_hears_who_writes_beside_it(file: str) -> None:
    engine = SqliteStore(file)
    await engine.take()
    visitor = SqliteStore(file)
    engine.changed()
    hearing = asyncio.ensure_future(heard(engine))
    await asyncio.sleep(0)
    await visitor.send(Message(name="go", correlation="", payload=b"null", sent_at=1))
    await hearing
    assert engine.changed()
    await visitor.close()
    await engine.close()


@pytest.mark.parametrize("refusal", [OSError("no such sockets"), PermissionError("not here")])
async def test_without_a_bell_it_looks_by_itself(file: str, refusal: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> socket.socket:
        raise refusal

    monkeypatch.setattr(socket, "socket", refuse)
    engine = SqliteStore(file)
    await engine.take()
    await heard(engine)
    visitor = SqliteStore(file)
    await visitor.send(Message(name="go", correlation="", payload=b"null", sent_at=1))
    assert engine.changed()
    await visitor.close()
    await engine.close()


def test_a_store_is_heard_in_one_loop_after_the_other(file: str) -> None:
    listening, ringer = hang_bell(file), Ringer(file)
    for _ in range(2):
        ringer.ring()
        asyncio.run(heard(listening))
    ringer.close()
    listening.close()


async def test_what_could_not_be_seen_is_looked_at_as_if_it_were_rung(file: str) -> None:
    listening = hang_bell(file)
    waiting = asyncio.ensure_future(heard(listening))
    await asyncio.sleep(0)
    listening.wake()
    await waiting
    listening.close()


async def test_who_rings_without_end_lets_others_have_the_loop(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard_at_most = 10_000
    rings = 0

    class Insistent(socket.socket):
        def recv(self, _size: int, _flags: int = 0, /) -> bytes:
            """It stays to be read."""
            nonlocal rings
            rings += 1
            if rings > heard_at_most:
                raise BlockingIOError
            return b""

    monkeypatch.setattr(bell, "GATHER_SECONDS", 0)
    monkeypatch.setattr(socket, "socket", Insistent)
    listening, ringer = hang_bell(file), Ringer(file)
    ringer.ring()
    await heard(listening)
    assert rings < heard_at_most
    ringer.close()
    listening.close()


def test_a_forked_child_does_not_keep_the_bell(file: str) -> None:
    listening = hang_bell(file)
    with forked_child():
        listening.close()
        again = hang_bell(file)
    assert isinstance(again, Bell) is HAS_BELLS
    again.close()


async def test_what_another_wrote_is_seen_when_the_engines_own_group_is_through(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "INLINE_SECONDS_MAX", 0.0)
    writes, may_go_on = Event(), Event()
    message = Message(name="go", correlation="", payload=b"null", sent_at=1)

    def wait() -> None:
        writes.set()
        may_go_on.wait(10)

    may_go_on.set()
    engine, visitor = SqliteStore(file, before_commit=wait), SqliteStore(file)
    await engine.take()
    engine.changed()
    hearing = asyncio.ensure_future(heard(engine))
    await asyncio.sleep(0)
    await visitor.send(message)
    writes.clear()
    may_go_on.clear()
    sending = asyncio.ensure_future(engine.send(message))
    await asyncio.to_thread(writes.wait, 10)
    await hearing
    assert not engine.changed()
    hearing = asyncio.ensure_future(heard(engine))
    await asyncio.sleep(0)
    assert not hearing.done()
    may_go_on.set()
    await sending
    await hearing
    assert engine.changed()
    await visitor.close()
    await engine.close()

"""The bell of a store: who writes beside an engine rings it, so that the engine needn't look for that all the time.

It is a datagram socket in Linux's abstract namespace, named after the store's file: it leaves nothing on the disk, and
goes with its process. A ring says no more than "look": any program on the machine can ring, and one that is lost costs
a moment, because the engine looks every now and then by itself. Where there is no such socket it looks more often.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from weakref import WeakSet

LOOK_ANYWAY_SECONDS = 0.1
"""How often an engine with a bell looks anyway: somebody may write who can't ring, from another container say."""

GATHER_SECONDS = 0.001
"""How long it waits for more after a ring: who rings without end must not make it look without end."""

RINGS_AT_ONCE = 64
"""What is left is heard in the next turn of the loop."""

LOOK_SECONDS = 0.02
"""How often an engine without a bell looks."""


class Bell:
    """An engine's end of it. Raises `OSError` where there can be none, or another has it."""

    def __init__(self, path: str) -> None:
        self._socket = _open()
        try:
            self._socket.bind(_name(path))
        except OSError:
            self._socket.close()
            raise
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()
        _hung.add(self)

    async def rung(self) -> None:
        """Return when it was rung since the last time, and every now and then."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # a store may be used in one loop after the other
            self._loop, self._rung = loop, asyncio.Event()
            loop.add_reader(self._socket, self._hear)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_ANYWAY_SECONDS):
                await self._rung.wait()
                await asyncio.sleep(GATHER_SECONDS)
        self._rung.clear()

    def wake(self) -> None:
        """As if it were rung."""
        self._rung.set()

    def close(self) -> None:
        """Take it away."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
        self._socket.close()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(RINGS_AT_ONCE):
                self._socket.recv(1)
                self._rung.set()


_hung: WeakSet[Bell] = WeakSet()


def _let_go() -> None:
    """In a forked child: it would keep the bell from the next engine."""
    for bell in list(_hung):
        bell._socket.close()  # pyright: ignore[reportPrivateUsage] # the loop's selector is the parent's


os.register_at_fork(after_in_child=_let_go)


class Silence:
    """In place of a bell, where there can be none."""

    async def rung(self) -> None:
        """Return every now and then."""
        await asyncio.sleep(LOOK_SECONDS)

    def wake(self) -> None:
        """It looks soon anyway."""

    def close(self) -> None:
        """Nothing is there."""


def hang_bell(path: str) -> Bell | Silence:
    """The bell of the store at `path`, for its engine."""
    try:
        return Bell(path)
    except OSError:
        return Silence()


class Ringer:
    """The other end: whoever writes beside an engine."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def ring(self) -> None:
        """Let the engine look, if there is one that hears."""
        with suppress(OSError):
            if self._socket is None:
                self._socket = _open()
            self._socket.sendto(b"", _name(self._path))

    def close(self) -> None:
        """Ring no more."""
        if self._socket is not None:
            self._socket.close()


def _open() -> socket.socket:
    if sys.platform != "linux":
        raise OSError("only Linux has sockets without a file")
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    opened.setblocking(False)
    return opened


def _name(path: str) -> bytes:
    found = os.stat(path)
    return f"\0pectin-bell-{found.st_dev:x}-{found.st_ino:x}".encode()

"""The world outside: a process that writes every effect down, durably, before it answers. It is believed at the end.

It serves one caller after another, in the order in which they came, so that what a dead process has asked for is done
before anybody can ask whether it was. Bodies call it through `world`.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.torture.journal import read_lines
from tests.torture.process import Tell

SOCKET = "ledger.sock"
CALLER_SECONDS_MAX = 1.0
"""How long the ledger waits for a caller to say what it wants: it may have been stopped."""


def serve(place: Path, tell: Tell, *, forgets: bool = False) -> int:
    """Be the ledger of `place`, for ever. One that `forgets` doesn't know its idempotency keys."""
    file = os.open(place / "ledger", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    known = {(line["effect"], line["key"]) for line in read_lines(place / "ledger")}
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(place)  # a socket's path has to be short
        server.bind(SOCKET)
        server.listen(512)
        tell({"open": True})
        while True:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.settimeout(CALLER_SECONDS_MAX)
                asked = _read(caller)
                if asked is None:
                    continue
                happened = (asked["effect"], asked["key"]) in known
                if not asked.pop("asks", False):
                    known.add((asked["effect"], asked["key"]))
                    is_repeat = asked["effect"] == "keyed" and happened and not forgets
                    os.write(file, b"\n" + json.dumps({**asked, "is_repeat": is_repeat}).encode())
                    os.fsync(file)
                caller.sendall(json.dumps({"happened": happened}).encode() + b"\n")


def _read(connection: socket.socket) -> dict[str, Any] | None:
    """One line, or None if the other side has gone before its end."""
    line = b""
    while not line.endswith(b"\n"):
        part = connection.recv(4096)
        if not part:
            return None
        line += part
    return json.loads(line)


class World:
    """What bodies and people see of it. Without a place there is none: bodies do nothing then. Where nobody is to be
    killed it `is_hurried`, and bodies don't take their time."""

    def __init__(self) -> None:
        self.place: Path | None = None
        self.is_hurried = False
        self.after_effect: Callable[[str], None] = lambda _: None

    def enter(self, place: Path) -> None:
        """Be in this world, with the whole process."""
        self.place = place
        os.chdir(place)

    def effect(self, effect: str, key: str, number: int) -> None:
        """Have an effect. Once it is written down, the ledger knows its key."""
        if self.place is not None:
            self._ask({"effect": effect, "key": key, "number": number})
            self.after_effect(effect)

    def happened(self, effect: str, key: str) -> bool:
        """Whether an effect with this key was written down."""
        return self.place is not None and self._ask({"effect": effect, "key": key, "asks": True})["happened"]

    def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        """Ask until there is an answer. Without one nothing was written: the caller stood still for too long."""
        while True:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as ledger:
                ledger.connect(SOCKET)
                ledger.sendall(json.dumps(what).encode() + b"\n")
                if (answer := _read(ledger)) is not None:
                    return answer

    def work(self) -> None:
        """A few milliseconds of it, by syncing a file, as real work would, so that kills fall into the middle."""
        if self.place is None or self.is_hurried:
            return
        file = os.open(self.place / "work", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        for _ in range(3):
            os.write(file, b"work\n")
            os.fsync(file)
        os.close(file)


world = World()

"""What every engine is asked to do, ours too: the same four workloads by the same five calls.

A peer says what it did, not how long it took: the worker looks at the clock, and the asking side at the result.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

STEPS = 10
"""The length of each chain in `many`."""
BRANCHES = 100
"""The width of a fan-out."""


class Peer(Protocol):
    """One engine, with its state in one folder. Each step is an empty async function, or as near to it as it has."""

    async def open(self, folder: Path) -> str:
        """Start, with a server if it needs one; its versions, for the table."""
        ...

    async def sequential(self, steps: int) -> int:
        """One execution of so many steps, each durable before the next; how many it counted."""
        ...

    async def many(self, executions: int) -> int:
        """So many executions at once, of `STEPS` steps each; how many steps they counted in all."""
        ...

    async def fan_out(self, executions: int) -> int:
        """So many executions one after another, of `BRANCHES` branches and a join; how many branches arrived."""
        ...

    async def park(self, executions: int) -> Sequence[str]:
        """Let so many executions come to wait for an event; their ids."""
        ...

    async def wake(self, id: str) -> None:
        """Send the event to one that waits, and see the result of the step behind it."""
        ...

    async def close(self) -> None:
        """Stop all that was started."""
        ...


class Gate:
    """Opens when so many have come: how a peer whose executions wait in this process knows that they do."""

    def __init__(self) -> None:
        self.arrived = 0

    def arrive(self) -> None:
        """One more waits, or is about to."""
        self.arrived += 1

    async def until(self, arrived: int) -> None:
        """Return when so many have come since the beginning. They may come in another thread's loop."""
        while self.arrived < arrived:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server in a process of its own, which ends with the peer."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)

    def wait_for_port(self, port: int, seconds: float = 60) -> None:
        """Return when it listens. Raises `RuntimeError` with the end of its log if it ends before, or is too slow."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server does not listen: …{self._log.read_text('utf-8', 'replace')[-400:]}")

    def stop(self, seconds: float = 20) -> None:
        """Ask it to end, and end it if it doesn't."""
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

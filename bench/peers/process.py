"""A peer in its process, from the asking side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bench.interpreter import environment

CALL_SECONDS = 600
STOP_SECONDS = 40
LINE_BYTES = 1 << 20


class PeerFailed(Exception):
    """A peer did not do what it was asked."""


@dataclass(frozen=True)
class Answer:
    """What a peer says it did, and in how many seconds."""

    value: Any
    seconds: float


class Worker:
    """One peer at work. It and all that it starts are one group of processes, which ends with it."""

    def __init__(self, process: Process, log: Path, output: BinaryIO) -> None:
        self._process = process
        self._log = log
        self._output = output
        self.versions = ""

    @classmethod
    async def start(cls, name: str, python: Path, folder: Path, prefix: Sequence[str] = ()) -> Worker:
        """Start one, in a new folder of its own. Raises `PeerFailed`."""
        log = folder / "worker.log"
        output = _new(log)
        process = await asyncio.create_subprocess_exec(
            *(*prefix, str(python), "-m", "bench.peers.worker", name, str(folder)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=output,
            env={**environment(), "LANGSMITH_TRACING": "false"},
            cwd=folder,
            start_new_session=True,
            limit=LINE_BYTES,
        )
        worker = cls(process, log, output)
        try:
            worker.versions = str((await worker._answer()).value)
        except BaseException:
            await worker.stop()
            raise
        return worker

    async def ask(self, call: str, count: int) -> Answer:
        """Let it do something. Raises `PeerFailed` if it says so, ends, or takes too long."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # then it has ended, and there is no answer
            self._process.stdin.write(json.dumps({"call": call, "count": count}).encode() + b"\n")
            await self._process.stdin.drain()
        return await self._answer()

    async def _answer(self) -> Answer:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(CALL_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise PeerFailed(f"no answer within {CALL_SECONDS} s") from None
        if not line:
            said = self._log.read_text("utf-8", "replace").strip().splitlines()
            raise PeerFailed(f"its process has ended: {said[-1] if said else 'it said nothing'}")
        found: dict[str, Any] = json.loads(line)
        if "error" in found:
            raise PeerFailed(str(found["error"]))
        return Answer(found["value"], found["seconds"])

    def memory_kb(self) -> float | None:
        """What its processes have in memory together, or None where the system doesn't tell."""
        return memory_kb_of_group(self._process.pid)

    async def stop(self) -> None:
        """Let it end, and end what is left of it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._output.close()


def _new(file: Path) -> BinaryIO:
    file.parent.mkdir(parents=True)
    return file.open("wb")


def memory_kb_of_group(group: int, processes: Path = Path("/proc")) -> float | None:
    """The resident memory of all processes of a group."""
    pages: list[int] = []
    for stat in processes.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[2]) == group:
                pages.append(int(fields[21]))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1024 if pages else None

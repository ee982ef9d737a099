"""A peer in its process: Pectin itself, and some that fail."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

import pectin
from bench.interpreter import PYTHON
from bench.measure import Bench
from bench.peers.known import OURS
from bench.peers.peer import BRANCHES, STEPS, Server, free_port
from bench.peers.process import PeerFailed, Worker, memory_kb_of_group
from bench.peers.turns import contest


async def test_pectin_beside_itself(tmp_path: Path) -> None:
    ours = await Worker.start(OURS, Path(PYTHON), tmp_path / "ours")
    peer = await Worker.start(OURS, Path(PYTHON), tmp_path / "peer")
    try:
        assert ours.versions == pectin.__version__
        with Bench(tmp_path, scale=100).raw() as raw:
            our_turns, turns, failure = await contest(ours, peer, raw, rounds=1, scale=100)
    finally:
        await ours.stop()
        await peer.stop()
    assert failure == ""
    keys = ["sequential", "many", "fan-out", "parked-memory", "wake-p50"]
    assert [measure.key for measure in turns.measures()] == keys
    assert [measure.key for measure in our_turns.measures()] == keys


async def test_a_worker_says_what_it_did_and_what_it_can_not(tmp_path: Path) -> None:
    worker = await Worker.start(OURS, Path(PYTHON), tmp_path / "ours")
    try:
        assert (await worker.ask("many", 3)).value == 3 * STEPS
        assert (await worker.ask("fan_out", 1)).value == BRANCHES
        with pytest.raises(PeerFailed, match=r"^IndexError"):
            await worker.ask("wake", 1)
        with pytest.raises(PeerFailed, match=r"^ValueError: there is no call 'sleep'$"):
            await worker.ask("sleep", 1)
        assert (await worker.ask("sequential", 5)).value == 5
    finally:
        await worker.stop()


async def test_a_peer_that_can_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(PeerFailed, match=r"^its process has ended: KeyError: 'nobody'$"):
        await Worker.start("nobody", Path(PYTHON), tmp_path / "nobody")


async def test_what_a_peer_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = tmp_path / "python"
    script.write_text(
        f'#!/bin/sh\nsleep 3600 > {pipe} &\necho \'{{"value": "1", "seconds": 0}}\'\ncat > {tmp_path}/x\n'
    )
    script.chmod(0o755)
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        await (await Worker.start("any", script, tmp_path / "any")).stop()
        assert select.select([held], [], [], 30)[0] == [held], "somebody still holds its other end"
        assert os.read(held, 1) == b""
    finally:
        os.close(held)


def test_the_memory_of_a_group_is_that_of_its_processes(tmp_path: Path) -> None:
    for pid, group, pages in ((1, 1, 100), (7, 7, 10), (8, 7, 5)):
        (tmp_path / str(pid)).mkdir()
        rest = " ".join("0" for _ in range(18))
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a) b) S 1 {group} {rest} {pages} 0\n")
    assert memory_kb_of_group(7, tmp_path) == 15 * os.sysconf("SC_PAGE_SIZE") / 1024
    assert memory_kb_of_group(9, tmp_path) is None


def test_a_server_that_ends_says_why(tmp_path: Path) -> None:
    server = Server(["sh", "-c", "echo no room; exit 1"], tmp_path / "log", os.environ)
    with pytest.raises(RuntimeError, match="the server does not listen: …no room"):
        server.wait_for_port(free_port())
    server.stop()

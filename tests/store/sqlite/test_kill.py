"""Acked is durable: a process that commits is killed with SIGKILL at random moments, again and again."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from pectin.core.identity import ExecutionId
from pectin.store.sqlite import SqliteStore

KILLS = 25
COMMITTER = Path(__file__).with_name("committer.py")


async def test_every_acknowledged_commit_is_there_after_any_kill(tmp_path: Path) -> None:
    path = str(tmp_path / "pectin.db")
    moment = random.Random(20)
    for _ in range(KILLS):
        acked = _commit_until_killed(path, after=moment.randrange(1, 3_000))
        assert acked
        await _assert_all_there(path, acked)


def _commit_until_killed(path: str, after: int) -> dict[ExecutionId, int]:
    """The versions that were acknowledged before the kill, which comes after about so many of them."""
    acked: dict[ExecutionId, int] = {}
    with subprocess.Popen([sys.executable, COMMITTER, path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for nth, line in enumerate(child.stdout):
            if nth == after:
                child.kill()
            execution, version = line.split()
            acked[ExecutionId.parse(execution)] = int(version)
    assert child.returncode == -9
    return acked


async def _assert_all_there(path: str, acked: dict[ExecutionId, int]) -> None:
    store = SqliteStore(path, must_exist=True)
    await store.take()  # the dead process's lock is gone
    for execution, version in acked.items():
        stored = await store.load(execution)
        assert stored is not None
        # At most the one commit that was on its way is more than was acknowledged.
        assert version <= stored.version <= version + 1
        assert [row.seq for row in stored.rows] == [1, *range(3, stored.version + 1)]
        assert [row.settles for row in stored.rows[1:]] == [f"work:{row.seq - 1}" for row in stored.rows[1:]]
    await store.close()

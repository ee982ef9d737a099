"""A process that is cut inside a commit has begun to write it, and nobody who goes on sees a part of it.

Who comes after all have died finds the commit if all of it is in the log; a neighbour that lives on does not, since
the dead one never said so in the log's index. Either will do: nothing was acknowledged.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.torture.inside import Does, Where

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys, json, apsw
from tests.torture.inside import Inside, cut_files
path, does, number, where = sys.argv[1:]
inside = Inside(file="log", does=does, number=int(number), where=where)
with cut_files(inside, lambda told: print(json.dumps(told), flush=True)):
    connection = apsw.Connection(path)
    connection.pragma("synchronous", "FULL")
    connection.execute("begin immediate; insert into rows values (zeroblob(9000)); commit")
"""
FIRST, LAST, SYNC = ("write", 1), ("write", 8), ("sync", 1)


@pytest.mark.parametrize(
    ("operation", "where", "rows"),
    [
        (FIRST, "before", 0),
        (FIRST, "after", 0),
        (("write", 2), "amid", 0),
        (LAST, "amid", 0),
        (LAST, "after", 1),
        (SYNC, "before", 1),
        (SYNC, "after", 1),
    ],
)
def test_a_process_dies_inside_a_commit(tmp_path: Path, operation: tuple[Does, int], where: Where, rows: int) -> None:
    path, log = tmp_path / "a.db", tmp_path / "a.db-wal"
    neighbour: Any = apsw.Connection(str(path))
    neighbour.pragma("journal_mode", "WAL")
    neighbour.execute("create table rows (x)")
    length = log.stat().st_size
    command = (sys.executable, "-c", SCRIPT, str(path), *map(str, operation), where)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert json.loads(done.stdout)["inside"]["where"] == where
    has_written = log.stat().st_size > length
    assert has_written is (operation != FIRST or where != "before")
    (tmp_path / "later").mkdir()
    for file in (path, log):
        shutil.copy(file, tmp_path / "later" / file.name)
    later: Any = apsw.Connection(str(tmp_path / "later" / "a.db"))
    for connection, count in ((neighbour, 0), (later, rows)):
        assert connection.execute("select count(*) from rows").fetchall() == [(count,)]
        connection.close()

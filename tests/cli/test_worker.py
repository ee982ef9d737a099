"""`pectin worker`."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, REFUND, SLOW, write

Spawn = Callable[..., subprocess.Popen[str]]


def test_it_does_what_there_is_to_do_and_says_so(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    for order in ("A", "B"):
        pectin("run", file, "--input", f'{{"order": "{order}"}}', "--key", order)
    pectin("approve", "A")
    said = pectin("worker", file, "--until-idle")
    assert said.code == 0
    assert said.err.startswith("works on refund 1.0.0 · .pectin/pectin.db\n")
    assert "✓ refund · A · …" in said.err
    assert "completed in " in said.err
    assert " · B · " not in said.err, "nothing of it was to do"
    assert pectin("worker", write(folder, "empty.py", "")).code == 2


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A")
    pectin("reject", "A")
    lines = pectin("worker", file, "--until-idle", "--json").lines
    assert lines[-1] == {"type": "outcome", "exit_code": 0}


def test_a_signal_hands_work_back(spawn: Spawn, pectin: Pectin, folder: Path) -> None:
    run = spawn("run", write(folder, "slow.py", SLOW), "--key", "s")
    _until(folder / "began", run)
    run.kill()
    run.wait()
    (folder / "began").unlink()
    worker = spawn("worker", "slow.py")
    _until(folder / "began", worker)
    assert worker.stderr is not None
    told = [worker.stderr.readline(), worker.stderr.readline()]
    worker.send_signal(signal.SIGTERM)
    _, shown = worker.communicate()
    assert worker.returncode == 143
    assert "↻ slow · s · …" in told[1]
    assert "stopped: what was running is handed back" in shown
    kinds = [line["type"] for line in pectin("events", "s", "--json").lines]
    assert kinds.count("attempt_interrupted") == 2


def test_an_engine_at_a_time(spawn: Spawn, pectin: Pectin, folder: Path) -> None:
    worker = spawn("worker", write(folder, "add.py", ADD))
    while (said := pectin("list")).code == 6:
        assert worker.poll() is None, said
    assert worker.stderr is not None
    worker.stderr.readline()
    busy = pectin("run", "add.py")
    assert busy.code == 6
    assert f"process {worker.pid}" in busy.err


def _until(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None

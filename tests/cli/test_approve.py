"""`pectin approve`, beside an engine and without one."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import OFFER, REFUND, write

ORDER = ("--input", '{"order": "A-1042"}', "--key", "A-1042")


def test_it_says_that_nothing_runs_it_yet_and_what_does(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, *ORDER)
    said = pectin("approve", "A-1042", "review", "--by", "finance", "--comment", "ok")
    assert said.code == 0
    assert said.out.startswith(
        "A-1042: approved by finance\nIs ready, but nothing runs it: no engine has this store open.\n"
    )
    resume, work = said.commands()
    assert work == ["worker", "refund.py"]
    done = pectin(*resume)
    assert done.code == 0
    assert "approved by finance: ok" in done.err


def test_twice_is_nothing_to_do_and_something_else_is_refused(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), *ORDER)
    assert pectin("approve", "A-1042", "--by", "finance").code == 0
    again = pectin("approve", "A-1042")
    assert (again.code, again.out.splitlines()[0]) == (0, "nothing to do: review was approved by finance before")
    late = pectin("reject", "A-1042")
    assert late.code == 5
    assert "`review` was approved by finance before" in late.err
    assert pectin("approve", "A-1042", "nix").code == 5


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), *ORDER)
    first = pectin("approve", "A-1042", "--json").json
    assert first["answer"] == {"type": "done"}
    assert first["execution"]["status"] == "running"
    again = pectin("approve", "A-1042", "--json").json
    assert again["answer"]["type"] == "already"
    assert again["answer"]["by"] == getpass.getuser()


def test_beside_an_engine_it_goes_on_at_once(
    pectin: Pectin, spawn: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, *ORDER)
    worker = spawn("worker", file)
    while "Waits for a person: `review`, asked" not in pectin("why", "A-1042").out:
        assert worker.poll() is None
    while (folder / ".pectin/pectin.db-engine.lock").read_text().strip() != str(worker.pid):
        os.sched_yield()
    said = pectin("approve", "A-1042")
    assert (said.code, said.out.count("\n")) == (0, 1), said.out
    follow = spawn("events", "A-1042", "--follow")
    out, _ = follow.communicate(timeout=20)
    assert "execution_ended" in out
    assert pectin("list", "--json").json[0]["status"] == "completed"


def test_new_values_go_with_it(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "offer.py", OFFER)
    waiting = pectin("run", file, "--key", "O")
    assert "  what can be changed, with --set KEY=JSON: amount 100, note null\n" in waiting.err
    assert "    what can be changed, with --set KEY=JSON: amount 100, note null\n" in pectin("why", "O").out
    assert pectin("approve", "O", "--set", "amuont=5").code == 5
    said = pectin("approve", "O", "--set", "amount=90", "--set", 'note="for friends"', "--by", "boss")
    assert said.code == 0
    shown = pectin("show", "O")
    assert 'approved by boss; amount 100 → 90, note null → "for friends"' in shown.out
    assert pectin("show", "O", "--json").json["execution"]["current_state"] == {"amount": 90, "note": "for friends"}

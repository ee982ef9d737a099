"""`pectin logs`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, SHIP, write

Spawn = Callable[..., subprocess.Popen[str]]


def test_a_table(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "ship.py", SHIP), "--key", "A")
    said = pectin("logs", "A")
    assert said.code == 0
    head, first, second = said.out.splitlines()
    assert head == "  time          activation        attempt  level     message"
    assert re.fullmatch(r"  \d\d:\d\d:\d\d\.\d{3}  pack                    1  warning   packed", first)
    assert second == " " * 53 + "with care"


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "ship.py", SHIP), "--key", "A")
    record, outcome = pectin("logs", "A", "--json").lines
    at, number = record.pop("at"), record.pop("number")
    assert at.endswith("Z")
    assert record == {
        "type": "log",
        "activation": "pack",
        "attempt": 1,
        "level": "warning",
        "message": "packed\nwith care",
    }
    assert outcome == {"type": "outcome", "exit_code": 0}
    assert len(pectin("logs", "A", "--after", str(number), "--json").lines) == 1


def test_what_logged_nothing_says_where_logs_come_from(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "k")
    said = pectin("logs", "k")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("no logs: what a function says with ctx.log stands here")


def test_followed_to_the_end(pectin: Pectin, spawn: Spawn, folder: Path) -> None:
    pectin("run", write(folder, "ship.py", SHIP), "--key", "A")
    follow = spawn("logs", "A", "--follow")
    assert follow.stdout is not None
    assert "level" in follow.stdout.readline()
    pectin("cancel", "A")
    pectin("run", "ship.py", "--resume", "A")
    assert follow.stdout.read().endswith("with care\n")
    assert follow.wait() == 0

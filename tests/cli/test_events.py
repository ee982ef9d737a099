"""`pectin events`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, write


def test_all_of_them_or_those_after(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    rows = pectin("events", "last").out.splitlines()
    assert [row.split()[0] for row in rows] == [str(seq) for seq in range(1, len(rows) + 1)]
    assert [row.split()[2] for row in rows[:2]] == ["execution_created", "execution_started"]
    assert len(pectin("events", "last", "--after", "3").out.splitlines()) == len(rows) - 3
    lines = pectin("events", "last", "--json").lines
    assert [line["seq"] for line in lines[:-1]] == list(range(1, len(rows) + 1))
    assert lines[-1] == {"type": "outcome", "exit_code": 0}


def test_following_ends_with_the_execution(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    assert pectin("events", "last", "--follow").out == pectin("events", "last").out


def test_what_is_before_the_damage_is_shown(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    whole = pectin("events", "last").out.splitlines()
    with closing(sqlite3.connect(".pectin/pectin.db")) as store, store:
        store.execute("UPDATE history SET body = X'5b7b' WHERE seq = (SELECT max(seq) FROM history)")
    for command in ("events", "show"):
        said = pectin(command, "last")
        assert said.code == 6, command
        assert "restore a backup" in said.err.replace("\n", " ").lower()
    shown = pectin("events", "last").out.splitlines()
    assert shown == whole[: len(shown)]
    assert len(shown) > 0
    assert pectin("events", "last", "--json").lines[-1]["error"]["code"] == "quarantined"


@pytest.mark.parametrize("command", ["events", "logs"])
def test_no_number_is_larger_than_a_store_can_count(pectin: Pectin, folder: Path, command: str) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "A")
    assert pectin(command, "A", "--after", str(2**63 - 1)).code == 0
    assert pectin(command, "A", "--after", str(2**63)).code == 2

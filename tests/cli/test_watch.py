"""What is shown while an execution goes on."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, FAMILY, WAIT, write


def test_a_near_time_is_waited_for_and_shown_once(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "wait.py", WAIT.replace('duration="3d"', 'duration="2ms"').replace('"1ms"', '"300ms"'))
    said = pectin("run", file)
    assert said.code == 0
    assert said.err.count("⏸ soon            waits for its time until ") == 1
    assert said.err.count("  its time has come\n") == 2


def test_only_new_events_are_told_to_programs(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "add.py", ADD)
    first = pectin("run", file, "--key", "k", "--json").lines
    assert [line["seq"] for line in first[:-1]] == list(range(1, len(first)))
    (outcome,) = pectin("run", file, "--key", "k", "--json").lines
    assert outcome["exit_code"] == 0


def test_a_child_that_waits_ends_the_watch_of_its_parent(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "family.py", FAMILY) + ":outer"
    said = pectin("run", file, "--key", "F", "--json")
    assert said.code == 4
    (child,) = said.lines[-1]["waiting_for"]
    assert (child["kind"], child["activation"]) == ("child", "sub")
    assert pectin("approve", child["child"]).code == 0
    again = pectin("run", file, "--resume", "F")
    assert again.code == 0
    assert "  ✓ sub " in again.err

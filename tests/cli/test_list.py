"""`pectin list`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BOOM, REFUND, write


def test_the_newest_first_and_only_what_is_asked_for(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "one")
    pectin("run", write(folder, "boom.py", BOOM))
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    head, *rows = pectin("list").out.splitlines()
    assert head.split() == ["exec", "key", "workflow", "status", "started", "last", "event"]
    assert [row.split()[2] for row in rows] == ["refund", "boom", "add"]
    assert "⏸ paused" in rows[0]
    assert "✗ failed" in rows[1]
    assert [entry["key"] for entry in pectin("list", "--json", "--limit", "2").json] == ["A", None]
    assert [entry["key"] for entry in pectin("list", "--json", "--workflow", "add").json] == ["one"]
    both = pectin("list", "--json", "--status", "paused", "--status", "failed").json
    assert [entry["status"] for entry in both] == ["paused", "failed"]
    assert pectin("list", "--status", "finished").code == 2


def test_nothing_is_said_to_people_only(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    said = pectin("list", "--workflow", "none")
    assert (said.code, said.out, said.err) == (0, "", "no executions\n")

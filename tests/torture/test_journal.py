"""A line that a kill tears counts for nothing, and spoils no other."""

from __future__ import annotations

from pathlib import Path

from tests.torture.journal import Journal, read_lines


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "acks"
    journal = Journal(path)
    journal.note("start", "key 1", execution="a")
    with path.open("ab") as torn:
        torn.write(b'\n{"did": "sta')
    journal.note("send", "key 2")
    assert [(line["did"], line["key"]) for line in read_lines(path)] == [("start", "key 1"), ("send", "key 2")]

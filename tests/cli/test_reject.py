"""`pectin reject`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import REFUND, write


def test_the_other_way_is_taken(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A")
    said = pectin("reject", "A", "--by", "finance", "--comment", "too much")
    assert (said.code, said.out.splitlines()[0]) == (0, "A: rejected by finance")
    assert "rejected by finance: too much" in pectin("show", "A").out
    assert pectin("list", "--json").json[0]["status"] == "completed"

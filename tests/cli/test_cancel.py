"""`pectin cancel`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, REFUND, write


def test_it_ends_what_waits(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A")
    said = pectin("cancel", "A", "--by", "ops", "--reason", "no longer wanted")
    assert (said.code, said.out) == (0, "A: cancelled\n")
    assert pectin("cancel", "A").out.startswith("nothing to do: the execution was cancelled by ops before")
    again = pectin("run", file, "--resume", "A")
    assert again.code == 1
    assert "\ncancelled by ops: no longer wanted\n" in again.err
    assert pectin("why", "A").out.startswith('Ended: cancelled by ops ("no longer wanted"), ')


def test_it_refuses_what_has_ended(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    assert pectin("cancel", "last").code == 5

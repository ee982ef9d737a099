"""`pectin cancel`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.core.command import Answer, Done
from pectin.runtime.visitor import Visitor
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


def test_a_cancel_that_comes_late_says_what_it_still_does(
    pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle(*_: object) -> Answer:
        return Done("the execution is already ending as completed")

    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    monkeypatch.setattr(Visitor, "handle", handle)
    said = pectin("cancel", "A")
    assert (said.code, said.out.splitlines()[0]) == (0, "A: the execution is already ending as completed")
    answer = pectin("cancel", "A", "--json").json["answer"]
    assert answer == {"type": "done", "note": "the execution is already ending as completed"}


def test_it_refuses_what_has_ended(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD))
    assert pectin("cancel", "last").code == 5


def test_a_reason_has_no_control_characters_and_may_have_lines(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    said = pectin("cancel", "A", "--reason", "\x1b[2J")
    assert (said.code, "--reason: has the control character \\x1b" in said.err) == (2, True)
    assert pectin("cancel", "A", "--reason", "first\n\tthen").code == 0


def test_a_reason_that_cannot_be_kept_is_refused(pectin: Pectin) -> None:
    said = pectin("cancel", "last", "--reason", "x" * 4_001)
    assert (said.code, "--reason: has 4001 characters" in said.err) == (2, True)

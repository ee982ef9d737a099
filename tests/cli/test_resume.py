"""`pectin resume`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import REFUND, write


def test_it_goes_on(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    pectin("pause", "A", "--by", "ops")
    said = pectin("resume", "A", "--by", "boss")
    assert said.code == 0
    assert said.out.startswith("A: goes on, resumed by boss\nWaits for a person: `review`")
    assert "↻ goes on, resumed by boss" in pectin("show", "A").out
    assert pectin("pause", "A").code == 0
    assert pectin("resume", "A", "--json").json["answer"] == {"type": "done"}


def test_what_nobody_holds_cannot_be_resumed(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    said = pectin("resume", "A")
    assert said.code == 5
    assert said.err == ("refused: nobody holds the execution, and nothing of it is in quarantine\n  pectin why A\n")

"""How a crash test is shown: in ASCII, in a pipe, on a terminal; and what a file's own probe is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin import DidNot, Happened
from pectin.cli import paper
from pectin.cli.crashing import read_resolutions
from tests.cli.conftest import Pectin

FILE = """
import os
from pathlib import Path
from pydantic import BaseModel
from pectin import Workflow


class State(BaseModel):
    order: str = "A"
    note: str | None = None


w = Workflow("w", version="1.0.0", state=State)
PROBE


@w.node
def pay(state: State) -> State:
    print("paid")
    with (Path(os.environ["PECTIN_CRASHTEST_DIR"]) / "paid").open("a") as file:
        file.write("x")
    return state


review = w.approval("review", "Pay?", editable=["note"])
review.on(approved=pay, rejected=pay)


def paid():
    file = Path(os.environ["PECTIN_CRASHTEST_DIR"]) / "paid"
    return len(file.read_text()) if file.exists() else 0
"""


@pytest.fixture
def file(folder: Path) -> str:
    (folder / "w.py").write_text(FILE.replace("PROBE", ""), encoding="utf-8")
    return "w.py"


def test_a_function_of_the_file_is_a_probe(pectin: Pectin, file: str) -> None:
    said = pectin("crashtest", file, "--probe", "paid", "--simulate")
    assert (said.code, "probe says: 1" in said.out) == (1, True)
    assert "--probe paid --simulate --at pay:after-body" in said.out


def test_a_misspelt_one_is_told(pectin: Pectin, file: str) -> None:
    said = pectin("crashtest", file, "--probe", "paids", "--simulate")
    assert (said.code, "did you mean `paid`?" in " ".join(said.err.split())) == (2, True)


def test_a_node_that_is_called_probe_is_none(pectin: Pectin, folder: Path) -> None:
    other = FILE.replace("PROBE", "@w.node\ndef probe(state: State) -> State:\n    return state\n")
    (folder / "v.py").write_text(f"{other}\n\npay.then(probe)\n", encoding="utf-8")
    said = pectin("crashtest", "v.py", "--simulate")
    assert (said.code, "note   no probe" in said.out) == (0, True)


def test_the_command_is_spelled_as_it_was_given(pectin: Pectin, file: str) -> None:
    given = ("--input", '{"order": "B 1"}', "--decide", "review=rejected", "--set", "note=1", "--probe", "paid")
    said = pectin("crashtest", file, *given, "--set", 'order="x"')
    assert said.code == 2
    said = pectin("crashtest", file, *given[:4], "--set", 'note="so"', *given[6:], "--simulate")
    (command,) = said.commands()
    assert command[:3] == ["crashtest", "w.py", "--input"]
    assert pectin(*command).code == 1


def test_what_the_file_prints_is_not_the_answer(pectin: Pectin, file: str) -> None:
    said = pectin("crashtest", file, "--simulate", "--json")
    assert said.json["ok"] is True
    assert "paid" in said.err


def test_without_utf_8_there_are_words(pectin: Pectin, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def mark(self: paper.Paper, sign: str) -> str:
        return {"✓": "ok", "✗": "FAIL"}[sign]

    monkeypatch.setattr(paper.Paper, "mark", mark)
    said = pectin("crashtest", file, "--probe", "paid", "--simulate")
    assert "FAIL 2 in 2 of 4, the calm run has 1" in said.out


def test_no_line_of_the_table_is_too_wide(pectin: Pectin, file: str) -> None:
    said = pectin("crashtest", file, "--probe", "paid", "--simulate")
    assert max(len(line) for line in said.out.splitlines() if " · " in line or "✓" in line) <= 96


def test_the_doubts_that_are_told() -> None:
    assert read_resolutions(["pay=did-not", 'ship={"a": 1}']) == {"pay": DidNot(), "ship": Happened({"a": 1})}

"""Commands that can't be done: each says what is wrong in the words of `bad_commands.txt`, with the exit code that
stands there in brackets, and changes nothing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import FAMILY, OFFER, REFUND, SHIP, write

TRANSCRIPT = Path(__file__).with_name("bad_commands.txt")


class Bad(NamedTuple):
    """A command as it is typed, what it says, and its exit code."""

    command: str
    said: str
    code: int


def read() -> list[Bad]:
    """The entries of the transcript."""
    entries = re.findall(r"^\$ pectin (.+)\n((?:.+\n)+?)\[(\d+)\]$", TRANSCRIPT.read_text("utf-8"), re.MULTILINE)
    return [Bad(command, said, int(code)) for command, said, code in entries]


@pytest.fixture
def here(pectin: Pectin, folder: Path) -> Path:
    """`A` waits for a message, `O` for a decision of its own, `I` is paused by ops, and `done` was cancelled."""
    for name, text in (("ship", SHIP), ("offer", OFFER), ("refund", REFUND), ("family", FAMILY)):
        write(folder, f"{name}.py", text)
    assert pectin("run", "ship.py", "--key", "A").code == 4
    assert pectin("run", "offer.py", "--key", "O").code == 4
    assert pectin("run", "offer.py", "--key", "I").code == 4
    assert pectin("pause", "I", "--by", "ops").code == 0
    assert pectin("run", "refund.py", "--input", '{"order": "R"}', "--key", "done").code == 4
    assert pectin("cancel", "done", "--by", "ops").code == 0
    return folder


def test_the_transcript_is_read_whole() -> None:
    assert len(read()) == TRANSCRIPT.read_text("utf-8").count("$ pectin ") >= 60


@pytest.mark.usefixtures("here")
def test_what_each_says(pectin: Pectin) -> None:
    before = pectin("list", "--json").json
    for bad in read():
        said = pectin(*shlex.split(bad.command))
        assert Bad(bad.command, said.err, said.code) == bad
        assert said.out == ""
    assert pectin("list", "--json").json == before, "nothing has happened"


@pytest.mark.usefixtures("here")
def test_programs_are_told_in_one_document(pectin: Pectin) -> None:
    for bad in read():
        said = pectin(*shlex.split(bad.command), "--json")
        assert (bad.command, said.code, said.err, said.json["exit_code"]) == (bad.command, bad.code, "", bad.code)
        assert said.json["error"]["message"]


@pytest.mark.usefixtures("here")
def test_what_it_says_to_paste_can_be_pasted(pectin: Pectin) -> None:
    """It is a command, of the same store, that looks at something or is the better form of what was meant."""
    for bad in read():
        for line in re.findall(r"^  pectin (.+)$", bad.said, re.MULTILINE):
            words = shlex.split(line)
            assert pectin(words[0], "--help").code == 0
            if words[0] in ("list", "show", "why", "graph") or words[-1] == "--help":
                assert pectin(*words).code == 0, bad

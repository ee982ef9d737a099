"""What a person types, at a real terminal."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

from pectin.cli.prompt import understand, words_of
from tests.cli.conftest import SOURCE, Pectin
from tests.cli.workflows import OFFER, POLICED, REFUND, write

WORDS = words_of(("approved", "rejected"))


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("approve\n", "approve"),
        ("A", "approve"),
        ("approved", "approve"),
        (" rej ", "reject"),
        ("l", "later"),
        ("", None),
        ("x", None),
        ("approve it", None),
        ("APPROVE", "approve"),
    ],
)
def test_what_is_understood(typed: str, word: str | None) -> None:
    assert understand(typed, WORDS) == word


def test_a_decision_with_capitals_can_be_typed() -> None:
    assert understand("Ship", words_of(("Ship", "Hold"))) == "Ship"


def test_what_could_be_two_is_not_guessed() -> None:
    assert understand("s", words_of(("ship", "store"))) is None


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, folder: Path, *args: str) -> None:
        process, self._end = pty.fork()
        if process == 0:
            os.chdir(folder)
            environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TERM": "xterm", "LANG": "C.UTF-8"}
            os.execve(sys.executable, [sys.executable, "-m", "pectin", *args], environment)
        self._process = process
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Read until the text is there; fails if the command ends without."""
        while text not in self.shown:
            assert self._read(), self.shown

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())
        self.shown = ""

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        os.close(self._end)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def _read(self) -> bool:
        try:
            data = os.read(self._end, 4096)
        except OSError:
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


def ask(folder: Path) -> Terminal:
    write(folder, "refund.py", REFUND)
    terminal = Terminal(folder, "run", "refund.py", "--input", '{"order": "A"}', "--key", "A", "--by", "shop")
    terminal.wait_for("    Refund 1299.00 for A?")
    terminal.wait_for("approve / reject / later, or its beginning > ")
    return terminal


def test_an_approval_at_the_prompt(folder: Path) -> None:
    terminal = ask(folder)
    terminal.type("what?\n")
    terminal.wait_for("no answer: type approve, reject or later, or the beginning of one")
    terminal.wait_for("approve / reject / later, or its beginning > ")
    terminal.type("a\n")
    terminal.wait_for("comment (empty for none) > ")
    terminal.type("\x1b[A\n")
    terminal.wait_for("the comment: has the control character \\x1b at character 1")
    terminal.wait_for("comment (empty for none) > ")
    terminal.type("fine\n")
    assert terminal.end() == 0
    assert "approved by shop: fine" in terminal.shown
    assert "completed in " in terminal.shown


def test_later(folder: Path) -> None:
    terminal = ask(folder)
    terminal.type("later\n")
    assert terminal.end() == 4
    assert "pectin approve A " in terminal.shown


def test_the_end_of_the_input_is_later(folder: Path) -> None:
    terminal = ask(folder)
    terminal.type("\x04")
    assert terminal.end() == 4


def test_ctrl_c(folder: Path) -> None:
    terminal = ask(folder)
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "handed back" in terminal.shown


def test_somebody_else_decides_first(folder: Path, pectin: Pectin) -> None:
    terminal = ask(folder)
    assert pectin("approve", "A", "--by", "finance").code == 0
    assert terminal.end() == 0
    assert "approved by finance" in terminal.shown


def test_decisions_of_its_own_are_all_offered(folder: Path) -> None:
    write(folder, "offer.py", OFFER)
    terminal = Terminal(folder, "run", "offer.py", "--key", "O", "--by", "shop")
    terminal.wait_for("approve / reject / escalate / later, or its beginning > ")
    terminal.type("e\n")
    terminal.wait_for("comment (empty for none) > ")
    terminal.type("too much\n")
    terminal.wait_for("escalate by shop: too much")
    terminal.wait_for("approve / reject / later, or its beginning > ")
    terminal.type("r\n")
    terminal.wait_for("comment (empty for none) > ")
    terminal.type("\n")
    assert terminal.end() == 0


def test_one_of_two_approvers_is_asked_once(folder: Path) -> None:
    write(folder, "order.py", POLICED.replace("not_requester=True, ", ""))
    terminal = Terminal(folder, "run", "order.py", "--key", "A", "--by", "ops")
    terminal.wait_for("May `pay` be called?")
    terminal.wait_for('{"amount": 1299, "paid": false}')
    terminal.wait_for("0 of 2 approvals of finance, shop, ops")
    terminal.wait_for("approve / reject / later, or its beginning > ")
    terminal.type("approve\n")
    terminal.wait_for("comment (empty for none) > ")
    terminal.type("\n")
    terminal.wait_for("one more approval is needed")
    terminal.wait_for("pectin approve A")
    assert terminal.end() == 4

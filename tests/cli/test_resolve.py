"""`pectin resolve`: an engine was killed while a node ran that may run once only."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import ONCE, write

Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def doubtful(pectin: Pectin, spawn: Spawn, folder: Path) -> str:
    file = write(folder, "once.py", ONCE)
    assert spawn("run", file, "--key", "B").wait() == -signal.SIGKILL
    assert pectin("why", "B").out.startswith("Is ready, but nothing runs it: `pay` was cut off")
    said = pectin("run", file, "--resume", "B")
    assert said.code == 4
    assert "  ? pay           in doubt (attempt 1): the engine that ran it is gone\n" in said.err
    assert said.err.endswith(
        "in doubt: pay was begun and cut off, and nobody knows whether it happened\n"
        """  it happened   pectin resolve B pay --happened '{"…": "…"}'\n"""
        "  it did not    pectin resolve B pay --did-not\n"
        "  go on         pectin run once.py --resume B\n"
    )
    return file


def test_why_asks_for_it(pectin: Pectin, doubtful: str) -> None:
    said = pectin("why", "B")
    assert said.out.startswith("Is in doubt: `pay` was started ")
    assert "ago and cut off; nobody knows whether it happened." in said.out.replace("\n", " ")
    happened, did_not = said.commands()
    refused = pectin(*happened)
    assert refused.code == 5, "the example in the command is no result"
    assert "the state has no `…`" in refused.err
    assert pectin(*did_not).code == 0


def test_it_happened(pectin: Pectin, doubtful: str) -> None:
    said = pectin("resolve", "B", "--happened", '{"n": 7}', "--by", "ops", "--comment", "asked the bank")
    assert said.code == 0
    assert said.out.startswith("B: it happened, says ops\n")
    assert pectin("resolve", "B", "pay", "--happened", "{}").out.startswith(
        "nothing to do: of pay it was said that it happened by ops before\n"
    )
    shown = pectin("show", "B").out
    assert "? it happened, says ops" in shown
    assert "✓ n 0 → 7" in shown
    assert "completed" in shown
    late = pectin("resolve", "B", "pay", "--did-not")
    assert (late.code, late.err.splitlines()[0]) == (5, "refused: of `pay`, ops said before that it happened")


def test_it_did_not_and_runs_again(pectin: Pectin, doubtful: str) -> None:
    said = pectin("resolve", "B", "pay", "--did-not", "--by", "ops")
    assert said.code == 0
    assert said.out.startswith("B: it did not happen, says ops; it is run again\nIs ready, but nothing runs it: ")
    done = pectin(*said.commands()[0])
    assert done.code == 0
    assert "↻ pay           it did not happen, says ops; runs again" in done.err


def test_a_key_that_the_state_lacks(pectin: Pectin, doubtful: str) -> None:
    said = pectin("resolve", "B", "--happened", '{"text": 1}')
    assert said.code == 5
    assert "the state has no `text`; did you mean `texts`?" in said.err.replace("\n", " ")
    document = pectin("show", "B", "--json").json
    (doubt,) = document["waiting_for"]
    assert (doubt["kind"], doubt["activation"], doubt["attempt"]) == ("doubt", "pay", 1)


def test_for_programs(pectin: Pectin, doubtful: str) -> None:
    document = pectin("resolve", "B", "--did-not", "--json").json
    assert document["answer"] == {"type": "done"}
    assert document["execution"]["status"] == "running"

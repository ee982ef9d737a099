"""Completion of half-typed words, by the protocols of the shells."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pectin.cli.completion import complete_status
from tests.cli.conftest import SOURCE, Pectin
from tests.cli.workflows import OFFER, REFUND, SHIP, write

Complete = Callable[..., list[str]]


def ask(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pectin"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def complete(folder: Path) -> Complete:
    """What bash is offered after these words; the last one is half-typed."""

    def offered(*words: str) -> list[str]:
        said = ask(
            folder,
            _PECTIN_COMPLETE="complete_bash",
            COMP_WORDS=" ".join(["pectin", *words]),
            COMP_CWORD=str(len(words)),
        )
        assert (said.returncode, said.stderr) == (0, "")
        return said.stdout.split()

    return offered


def test_commands_and_options(complete: Complete) -> None:
    assert complete("re") == ["reject", "resume", "resolve"]
    assert complete("resolve", "A", "--d") == ["--did-not"]


def test_executions_by_key_or_id(pectin: Pectin, folder: Path, complete: Complete) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A-1")
    pectin("run", file, "--input", '{"order": "B"}', "--key", "B-2")
    pectin("run", file, "--input", '{"order": "C"}')
    newest, *keyed, last = complete("show", "")
    assert newest.startswith("exec_")
    assert (keyed, last) == (["B-2", "A-1"], "last")
    assert complete("approve", "B") == ["B-2"]
    assert complete("why", "nobody") == []


def test_nodes_and_decisions(pectin: Pectin, folder: Path, complete: Complete) -> None:
    pectin("run", write(folder, "offer.py", OFFER), "--key", "O")
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    assert complete("decide", "O", "") == ["decide"]
    assert complete("decide", "O", "decide", "--decision", "") == ["approved", "rejected", "escalate"]
    assert complete("decide", "A", "--decision", "") == ["approved", "rejected"]
    assert complete("decide", "O", "review", "--decision", "") == []
    assert complete("decide", "--decision", "") == []
    assert complete("resolve", "O", "") == []


def test_signals_events_and_their_keys(pectin: Pectin, folder: Path, complete: Complete) -> None:
    pectin("run", write(folder, "ship.py", SHIP), "--key", "A")
    assert complete("signal", "A", "") == ["go", "inspected"]
    assert complete("send", "p") == ["parcel"]
    assert complete("send", "parcel", "") == ["C-1"]


def test_without_a_store_nothing_is_offered_and_none_made(folder: Path, complete: Complete) -> None:
    write(folder, "text.db", "no database")
    assert complete("show", "") == []
    assert complete("decide", "A", "") == []
    assert complete("show", "--store", "text.db", "") == []
    assert [path.name for path in folder.iterdir()] == ["text.db"]


def test_zsh_and_fish_are_told_what_each_is(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    zsh = ask(folder, _PECTIN_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="pectin show ")
    assert zsh.stdout == """_arguments '*: :(("A":"refund paused"\n"last":"the newest"))'\n"""
    fish = {"_PECTIN_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": "pectin show l"}
    assert ask(folder, **fish, _TYPER_COMPLETE_FISH_ACTION="get-args").stdout == "last\tthe newest\n"
    assert ask(folder, **fish, _TYPER_COMPLETE_FISH_ACTION="is-args").returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts(pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, shell))
    shown = pectin("--show-completion")
    assert shown.code == 0
    assert "_PECTIN_COMPLETE" in shown.out
    installed = pectin("--install-completion")
    assert installed.code == 0
    assert f"{shell} completion installed in {folder}" in installed.out


def test_statuses() -> None:
    assert complete_status("p") == ["pending", "paused"]

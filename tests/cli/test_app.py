"""Every command is there, has a JSON form, and ends in an exit code that says which kind of end it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pectin.cli.app import app
from pectin.cli.exit import Exit
from tests.cli.conftest import SOURCE, Pectin
from tests.cli.workflows import ADD, BOOM, REFUND, write

COMMANDS = (
    "run",
    "preview",
    "worker",
    "list",
    "show",
    "why",
    "events",
    "logs",
    "approve",
    "reject",
    "decide",
    "signal",
    "send",
    "pause",
    "resume",
    "resolve",
    "cancel",
    "check",
    "crashtest",
    "graph",
    "fmt",
    "convert",
    "schema",
    "doctor",
    "verify",
    "version",
)
ABOUT_ONE = ("show", "why", "events", "logs", "approve", "reject", "pause", "resume", "cancel")


def test_the_commands_are_these_in_this_order(pectin: Pectin) -> None:
    assert tuple(command.name for command in app.registered_commands) == COMMANDS
    shown = pectin("--help").out
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "..." not in shown.split("Commands:")[1], "the help of a command is cut"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_and_json(pectin: Pectin, command: str) -> None:
    said = pectin(command, "--help")
    assert said.code == 0
    assert "--json" in said.out


def test_every_exit_code(pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refund, boom = write(folder, "refund.py", REFUND), write(folder, "boom.py", BOOM)
    assert pectin("show", "last").code == Exit.STORE
    assert pectin("run", write(folder, "add.py", ADD)).code == Exit.OK
    assert pectin("run", boom).code == Exit.NO
    assert pectin("run", refund).code == Exit.USAGE
    assert pectin("show", "nobody").code == Exit.NOT_FOUND
    assert pectin("run", refund, "--input", '{"order": "A"}', "--key", "A").code == Exit.WAITING
    assert pectin("approve", "A", "--by", " ").code == Exit.REFUSED
    monkeypatch.setattr("pectin.cli.list._list", None)
    bug = pectin("list")
    assert bug.code == Exit.BUG
    assert "this is a bug in Pectin: TypeError" in bug.err
    assert bug.err.endswith("\n  PECTIN_DEBUG=1 pectin list\n")


def test_debug_shows_the_traceback_of_a_bug(pectin: Pectin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.cli.list._list", None)
    monkeypatch.setenv("PECTIN_DEBUG", "1")
    said = pectin("list")
    assert said.code == 70
    assert said.err.startswith("Traceback")


@pytest.mark.parametrize("command", ABOUT_ONE)
def test_errors_for_programs_are_one_document(pectin: Pectin, folder: Path, command: str) -> None:
    pectin("run", write(folder, "add.py", ADD))
    said = pectin(command, "nobody", "--json")
    assert said.code == 3
    assert said.json["exit_code"] == 3
    assert said.json["error"]["code"] == "not_found"
    assert said.err == ""


@pytest.mark.parametrize("command", [*ABOUT_ONE, "list"])
def test_who_reads_makes_no_store(pectin: Pectin, folder: Path, command: str) -> None:
    said = pectin(command, *([] if command == "list" else ["last"]))
    assert said.code == 6
    assert said.err.startswith("There is no store at .pectin/pectin.db")
    assert list(folder.iterdir()) == []


def test_a_usage_error_says_how_to_get_help(pectin: Pectin) -> None:
    assert pectin("shwo").code == 2
    said = pectin("show")
    assert said.code == 2
    assert said.err.endswith("pectin show --help\n")
    assert pectin(*said.commands()[0]).code == 0


def test_a_store_that_is_none_is_named(pectin: Pectin, folder: Path) -> None:
    write(folder, "text.db", "no database at all, but a long enough text " * 100)
    said = pectin("list", "--store", "text.db")
    assert said.code == 6
    assert "text.db" in said.err
    assert pectin("list", "--store", "postgres://x/y").code == 6


def test_the_store_is_found_upwards(pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "k")
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    assert [entry["key"] for entry in json.loads(pectin("list", "--json").out)] == ["k"]
    assert pectin("list", "--store", "other.db").code == 6


def test_a_mistyped_key_is_guessed(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "order-7")
    for command in ABOUT_ONE:
        said = pectin(command, "odrer-7")
        assert (said.code, said.err.splitlines()[0]) == (
            3,
            "there is no execution `odrer-7` in this store; did you mean `order-7`?",
        )


def test_python_m_pectin(spawn: Callable[..., subprocess.Popen[str]]) -> None:
    out, _ = spawn("version").communicate()
    assert out.startswith("pectin ")


LONG = "word " * 40


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        (
            "from pectin.cli import main; main(['--help'])",
            ["pectin.runtime.engine", "pectin.authoring.workflow", "pydantic", "apsw", "asyncio", "rich"],
        ),
        ("from pectin import Engine, Workflow", ["pydantic", "apsw", "rich"]),
    ],
    ids=["help", "import"],
)
def test_what_takes_long_to_load_is_loaded_when_it_is_needed(folder: Path, code: str, heavy: list[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print([name for name in {heavy!r} if name in sys.modules])"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.endswith("[]\n")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_what_people_read_fits_their_stream(
    spawn: Callable[..., subprocess.Popen[str]], folder: Path, encoding: str
) -> None:
    refund, boom = write(folder, "refund.py", REFUND), write(folder, "boom.py", BOOM)
    shown = ""
    for command in (
        ("run", refund, "--input", f'{{"order": "Ä-1042 {LONG}"}}', "--key", "A"),
        ("run", boom),
        ("show", "A"),
        ("list",),
        ("events", "A"),
        ("why", "A"),
    ):
        out, err = spawn(*command, PYTHONIOENCODING=encoding, FORCE_COLOR="1").communicate()
        shown += out + err
    assert "\x1b" not in shown
    assert shown.isascii() is (encoding == "ascii")
    assert ("  FAIL  bang" if encoding == "ascii" else "  ✗ bang") in shown
    kept_whole = "state "
    wide = [line for line in shown.splitlines() if len(line) > 96 and not line.startswith(kept_whole)]
    assert wide == []

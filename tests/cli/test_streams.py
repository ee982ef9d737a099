"""Standard output is the command's answer, whoever prints and whoever reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCE, Pectin
from tests.cli.workflows import ADD, LOUD, REFUND, write


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell, in which `pectin` is the command."""
    line = line.replace("pectin", f"'{sys.executable}' -m pectin")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_what_an_author_prints_goes_to_standard_error(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "loud.py", LOUD)
    said = pectin("run", file, "--key", "a")
    assert (said.code, said.out) == (0, '{"n": 1, "texts": []}\n')
    for text in ("at the import\n", "in a node\n", "in bytes\n"):
        assert said.err.count(text) == 1
    assert pectin("run", file, "--json").lines[-1]["exit_code"] == 0
    assert pectin("worker", file, "--until-idle", "--json").lines[-1]["exit_code"] == 0
    assert pectin("check", file, "--json").json["problems"] == []


def test_what_prints_while_the_process_ends_is_the_authors_too(folder: Path) -> None:
    write(folder, "loud.py", LOUD + "\nimport atexit\natexit.register(lambda: print('at the end'))\n")
    said = shell(folder, "pectin run loud.py")
    assert (said.returncode, said.stdout) == (0, '{"n": 1, "texts": []}\n')
    assert said.stderr.endswith("at the end\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_nobody_has_to_read(folder: Path, closed: str) -> None:
    write(folder, "loud.py", LOUD)
    said = shell(folder, f"pectin run loud.py --key k {closed}")
    assert said.returncode == 0
    assert said.stdout == ("" if closed.startswith((">", "<")) else '{"n": 1, "texts": []}\n')
    assert shell(folder, "pectin list --json").stdout.count('"completed"') == 1
    assert shell(folder, f"pectin show nobody {closed}").returncode == 3


def test_a_reader_who_has_left_fails_neither_command_nor_node(folder: Path) -> None:
    write(folder, "loud.py", LOUD)
    said = shell(folder, "pectin run loud.py --json 2>&1 | true; exit ${PIPESTATUS[0]}")
    assert (said.returncode, said.stderr) == (0, "")
    assert shell(folder, "pectin list --json").stdout.count('"completed"') == 1


@pytest.mark.parametrize("command", ["list", "list --json", "show last", "events last --json", "run add.py", "--help"])
def test_a_full_device_loses_the_answer_and_says_so(folder: Path, pectin: Pectin, command: str) -> None:
    pectin("run", write(folder, "add.py", ADD))
    said = shell(folder, f"pectin {command} >/dev/full")
    assert said.returncode == 74
    assert said.stderr.replace("\n", " ").count("standard output can't be written: No space left on device.") == 1
    assert "Traceback" not in said.stderr
    assert "Exception ignored" not in said.stderr


@pytest.mark.parametrize("command", ["list", "run ../add.py", "check ../add.py", "list --store ../work.db", "version"])
def test_a_working_directory_that_is_gone(folder: Path, command: str) -> None:
    write(folder, "add.py", ADD)
    said = shell(folder, f"mkdir gone; cd gone; rmdir ../gone; pectin {command}")
    assert said.returncode == 2
    assert "the working directory is gone" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_streams_are_given_back(pectin: Pectin, folder: Path) -> None:
    before: tuple[object, ...] = (sys.stdin, sys.stdout, sys.stderr)
    pectin("run", write(folder, "loud.py", LOUD))
    assert (sys.stdin, sys.stdout, sys.stderr) == before


def test_following_ends_when_nobody_reads(folder: Path, pectin: Pectin) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pectin", "events", "A", "--follow"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    try:
        assert subprocess.run(command, cwd=folder, env=environment, stdout=writer, check=False).returncode == 0
    finally:
        os.close(writer)

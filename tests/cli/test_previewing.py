"""How a preview's end is said."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BOOM, WAIT, write


def test_a_failure_is_told_with_the_author_s_line(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "boom.py", BOOM.replace(".node(", '.node(effect="pure", '))
    said = pectin("preview", file)
    assert said.code == 1
    assert "failed: " in said.err
    assert "  boom.py:" in said.err
    *_, outcome = pectin("preview", file, "--json").lines
    assert outcome["exit_code"] == 1
    assert outcome["error"]["error_class"]


def test_the_command_that_goes_on_repeats_what_was_said(pectin: Pectin, folder: Path) -> None:
    write(folder, "in.json", '{"n": 3}')
    said = pectin("preview", write(folder, "add.py", ADD), "--input", "@in.json")
    assert said.commands() == [["preview", "add.py", "--input", "@in.json", "--simulate", "one_more={}"]]


def test_a_timer_passes_when_it_is_told_to(pectin: Pectin, folder: Path) -> None:
    said = pectin("preview", write(folder, "wait.py", WAIT))
    assert said.code == 4
    assert "null, to let its time pass" in said.err
    (go_on,) = said.commands()
    assert go_on[-1].endswith("=null")

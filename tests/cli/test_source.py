"""The author's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.cli.document import Given
from pectin.cli.exit import BadUsage
from pectin.cli.source import guess_file, load_workflow, load_workflows, parse_target
from tests.cli.workflows import ADD, REFUND, write

TWO = ADD + ADD[ADD.index("add = ") :].replace("add", "plus").replace("one_more", "more") + "\nalias = plus\n"


def test_the_only_workflow_or_the_one_that_is_named(folder: Path) -> None:
    assert load_workflow(Given(write(folder, "one.py", ADD))).id == "add"
    write(folder, "two.py", TWO)
    assert load_workflow(Given("two.py:plus")).id == "plus"
    assert load_workflow(Given("two.py:alias")).id == "plus"
    assert list(load_workflows(Given("two.py"))) == ["add", "plus"]
    assert list(load_workflows(Given("two.py:plus"))) == ["plus"]
    with pytest.raises(BadUsage, match=r"2 workflows: say which, as two\.py:add or two\.py:plus"):
        load_workflow(Given("two.py"))
    with pytest.raises(BadUsage, match="did you mean `plus`"):
        load_workflow(Given("two.py:puls"))


def test_its_neighbours_can_be_imported(folder: Path) -> None:
    write(folder, "neighbour_of_this_test.py", "NUMBER = 5\n")
    write(folder, "one.py", "from neighbour_of_this_test import NUMBER\n" + ADD)
    assert load_workflow(Given("one.py")).id == "add"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", "one.py:1: it is no Python"),
        ("\nimport nothing_of_this_name\n", "one.py:2  import nothing_of_this_name"),
        ("def f():\n    return 1 / 0\n\nf()\n", "one.py:2  return 1 / 0"),
        ("import sys\nsys.exit(3)\n", "ended the process"),
        ("x = 1\n", "has no workflow"),
    ],
)
def test_what_is_wrong_with_it_is_shown_without_our_frames(folder: Path, text: str, message: str) -> None:
    write(folder, "one.py", text)
    with pytest.raises(BadUsage) as caught:
        load_workflow(Given("one.py"))
    assert message in str(caught.value)
    assert "pectin/cli" not in str(caught.value)
    assert "importlib" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nix.py", "is not there"),
        ("folder", "is a folder"),
        ("a.toml", "holds no workflow"),
        ("nix.py:name", "nix.py is"),
    ],
)
def test_what_is_no_file_of_an_author(folder: Path, text: str, message: str) -> None:
    (folder / "folder").mkdir()
    write(folder, "a.toml", "")
    with pytest.raises(BadUsage, match=message):
        parse_target(text)


def test_the_file_is_guessed_only_if_it_is_clear(folder: Path) -> None:
    assert guess_file("refund") == ["FILE"]
    write(folder, "a.py", REFUND)
    write(folder, "two.py", TWO)
    assert guess_file("refund") == ["a.py"]
    assert guess_file("plus") == ["two.py:plus"]
    write(folder, "b.py", REFUND)
    assert guess_file("refund") == ["FILE"]

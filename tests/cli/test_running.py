"""How an execution's outcome is said."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BOOM, QUICK, REFUND, write


def test_the_store_that_was_named_stands_in_every_command(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    said = pectin("run", file, "--input", '{"order": "A"}', "--key", "A 1", "--store", "my work.db")
    approve, reject, resume = said.commands()
    assert [command[-2:] for command in (approve, reject, resume)] == [["--store", "my work.db"]] * 3
    assert approve[1] == "A 1"
    assert pectin(*approve).code == 0
    assert pectin(*resume).code == 0


def test_starting_anew_repeats_the_command(pectin: Pectin, folder: Path) -> None:
    write(folder, "in.json", '{"n": 3}')
    said = pectin("run", write(folder, "boom.py", BOOM), "--input", "@in.json", "--by", "the shop")
    assert said.commands()[-1] == ["run", "boom.py", "--input", "@in.json", "--by", "the shop"]


def test_a_bad_input_of_a_known_key_changes_nothing(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "add.py", ADD)
    pectin("run", file, "--key", "k")
    assert pectin("run", file, "--key", "k", "--input", '{"m": 1}').code == 2
    assert pectin("run", file, "--key", "k", "--restart", "--input", '{"n": 7}').out.startswith('{"n": 8')


def test_resuming_makes_no_store(pectin: Pectin, folder: Path) -> None:
    assert pectin("run", write(folder, "add.py", ADD), "--resume", "last").code == 6
    assert not (folder / ".pectin").exists()


def test_a_stateless_one_shows_its_end_and_leaves_nothing(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "quick.py", QUICK)
    said = pectin("run", file)
    assert (said.code, said.out) == (0, '{"n": 1, "texts": []}\n')
    assert "completed in " in said.err
    (outcome,) = pectin("run", file, "--json").lines
    assert (outcome["type"], outcome["exit_code"]) == ("outcome", 0)
    assert pectin("list", "--json").json == []
    write(folder, "quick.py", QUICK.replace("state.n += 1", "raise ValueError('no')").replace("1.0.0", "1.0.1"))
    failed = pectin("run", file)
    assert failed.code == 1
    assert "ValueError: no" in failed.err
    assert [command[0] for command in failed.commands()] == ["run"]

"""What both commands of the benchmarks are asked in the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.options import Parser, count


def parser() -> Parser:
    made = Parser("python -m bench", "Measure.", "fruit", ["pear", "quince"], rounds=5, rounds_quick=3)
    made.add_argument("--scale", type=count, default=1)
    return made


def test_all_are_chosen_unless_some_are_and_the_folder_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    asked = parser().read(["--folder", str(folder)])
    assert (asked.chosen, asked.rounds, folder.is_dir()) == (["pear", "quince"], 5, True)
    asked = parser().read(["quince", "quince", "--quick", "--folder", str(folder)])
    assert (asked.chosen, asked.rounds) == (["quince"], 3)
    assert parser().read(["--quick", "--rounds", "7", "--folder", str(folder)]).rounds == 7


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (["queen"], "there is no fruit 'queen'; there are pear, quince"),
        (["--rounds", "0"], "argument --rounds: write a whole number from 1 on"),
        (["--scale", "-1"], "argument --scale: write a whole number from 1 on"),
        (["--rounds", "x"], "argument --rounds: write a whole number from 1 on"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().read(asked)
    assert complaint in capsys.readouterr().err

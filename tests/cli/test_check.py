"""`pectin check`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BROKEN, REFUND, SPEND, write


def test_all_problems_with_carets_and_a_code_to_look_up(pectin: Pectin, folder: Path) -> None:
    write(folder, "broken.py", BROKEN)
    said = pectin("check", "broken.py")
    assert said.code == 2
    line = BROKEN[: BROKEN.index("first.then")].count("\n") + 1
    assert said.out.startswith(f"broken.py:{line}: first → second: `state` has no field `txts`\n")
    assert "               ^^^^  did you mean `texts`?\n" in said.out
    assert said.out.endswith("1 error in 1 file        (pectin check --explain E014)\n")
    explained = pectin("check", "--explain", "e014")
    assert (explained.code, explained.out.splitlines()[0]) == (0, "E014: an expression is wrong")


def test_a_sound_file(pectin: Pectin, folder: Path) -> None:
    said = pectin("check", write(folder, "refund.py", REFUND))
    assert (said.code, said.out) == (0, "✓ refund 1.0.0: nothing is wrong\n")
    assert not (folder / ".pectin").exists()


def test_a_warning_is_shown_and_no_error(pectin: Pectin, folder: Path) -> None:
    text = ADD + '\nadd.condition("which", [("state.n > 1", END)])\none_more.then(which)\n'
    text = text.replace('add.condition("which"', 'which = add.condition("which"')
    said = pectin("check", write(folder, "add.py", text))
    assert said.code == 0
    assert "1 warning in 1 file        (pectin check --explain W003)" in said.out


def test_two_workflows_of_one_id(pectin: Pectin, folder: Path) -> None:
    twice = ADD + ADD[ADD.index("add = ") :].replace("add", "plus").replace('"plus"', '"add"')
    said = pectin("check", write(folder, "two.py", twice))
    assert said.code == 2
    assert "two workflows are called `add`: 1.0.0 and 1.0.0" in said.out
    assert pectin("check", "two.py:plus").code == 0


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    said = pectin("check", write(folder, "broken.py", BROKEN), "--json")
    assert said.code == 2
    (problem,) = said.json["problems"]
    assert (problem["code"], problem["place"]["file"]) == ("E014", "broken.py")
    assert pectin("check", write(folder, "add.py", ADD), "--json").json["problems"] == []


def test_what_it_cannot_explain(pectin: Pectin) -> None:
    assert pectin("check").code == 2
    said = pectin("check", "--explain", "E0144")
    assert said.code == 2
    assert "E014" in said.err


def test_the_worst_case_of_what_spends(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "bill.py", SPEND)
    said = pectin("check", file)
    worst = "at most 2 attempts that spend, $0.25 and 1,000 tokens, 10 min 10 s"
    assert (said.code, said.out) == (0, f"✓ bill 1.0.0: nothing is wrong\n  bill 1.0.0: {worst}\n")
    (told,) = pectin("check", file, "--json").json["workflows"]
    assert told["worst"] == {
        "attempts": 2,
        "spent": {"cost_usd": "0.25", "input_tokens": 0, "output_tokens": 1_000, "total_tokens": 1_000},
        "time_ms": 610_000,
        "endless": [],
        "unknown": [],
    }

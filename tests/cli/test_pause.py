"""`pectin pause`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, FAMILY, REFUND, write


def test_it_holds_until_somebody_resumes(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A")
    said = pectin("pause", "A", "--by", "ops", "--reason", "bank is down")
    assert (said.code, said.out) == (0, "A: paused by ops\n  go on    pectin resume A\n")
    assert pectin("pause", "A").out.startswith("nothing to do: the execution was paused by ops before\n")
    why = pectin("why", "A").out
    assert why.startswith("Is paused by ops since ")
    assert '("bank is down").\n' in why
    assert why.endswith("    pectin resume A\n")
    assert pectin("approve", "A").code == 0, "what happens is recorded"
    assert pectin("why", "A").out.startswith("Is paused by ops since ")
    shown = pectin("run", file, "--resume", "A")
    assert shown.code == 4
    assert "⏸                   paused by ops: bank is down" in shown.err
    assert "\npaused by ops: bank is down\n  let it go on   pectin resume A\n" in shown.err
    assert pectin("resume", "A").code == 0
    assert pectin("run", file, "--resume", "A").code == 0


def test_its_children_pause_with_it(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "family.py", FAMILY) + ":outer", "--key", "F")
    assert pectin("pause", "F", "--by", "ops").code == 0
    child = pectin("show", "F", "--json").json["children"]["sub"]
    why = pectin("why", child).out
    assert why.startswith("Is paused since ")
    assert " with its parent, paused by ops.\n" in why.replace("\n    ", " ").replace("\nby", " by")
    assert pectin(*pectin("why", child).commands()[-1]).code == 0
    assert pectin("why", child).out.startswith("Waits for a person: `ask`")


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    assert pectin("pause", "A", "--json").json["answer"] == {"type": "done"}
    hold, review = pectin("show", "A", "--json").json["waiting_for"]
    assert (hold["kind"], review["kind"]) == ("hold", "person")


def test_it_refuses_what_has_ended(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "k")
    said = pectin("pause", "k")
    assert (said.code, said.err.splitlines()[-1]) == (5, "  pectin show k")

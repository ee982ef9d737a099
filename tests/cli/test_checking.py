"""What `pectin check` finds in documents and in several files."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.test_document import EXAMPLES
from tests.cli.workflows import ADD, BROKEN, write

SOUND = (EXAMPLES / "refund.yaml").read_text("utf-8")
BAD = (
    SOUND.replace("state.risk ==", "state.rsik ==")
    .replace("approved: pay", "approved: payy")
    .replace(", timeout: end", "")
)

SAID = """\
refund.yaml:19:21: error: `state` has no field `rsik`
  19 |         when: state.rsik == 'high'
     |                     ^^^^  did you mean `risk`?
refund.yaml:28:5: error: approval `review` has a deadline of 72 h but no way on for `timeout`
  28 |     decisions: {approved: payy, rejected: end}
     |     ^^^^^^^^^  add it to `decisions`: a node, or `end`
refund.yaml:28:27: error: unknown node `payy`
  28 |     decisions: {approved: payy, rejected: end}
     |                           ^^^^  did you mean `pay`?
3 errors in 1 file        (pectin check --explain E014)
"""


def test_every_problem_of_a_document_with_the_word(pectin: Pectin, folder: Path) -> None:
    said = pectin("check", write(folder, "refund.yaml", BAD))
    assert (said.code, said.out) == (2, SAID)


def test_without_its_functions_all_else_is_checked(pectin: Pectin, folder: Path) -> None:
    write(folder, "refund.yaml", SOUND)
    shutil.copy(EXAMPLES / "refund_functions.py", folder)
    said = pectin("check", "refund.yaml")
    assert (said.code, said.out) == (
        0,
        "✓ refund 1.0.0: nothing is wrong\n"
        "  but for its functions, which nobody looked at: `look_up`, `assess`, `pay`\n"
        "  pectin check refund.yaml --functions refund_functions.py\n",
    )
    (command,) = said.commands()
    assert pectin(*command).out == "✓ refund 1.0.0: nothing is wrong\n"
    assert pectin("check", "refund.yaml", "--json").json["workflows"][0]["functions_unseen"] == [
        "look_up",
        "assess",
        "pay",
    ]


def test_several_files(pectin: Pectin, folder: Path) -> None:
    write(folder, "refund.yaml", BAD)
    write(folder, "broken.py", BROKEN)
    write(folder, "add.py", ADD)
    write(folder, "no.yaml", "a: *b\n")
    said = pectin("check", "refund.yaml", "broken.py", "add.py", "no.yaml")
    assert said.code == 2
    assert "5 errors in 3 files  " in said.out
    assert said.out.endswith("✓ add.py: add 1.0.0: nothing is wrong\n")
    told = pectin("check", "refund.yaml", "broken.py", "add.py", "--json").json
    assert [problem["place"]["file"] for problem in told["problems"]] == ["refund.yaml"] * 3 + ["broken.py"]
    assert [workflow["file"] for workflow in told["workflows"]] == ["refund.yaml", "broken.py", "add.py"]


def test_a_warning_in_a_document(pectin: Pectin, folder: Path) -> None:
    text = "workflow: w\nversion: 1.0.0\nnodes: {a: {condition: [{when: true, to: end}]}}\n"
    said = pectin("check", write(folder, "w.yaml", text))
    assert said.code == 0
    assert said.out.startswith("w.yaml:3:9: warning: condition `a` has no default")
    assert "1 warning in 1 file" in said.out


def test_what_a_child_has_is_told_once(pectin: Pectin, folder: Path) -> None:
    parent = "workflow: w\nversion: 1.0.0\nnodes: {a: {child: {workflow: v, version: 1.0.0}}}\n"
    child = "workflow: v\nversion: 1.0.0\nnodes: {b: {wait: {signal: go}, then: c}}\n"
    said = pectin("check", write(folder, "w.yaml", f"{parent}---\n{child}"))
    assert "1 error in 1 file" in said.out

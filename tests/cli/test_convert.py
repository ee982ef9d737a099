"""`pectin convert`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import BROKEN, FAMILY, REFUND, write

OTHER_NAME = """
from typing import Any

from pectin import Workflow

two = Workflow("two", version="1.0.0", state=dict[str, Any])


def keep(state: dict[str, Any]) -> dict[str, Any]:
    return state


second = two.node(keep, name="first").then(two.node(keep, name="keep"))
"""


def test_python_becomes_yaml(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    said = pectin("convert", file)
    assert said.code == 0
    assert said.out.startswith("workflow: refund\nversion: 1.0.0\nstate:\n")
    assert said.err == ("it runs `look_up`, `assess`, `pay`:\n  pectin run FILE.yaml --functions refund.py\n")


def test_what_is_written_is_the_same_workflow_and_runs(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    for form in ("yaml", "json"):
        said = pectin("convert", file, "--output", f"refund.{form}")
        assert (said.code, said.out) == (0, "")
        assert said.err.startswith(f"wrote refund.{form}\n")
        for command in said.commands():
            ran = pectin(*command, "--input", '{"order": "A"}')
            assert (ran.code, ran.err.count("waits for a person")) == (4, 1), ran.err
        assert pectin("check", f"refund.{form}", "--functions", file).code == 0


def test_a_document_becomes_the_other_form_and_comes_back(pectin: Pectin, folder: Path) -> None:
    text = pectin("convert", write(folder, "refund.py", REFUND)).out
    (folder / "a.yaml").write_text(text)
    said = pectin("convert", "a.yaml", "-o", "b.json")
    assert said.code == 0
    assert pectin("convert", "b.json").out == text
    assert pectin("convert", "a.yaml").out == (folder / "b.json").read_text()
    assert pectin("convert", "a.yaml", "--to", "yaml").out == text


def test_comments_stay_in_yaml_and_are_counted_where_they_are_lost(pectin: Pectin, folder: Path) -> None:
    (folder / "a.yaml").write_text("# one\nworkflow: a  # two\nversion: 1.0.0\nnodes: {n: {wait: {duration: 1m}}}\n")
    said = pectin("convert", "a.yaml")
    assert (said.code, said.err) == (0, "2 comments are left out: JSON has none\n")
    assert pectin("convert", "a.yaml", "--to", "yaml").out.startswith("# one\nworkflow: a  # two\n")


def test_several_workflows_become_several_documents(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "family.py", FAMILY)
    text = pectin("convert", file).out
    assert text.count("\n---\n") == text.count("workflow: ") - text.count("{workflow: ") - 1 > 0
    assert pectin("convert", f"{file}:outer").out.count("\n---\n") == 1, "with its child"


def test_a_function_with_another_name_is_told(pectin: Pectin, folder: Path) -> None:
    said = pectin("convert", write(folder, "two.py", OTHER_NAME))
    assert said.code == 0
    assert "`first` at the top level of two.py isn't this function: write `first = …` there\n" in said.err
    assert "`keep` at" not in said.err


TOOLS = """
import pectin
from pectin import DidNot, Happened, HttpTool, Secret, Unknown, Workflow


class State(pectin_base):
    order: str
    receipt: str | None = None


@pectin.tool(name="bank.pay", effect="once")
def pay(*, order: str, currency: str = "EUR") -> str:
    return f"{order} {currency}"


def make():
    @pectin.tool(name="bank.ask", effect="pure")
    def ask(*, order: str) -> str:
        return order

    return {"ask": ask}


headers = {"Authorization": Secret("TOKEN")}
post = HttpTool(name="post.send", method="POST", url="https://post.example.com", headers=headers)
w = Workflow("w", version="1.0.0", state=State, max_cost_usd=1, labels={"team": "x"})
paid = w.tool("paid", pay, input={"order": "state.order"}, output_key="receipt", ceiling={"cost_usd": "0.1"})
told = w.tool("told", post).describe("Tells it")
asked = w.tool("asked", make()["ask"], input={"order": "state.order"})


@paid.reconcile
def was_paid(*, order: str) -> Happened[str] | DidNot | Unknown:
    return Unknown()


w.policy("sound", [("state.order == ''", "no order")]).then(paid, when="state.order != 'B'").otherwise(told, asked)
""".replace("class State(pectin_base)", "from pydantic import BaseModel\n\n\nclass State(BaseModel)")


def test_tools_are_written_with_their_contracts_and_run(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "tools.py", TOOLS)
    for form in ("yaml", "json"):
        said = pectin("convert", file, "-o", f"w.{form}")
        assert said.code == 0, said.err
        assert "it runs `paid.reconcile`, `bank.pay`, `bank.ask`:\n" in said.err
        assert "the tool `bank.ask` isn't at the top level of tools.py: give it a name there\n" in said.err
        checked = pectin("check", f"w.{form}", "--functions", file)
        assert (checked.code, checked.err) == (2, "")
        assert "tools.py has no tool `bank.ask`" in checked.out
    called = TOOLS.replace('w.tool("told", post)', 'w.tool("told", pay, input={"order": "state.order"})')
    write(
        folder,
        "tools.py",
        called.replace("asked =", 'ask = make()["ask"]\nasked =').replace('make()["ask"], ', "ask, "),
    )
    said = pectin("convert", file, "-o", "w.yaml")
    assert "at the top level" not in said.err
    assert pectin("check", "w.yaml", "--functions", file).out.startswith("✓ w 1.0.0: nothing is wrong\n")
    given = ("--input", '{"order": "A"}', "--key", "A")
    ran = pectin("run", "w.yaml", "--functions", file, *given)
    assert ran.code == 0, ran.err
    assert ran.json["receipt"] == "A EUR"
    assert pectin("run", file, *given).json == ran.json, "its hash is the same, so it is the same execution"


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "two.py", OTHER_NAME)
    told = pectin("convert", file, "--to", "json", "--json").json
    text = told.pop("text")
    assert text.startswith('{\n  "workflow": "two"')
    names = {"functions": ["first", "keep"], "unknown_functions": ["first"]}
    assert told == {"exit_code": 0, "to": "json", "output": None, **names}
    assert pectin("convert", file, "-o", "a.json", "--json").json == {**told, "output": "a.json", "text": None}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("broken.py", BROKEN, 2), ("none.py", "x = 1\n", 2), ("a.yaml", "a: [1\n", 2), ("a.txt", "a", 2)],
)
def test_what_can_not_be_converted(pectin: Pectin, folder: Path, name: str, text: str, code: int) -> None:
    (folder / name).write_text(text)
    said = pectin("convert", name, "-o", "out.yaml")
    assert (said.code, said.out) == (code, "")
    assert said.err
    assert not (folder / "out.yaml").exists()


def test_a_name_that_would_be_another_one_is_refused(pectin: Pectin, folder: Path) -> None:
    (folder / "a.yaml").write_text("workflow: a\nversion: 1.0.0\nnodes: {n: {run: True}}\n")
    said = pectin("convert", "a.yaml")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("as JSON it would mean something else: put names and expressions that look like")


def test_a_file_that_can_not_be_written(pectin: Pectin, folder: Path) -> None:
    said = pectin("convert", write(folder, "refund.py", REFUND), "-o", "nowhere/a.yaml")
    assert said.code == 2
    assert "can't be written: No such file or directory" in said.err


def test_python_is_not_overwritten(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    for command in ("convert", "graph"):
        said = pectin(command, file, "--output", "refund.py")
        assert (said.code, said.out) == (2, "")
    assert "would overwrite Python" in pectin("convert", file, "-o", "refund.py").err
    assert "a drawing is text" in pectin("graph", file, "-o", "refund.png").err
    assert Path(file).read_text("utf-8") == REFUND

"""Documents, wherever a command takes a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pectin.cli.document import Given, find_document, guess_functions
from pectin.cli.exit import BadUsage
from pectin.cli.source import guess_file, load_workflows, only_workflow
from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, write

EXAMPLES = Path(__file__).parents[2] / "examples"
FUNCTIONS = ("--functions", "refund_functions.py")
ORDER = ("--input", '{"order": "A"}', "--key", "A")
TWO = """\
workflow: w
version: 1.0.0
nodes: {a: {parallel: [end]}}
---
workflow: v
version: 1.0.0
nodes: {b: {run: f}}
"""


@pytest.fixture
def refund(folder: Path) -> Path:
    for name in ("refund.yaml", "refund_functions.py"):
        shutil.copy(EXAMPLES / name, folder / name)
    return folder


@pytest.mark.usefixtures("refund")
def test_it_runs_waits_and_goes_on_with_what_it_says_to_paste(pectin: Pectin) -> None:
    said = pectin("run", "refund.yaml", *FUNCTIONS, *ORDER)
    assert said.code == 4
    assert "pectin run refund.yaml --functions refund_functions.py --resume A" in said.err
    again = next(words for words in said.commands() if words[0] == "run")
    assert pectin("approve", "A").code == 0
    assert pectin("why", "A").out.count("refund.yaml --functions refund_functions.py") == 2
    done = pectin(*again)
    assert (done.code, done.json["risk"]) == (0, "high")
    assert pectin("run", "refund.yaml", *FUNCTIONS, "--input", '{"order": 5}').code == 2


def test_the_file_with_its_tools_is_guessed(pectin: Pectin, folder: Path) -> None:
    (folder / "w.yaml").write_text("workflow: w\nversion: 1.0.0\nnodes: {a: {tool: bank.ask}}\n")
    (folder / "other.py").write_text("bank = 1\n")
    (folder / "tools.py").write_text(
        'import pectin\n\n\n@pectin.tool(name="bank.ask", effect="pure")\ndef ask() -> int:\n    return 1\n'
    )
    said = pectin("run", "w.yaml")
    assert (said.code, "w.yaml runs `bank.ask`: name the Python file" in said.err) == (2, True)
    (again,) = said.commands()
    assert again == ["run", "w.yaml", "--functions", "tools.py"]
    assert pectin(*again).code == 0


@pytest.mark.usefixtures("refund")
def test_what_runs_needs_the_functions_and_says_where_they_may_be(pectin: Pectin) -> None:
    for command in ("run", "worker", "crashtest"):
        said = pectin(command, "refund.yaml")
        assert said.code == 2
        assert "refund.yaml runs `look_up`, `assess`, `pay`: name the Python file that has the functions" in said.err
        assert f"  pectin {command} refund.yaml --functions refund_functions.py\n" in said.err
    Path("refund_functions.py").unlink()
    assert "--functions FUNCTIONS.py" in pectin("run", "refund.yaml").err


@pytest.mark.usefixtures("refund")
def test_every_command_that_takes_a_file(pectin: Pectin) -> None:
    assert "approved" in pectin("graph", "refund.yaml").out
    assert pectin("worker", "refund.yaml", *FUNCTIONS, "--until-idle").code == 0
    tried = pectin("crashtest", "refund.yaml", *FUNCTIONS, "--input", '{"order": "A"}', "--simulate", "--json")
    assert (tried.code, tried.json["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "refund.yaml", "--functions", "nix.py"), "--functions nix.py: it is not there"),
        (("run", "refund.yaml", "--functions", "refund.yaml"), "it is no Python file"),
        (("run", "refund.yaml", "--functions", "."), "it is a folder"),
        (("run", "refund_functions.py", *FUNCTIONS), "--functions is for documents"),
        (("check", "refund_functions.py", *FUNCTIONS), "--functions is for documents"),
        (("run", "refund.yaml:refnd", *FUNCTIONS), "has no workflow `refnd`; did you mean `refund`?"),
    ],
)
@pytest.mark.usefixtures("refund")
def test_what_is_no_way_to_name_them(pectin: Pectin, words: tuple[str, ...], message: str) -> None:
    said = pectin(*words)
    assert said.code == 2
    assert message in said.err.replace("\n", " ")


def test_one_of_several_documents(pectin: Pectin, folder: Path) -> None:
    write(folder, "two.yaml", TWO)
    assert list(load_workflows(Given("two.yaml"))) == ["w", "v"]
    assert only_workflow(Given("two.yaml:v")).id == "v"
    with pytest.raises(BadUsage, match=r"2 workflows: say which, as two\.yaml:w or two\.yaml:v"):
        only_workflow(Given("two.yaml"))
    assert pectin("run", "two.yaml:w").code == 0
    write(folder, "same.yaml", TWO.replace("workflow: v\nversion: 1.0.0", "workflow: w\nversion: 2.0.0"))
    assert list(load_workflows(Given("same.yaml"))) == ["w@1.0.0", "w@2.0.0"]


def test_what_no_yaml_is_is_told_with_its_place(pectin: Pectin, folder: Path) -> None:
    said = pectin("run", write(folder, "w.yaml", "a: *b\n"))
    assert said.code == 2
    assert said.err.startswith("w.yaml:1:4: error: `*b` stands for another part of the document\n")


def test_files_are_guessed_and_never_run(folder: Path) -> None:
    write(folder, "two.yaml", TWO)
    assert find_document(Path("two.yaml")) == {"w": ["f"], "v": ["f"]}
    assert guess_functions(["f"], folder) is None
    assert guess_file("v") == ["two.yaml:v"]
    write(folder, "f.py", "raise SystemExit\ndef f(state): ...\n")
    assert guess_file("v") == ["two.yaml:v", "--functions", "f.py"]
    assert Given("two.yaml", "f.py").words == ["two.yaml", "--functions", "f.py"]
    write(folder, "more.py", "f = 5\n")
    assert guess_file("v") == ["two.yaml:v"]
    write(folder, "add.py", ADD)
    assert guess_file("add") == ["add.py"]

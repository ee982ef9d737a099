"""`pectin graph`, and `pectin show --graph`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BROKEN, FAMILY, REFUND, write

CHART = """\
flowchart TD
    start((start))
    n_look_up["look_up"]
    n_assess["assess"]
    n_pay["pay"]
    n_review[/"review"/]
    stop((end))
    start --> n_look_up
    n_look_up --> n_assess
    n_assess -->|"when state.risk == 'high'"| n_review
    n_assess -->|"otherwise"| n_pay
    n_review -->|"approved"| n_pay
    n_review -->|"rejected"| stop
    n_review -->|"timeout"| stop
"""


def test_a_file_with_one_workflow(pectin: Pectin, folder: Path) -> None:
    said = pectin("graph", write(folder, "refund.py", REFUND))
    assert (said.code, said.out, said.err) == (0, CHART, "")
    assert list(folder.glob(".pectin")) == [], "nothing is run, and no store made"


def test_into_a_file(pectin: Pectin, folder: Path) -> None:
    said = pectin("graph", write(folder, "refund.py", REFUND), "--output", "refund.mmd")
    assert (said.code, said.out, said.err) == (0, "", "wrote refund 1.0.0 to refund.mmd\n")
    assert (folder / "refund.mmd").read_text("utf-8") == CHART


def test_one_of_several_workflows(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "family.py", FAMILY)
    said = pectin("graph", file, "--workflow", "outer")
    assert 'n_sub[["sub<br/>inner 2.0.0"]]' in said.out
    assert pectin("graph", f"{file}:outer").out == said.out
    assert pectin("graph", file).code == 2
    wrong = pectin("graph", file, "--workflow", "uoter")
    assert wrong.code == 2
    assert "did you mean `outer`?" in wrong.err
    assert all(pectin(*command).code == 0 for command in wrong.commands())


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    document = pectin("graph", write(folder, "refund.py", REFUND), "--json").json
    assert document == {"workflow": "refund", "version": "1.0.0", "mermaid": CHART.rstrip("\n"), "output": None}


def test_a_broken_workflow_has_no_graph(pectin: Pectin, folder: Path) -> None:
    assert pectin("graph", write(folder, "broken.py", BROKEN)).code == 2


def test_as_a_picture_and_as_a_tree(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    svg = pectin("graph", file, "--svg")
    assert (svg.code, svg.err) == (0, "")
    assert svg.out.startswith("<svg ")
    assert pectin("graph", file, "-o", "refund.svg").err == "wrote refund 1.0.0 to refund.svg\n"
    assert (folder / "refund.svg").read_text("utf-8") == svg.out
    assert pectin("graph", file, "--tree").out.splitlines() == [
        "look_up",
        "assess",
        "├─ when state.risk == 'high': review  (approval, 72 h)",
        "│  ├─ approved → pay",
        "│  └─ rejected or timeout → end",
        "└─ otherwise → pay",
        "pay  (keyed)",
    ]
    assert pectin("graph", file, "--svg", "--json").json["svg"] == svg.out.rstrip("\n")
    assert pectin("graph", file, "--svg", "--tree").code == 2


def test_of_an_execution_with_what_became_of_each_node(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    shown = pectin("show", "A", "--graph")
    assert shown.code == 0
    assert '    n_assess["✓ assess<br/>done"]\n' in shown.out
    assert '    n_review[/"● review<br/>waits for a person"/]\n' in shown.out
    assert '    n_pay["pay"]\n' in shown.out
    assert "    class n_look_up,n_assess done\n" in shown.out
    assert "    class n_review active\n" in shown.out
    earlier = pectin("show", "A", "--graph", "--at", "4", "--json").json["mermaid"]
    assert "● assess" in earlier or "✓ look_up" in earlier
    assert "review active" not in earlier


def test_of_an_execution_as_a_picture_and_as_a_tree(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    svg = pectin("show", "A", "--graph", "--svg").out
    assert ">✓ done</text>" in svg
    assert ">● waits for a person</text>" in svg
    assert ">refund 1.0.0 · A · paused</text>" in svg
    assert pectin("show", "A", "-o", "a.svg").err == "wrote refund 1.0.0 · A · paused to a.svg\n"
    assert (folder / "a.svg").read_text("utf-8") == svg
    tree = pectin("show", "A", "--tree").out.splitlines()
    assert tree[:3] == [
        "look_up  ✓ done",
        "assess  ✓ done",
        "├─ when state.risk == 'high': review  ● waits for a person  (approval, 72 h)",
    ]
    assert pectin("show", "A", "--graph", "--tree", "--json").json["tree"].splitlines() == tree


def test_iterations_are_counted(pectin: Pectin, folder: Path) -> None:
    loop = ADD + "\nonce_more = add.parallel('once_more')\none_more.then(once_more)\n"
    loop += "once_more.repeat(one_more, when='state.n < 3', max_iterations=5)\n"
    assert pectin("run", write(folder, "loop.py", loop), "--key", "L").code == 0
    assert pectin("show", "L", "--tree").out.splitlines()[0] == "one_more  ✓ done (3×)"


def test_what_the_stream_can_not_show_stands_there_in_the_code_of_mermaid(
    spawn: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    file = write(folder, "refund.py", REFUND)
    assert spawn("run", file, "--input", '{"order": "A"}', "--key", "A", PYTHONIOENCODING="ascii").wait() == 4
    out, err = spawn("show", "A", "--graph", PYTHONIOENCODING="ascii").communicate()
    assert err == ""
    assert f'    n_assess["#{ord("✓")}; assess<br/>done"]\n' in out
    out, err = spawn("show", "A", "--svg", PYTHONIOENCODING="ascii").communicate()
    assert err == ""
    assert f">&#{ord('✓')}; done</text>" in out
    out, err = spawn("show", "A", "--tree", PYTHONIOENCODING="ascii").communicate()
    assert out.splitlines()[0] == "look_up  ok done"

"""From a text to drafts: what is said of broken ones, and that nothing else is ever raised."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pectin
from pectin import BadValue, DefinitionError
from pectin.authoring.document.reading import read_text
from tests.authoring.document.transcript import AROUND, Case, cases, document_of, problems, told

REFUND = Path(__file__).parents[3] / "examples/refund.yaml"


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.topic}: {case.title}")
def test_what_is_said_of_a_broken_document(case: Case) -> None:
    assert told(*document_of(case)) == case.said.rstrip("\n") + "\n"


def test_there_are_many_and_no_title_stands_twice() -> None:
    found = list(cases())
    assert len(found) >= 300
    assert len({(case.topic, case.title) for case in found}) == len(found)
    assert {case.topic for case in found} == AROUND.keys()


def test_each_problem_marks_a_word_of_its_line() -> None:
    for case in cases():
        text, file, functions = document_of(case)
        for problem in problems(text, file, functions):
            assert problem.hint is None or problem.hint.strip()
            if problem.place is not None and problem.place.file == file:
                line = text.split("\n")[problem.place.line - 1]
                assert problem.source == line.rstrip("\r")
                assert problem.place.column == problem.start + 1
                assert problem.start < problem.end <= max(len(line), problem.start + 1)


PIECES = [
    *("workflow", "nodes", "a", "run", "then", "when", "to", "state", "f", "end", "{{ state.x }}", "1.0.0", "0"),
    *(":", ",", "[", "]", "{", "}", "'", '"', "#", "!", "&", "*", "|", ">", "?", "%", "@", "`", "~", "\\", "-"),
    *(" ", "\n  ", "\n", "\t", ": ", "- "),
]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.sampled_from("yj"))
def test_any_text_is_read_or_refused(text: str, kind: str) -> None:
    problems(text, "w.json" if kind == "j" else "w.yaml")


@given(st.text(max_size=60), st.sampled_from("yj"))
def test_any_characters_are_read_or_refused(text: str, kind: str) -> None:
    problems(text, "w.json" if kind == "j" else "w.yaml")


INNER_KEYS = (
    *("to", "when", "run", "a", "$type", "event", "workflow"),
    *("tool", "http", "url", "method", "headers", "query", "secret", "input", "output", "effect"),
    *("blocked_tools", "require_approval_for", "of", "approvers", "deadline", "cost_usd", "max_cost_usd", "message"),
)
JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.sampled_from(["a", "end", "x y", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER_KEYS), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    *("workflow", "version", "name", "state", "reducers", "timeouts", "on_failure", "stop_grace", "limits", "start"),
    *("session_type", "description", "nodes", "labels", "policy", "retention_days", "tools"),
)
NODE_KEYS = (
    *(
        "run",
        "child",
        "approval",
        "wait",
        "condition",
        "parallel",
        "join",
        "limit_exceeded",
        "tool",
        "rules",
        "policy",
        "ceiling",
        "labels",
        "description",
        "on_violation",
        "then",
        "repeat",
        "on_error",
    ),
    *("on_limit", "each", "effect", "retry", "timeout", "output_key", "reconcile", "run_on", "decisions", "options"),
    *("deadline", "editable", "default", "input", "output", "max_concurrency", "on_item_failure"),
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5), st.dictionaries(st.sampled_from(NODE_KEYS), JSON))
def test_any_values_are_read_or_refused(header: dict[str, Any], node: dict[str, Any]) -> None:
    document = {"workflow": "w", "version": "1.0.0", "nodes": {"a": node, "b": {"run": "f"}}, **header}
    problems(json.dumps(document), "w.json")


def test_a_good_document_stays_readable_with_any_byte_changed() -> None:
    text = REFUND.read_text("utf-8")
    for at in range(0, len(text), 7):
        for sign in ("", "x", ":", "'", "\n", "{"):
            problems(text[:at] + sign + text[at + 1 :])


def test_a_workflow_with_its_functions(tmp_path: Path) -> None:
    import examples.refund
    import examples.refund_functions

    read = pectin.read_workflow(REFUND, examples.refund_functions)
    assert (read.id, read.version) == ("refund", "1.0.0")
    assert read.build().definition == examples.refund.refund.build().definition
    assert pectin.read_workflow(str(REFUND), examples.refund).build().definition == read.build().definition


def test_what_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"w\.toml: is no document; name a file that ends in \.yaml"):
        pectin.read_workflow(tmp_path / "w.toml")
    with pytest.raises(FileNotFoundError):
        pectin.read_workflow(tmp_path / "w.yaml")
    file = tmp_path / "w.yaml"
    file.write_bytes(b"\xef\xbb\xbfworkflow: w\nversion: 1.0.0\nnodes: {a: {parallel: [end]}}\n")
    assert pectin.read_workflow(file).id == "w"
    file.write_bytes(b"workflow: w\nversion: \xff\n")
    with pytest.raises(DefinitionError, match="2:10: error: the byte 0xff is no UTF-8"):
        pectin.read_workflow(file)


def test_functions_that_are_needed_are_missed(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text("workflow: w\nversion: 1.0.0\nnodes: {a: {run: f, effect: once, reconcile: g}}\n")
    with pytest.raises(DefinitionError, match="w runs `f`, `g`, and no functions were handed in"):
        pectin.read_workflow(file)


def test_several_documents_and_a_child(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    child = "workflow: child\nversion: 1.0.0\nstate: {n: int = 0}\nnodes: {c: {wait: {duration: 1s}}}\n"
    parent = (
        "workflow: w\nversion: 1.0.0\nstate: {n: int = 0}\nnodes:\n  a: {child: {workflow: child, version: 1.0.0}}\n"
    )
    file.write_text(f"{parent}---\n{child}")
    first, second = pectin.read_workflows(file)
    assert [each.id for each in (first, second)] == ["w", "child"]
    (inner,) = first.build().children
    assert inner.definition == second.build().definition


async def test_it_runs_like_any_workflow(tmp_path: Path) -> None:
    from pectin import testing

    file = tmp_path / "w.json"
    file.write_text(
        '{"workflow": "w", "version": "1.0.0", "state": {"n": "int = 1"}, "nodes": {"a": {"run": "double"}}}'
    )

    def double(state: dict[str, Any]) -> dict[str, Any]:
        state["n"] *= 2
        return state

    workflow = pectin.read_workflow(file, [double])
    async with testing.engine(workflow) as engine:
        assert await (await engine.start(workflow, {"n": 4})).result() == {"n": 8}
        with pytest.raises(pectin.BadInput, match="m: there is no such field"):
            await engine.start(workflow, {"m": 4})


def test_yaml_is_imported_for_yaml_only(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"workflow": "w", "version": "1.0.0", "nodes": {"a": {"parallel": ["end"]}}}')
    code = (
        "import sys, pectin; assert 'yaml' not in sys.modules; pectin.read_workflow('w.json'); "
        "assert 'yaml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_problems_of_one_document_hide_none_of_another() -> None:
    text = "workflow: w\nversion: 1.0.0\nnodes: {a: {run: f, then: b}}\n---\nworkflow: v\nversion: 1\nnodes: {}\n"
    assert [problem.place.line for problem in problems(text) if problem.place] == [3, 5, 6]
    assert len(read_text(text, "w.yaml")) == 2

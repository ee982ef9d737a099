"""`pectin fmt`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin

UNTIDY = "version: 1.0.0  # first\nworkflow: a\nnodes: {n: {then: 'end', run: n}}\n"
TIDY = "workflow: a\nversion: 1.0.0  # first\n\nnodes:\n  n: {run: n, then: end}\n"


@pytest.fixture
def file(folder: Path) -> Path:
    (path := folder / "a.yaml").write_text(UNTIDY)
    return path


def feed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))


def test_files_are_put_into_form(pectin: Pectin, file: Path) -> None:
    file.with_name("b.yml").write_text(TIDY)
    said = pectin("fmt", "a.yaml", "b.yml")
    assert (said.code, said.out, said.err) == (0, "", "1 file rewritten, 1 file in form\n")
    assert file.read_text() == TIDY
    assert pectin("fmt", "a.yaml", "b.yml").err == "0 files rewritten, 2 files in form\n"


def test_json_is_put_into_form_as_json(pectin: Pectin, folder: Path) -> None:
    (path := folder / "a.json").write_text('{"version": "1.0.0", "workflow": "a", "nodes": {"n": {"run": "n"}}}')
    assert pectin("fmt", "a.json").code == 0
    assert path.read_text().startswith('{\n  "workflow": "a",\n')


def test_a_check_changes_nothing_and_says_no(pectin: Pectin, file: Path) -> None:
    said = pectin("fmt", "--check", "a.yaml")
    assert (said.code, said.out, said.err) == (1, "a.yaml\n", "1 file would change, 0 files in form\n")
    assert file.read_text() == UNTIDY
    file.write_text(TIDY)
    assert pectin("fmt", "--check", "a.yaml").code == 0


def test_a_diff_shows_what_would_change(pectin: Pectin, file: Path) -> None:
    said = pectin("fmt", "--diff", "a.yaml")
    assert said.code == 0
    assert "--- a.yaml\n+++ a.yaml (in form)\n" in said.out
    assert "-nodes: {n: {then: 'end', run: n}}\n" in said.out
    assert file.read_text() == UNTIDY
    assert pectin("fmt", "--diff", "--check", "a.yaml").code == 1


def test_a_dash_is_standard_input(pectin: Pectin, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, UNTIDY)
    said = pectin("fmt", "-")
    assert (said.code, said.out, said.err) == (0, TIDY, "")
    feed(monkeypatch, '{"workflow": "a", "nodes": {}}')
    assert pectin("fmt", "-").out == '{\n  "workflow": "a",\n  "nodes": {}\n}\n'
    feed(monkeypatch, UNTIDY)
    assert (pectin("fmt", "--check", "-").code) == 1


def test_lines_end_as_they_did(pectin: Pectin, file: Path) -> None:
    file.write_bytes(UNTIDY.replace("\n", "\r\n").encode())
    assert pectin("fmt", "a.yaml").code == 0
    assert file.read_bytes() == TIDY.replace("\n", "\r\n").encode()
    assert pectin("fmt", "--check", "a.yaml").code == 0


def test_a_workflow_that_can_not_run_yet_has_a_form(pectin: Pectin, file: Path) -> None:
    file.write_text("nodes: {n: {then: nowhere, runs: n}}\nworkflow: a\n")
    assert pectin("fmt", "a.yaml").code == 0
    assert file.read_text() == "workflow: a\n\nnodes:\n  n: {then: nowhere, runs: n}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "a.yaml holds no workflow: a document begins with `workflow: ID`\n"),
        ("workflow: a\n---\nb: 1\n", "a.yaml holds no workflow: a document begins with `workflow: ID`\n"),
        ("workflow: [a\n", "a.yaml:1:11: error: a list that begins with `[` isn't closed here"),
        ("- a\n", "a.yaml:1:1: error: a document is a mapping of keys, not a list"),
        ("", "a.yaml:1:1: error: there is no workflow here"),
    ],
)
def test_what_is_no_workflow_is_left_as_it_is(pectin: Pectin, file: Path, text: str, message: str) -> None:
    file.write_text(text)
    (other := file.with_name("b.yaml")).write_text(UNTIDY)
    said = pectin("fmt", "b.yaml", "a.yaml")
    assert said.code == 2
    assert said.err.startswith(message)
    assert (file.read_text(), other.read_text()) == (text, UNTIDY), "all or none"


def test_for_programs(pectin: Pectin, file: Path) -> None:
    told = {"exit_code": 1, "files": [{"file": "a.yaml", "changed": True}]}
    assert pectin("fmt", "--check", "--json", "a.yaml").json == told
    assert pectin("fmt", "--json", "a.yaml").json == {**told, "exit_code": 0}
    assert file.read_text() == TIDY

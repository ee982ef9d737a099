"""The command: a peer that can't be had or that breaks is told, and the others are measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.interpreter import PYTHON
from bench.peers import __main__ as command
from bench.peers import known
from bench.peers.environment import Unavailable


def test_no_peer_stops_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(name: str, _folder: Path) -> Path:
        if name == "dbos":
            raise Unavailable("it is nowhere")
        return Path(PYTHON)  # which has not got what they need

    async def count(_entry: object, _python: Path, _folder: Path) -> None: ...

    monkeypatch.setattr(command, "prepare", prepare)
    monkeypatch.setattr(command, "_count", count)
    file = tmp_path / "found.json"
    arguments = ["dbos", "temporal", "restate", "--quick", "--folder", str(tmp_path), "--json", str(file)]
    assert command.main(arguments) == 0
    told = capsys.readouterr().out
    assert "dbos: skipped: it is nowhere" in told
    assert "temporal: failed: its process has ended: ModuleNotFoundError: No module named 'temporalio'" in told
    assert "restate: failed: its process has ended: ModuleNotFoundError" in told
    document: dict[str, Any] = json.loads(file.read_text())
    assert [engine["name"] for engine in document["engines"]] == [known.OURS, "dbos", "temporal", "restate"]
    assert document["machine"]["date"] in told


def test_our_own_failure_is_the_run_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PYTHON", "false")
    assert command.main(["dbos", "--folder", str(tmp_path)]) == 1
    assert "pectin: a wrong result, so there is nothing to compare: its process has ended" in capsys.readouterr().out


def test_an_unknown_peer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["dbso"])
    assert "there is no peer 'dbso'; there are dbos, langgraph" in capsys.readouterr().err

"""SARIF, held to what its schema asks of logs like ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pectin.cli.sarif import sarif
from pectin.core.definition import Place
from pectin.core.problem import Problem
from tests.cli.conftest import Pectin
from tests.cli.test_checking import BAD
from tests.cli.workflows import BROKEN, write

LEVELS = ("none", "note", "warning", "error")


def check(log: Any) -> list[dict[str, Any]]:
    """The results, after what the schema of SARIF 2.1.0 requires of a log, its run, rules, results and regions."""
    assert log.keys() <= {"$schema", "version", "runs", "inlineExternalProperties", "properties"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run.keys() <= {"tool", "results", "columnKind"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert isinstance(driver["version"], str)
    for rule in driver["rules"]:
        assert rule["id"]
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", ()):
            physical = location["physicalLocation"]
            assert " " not in physical["artifactLocation"]["uri"]
            region = physical["region"]
            assert region["startLine"] >= 1
            assert 1 <= region.get("startColumn", 1) < region.get("endColumn", 2)
    return run["results"]


def test_problems_of_documents_and_of_python(pectin: Pectin, folder: Path) -> None:
    write(folder, "my refund.yaml", BAD)
    write(folder, "broken.py", BROKEN)
    said = pectin("check", "my refund.yaml", "broken.py", "--sarif")
    assert said.code == 2
    results = check(said.json)
    assert [result["ruleId"] for result in results] == ["E014", "E015", "E006", "E014"]
    first, last = (result["locations"][0]["physicalLocation"] for result in (results[0], results[-1]))
    assert first["artifactLocation"]["uri"] == "my%20refund.yaml"
    assert first["region"] == {"startLine": 19, "startColumn": 21, "endColumn": 25}
    assert "startColumn" not in last["region"]
    assert results[0]["message"]["text"] == "assess → review: `state` has no field `rsik`; did you mean `risk`?"


def test_nothing_is_a_log_without_results(pectin: Pectin, folder: Path) -> None:
    text = "workflow: w\nversion: 1.0.0\nnodes: {a: {parallel: [end]}}\n"
    said = pectin("check", write(folder, "w.json", "{}").replace("json", "yaml"), "--sarif")
    assert said.code == 2
    said = pectin("check", write(folder, "w.yaml", text), "--sarif")
    assert (said.code, check(said.json)) == (0, [])
    assert pectin("check", "w.yaml", "--sarif", "--json").code == 2


def test_warnings_and_problems_without_a_place() -> None:
    somewhere = Place(str(Path("/of a/w.yaml")), 1, 1)
    problems = [Problem("W001", "", "it", None, somewhere), Problem("E001", "", "it", None)]
    results = check(sarif(problems))
    assert [result["level"] for result in results] == ["warning", "error"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///of%20a/w.yaml"
    assert "locations" not in results[1]

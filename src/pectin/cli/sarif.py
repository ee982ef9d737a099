"""Problems as SARIF 2.1.0, the form in which code hosts and editors read what a checker finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pectin import __version__
from pectin.cli.checking import Checked, exit_code
from pectin.cli.words import put_json
from pectin.core.definition import Place
from pectin.core.explanation import EXPLANATIONS
from pectin.core.problem import Problem
from pectin.core.validate import is_warning

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def put_sarif(checked: Sequence[Checked]) -> int:
    """Write what was found to standard output."""
    put_json(sarif([problem for each in checked for problem in each.problems]))
    return exit_code(checked)


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """A log of one run, with the rules that the problems are about."""
    codes = sorted({problem.code for problem in problems})
    driver = {"name": "pectin", "version": __version__, "rules": [_rule(code) for code in codes]}
    results = [_result(problem, codes.index(problem.code)) for problem in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    explanation = EXPLANATIONS[code]
    return {
        "id": code,
        "shortDescription": {"text": explanation.title},
        "fullDescription": {"text": explanation.text},
        "defaultConfiguration": {"level": "warning" if code.startswith("W") else "error"},
    }


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    where = f"{problem.where}: " if problem.where else ""
    hint = f"; {problem.hint}" if problem.hint else ""
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": "warning" if is_warning(problem) else "error",
        "message": {"text": f"{where}{problem.message}{hint}"},
        **({"locations": [_location(problem, problem.place)]} if problem.place is not None else {}),
    }


def _location(problem: Problem, place: Place) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": place.line}
    if place.column is not None:
        region["startColumn"] = place.column
        region["endColumn"] = place.column + max(problem.end - problem.start, 1)
    path = Path(place.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}

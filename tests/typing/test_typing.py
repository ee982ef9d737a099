"""What pyright strict says of users' files: nothing of right ones, and of each mistake the error on its line.

All modules are written into one project and checked in one run, which takes some seconds.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "src"
_SECTION = re.compile(r"^## ([^\n]+)\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"# error: (\w+)$")

Findings = dict[int, set[str]]


class Module(NamedTuple):
    title: str
    code: str


def read_modules(page: str) -> list[Module]:
    return [Module(*found) for found in _SECTION.findall((HERE / page).read_text(encoding="utf-8"))]


SAMPLE = read_modules("sample.md")
PRELUDE, *MISTAKES = read_modules("mistakes.md")


def mistake_file(index: int) -> str:
    return f"mistake_{index}.py"


def expected(code: str) -> Findings:
    found = ((number, _EXPECTED.search(line)) for number, line in enumerate(code.splitlines(), 1))
    return {number: {match[1]} for number, match in found if match}


def complaints(wanted: Findings, reported: Findings) -> list[str]:
    """What is reported and not wanted, and the other way round. Other rules may be broken on a wanted line."""
    missing = [
        f"line {line}: {', '.join(rules)} is not reported, but {reported.get(line, 'nothing')}"
        for line, rules in wanted.items()
        if not rules <= reported.get(line, set())
    ]
    return missing + [f"line {line}: {rules} is reported" for line, rules in reported.items() if line not in wanted]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Findings]:
    """What pyright reports, by file and line."""
    project = tmp_path_factory.mktemp("typing")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(SOURCES)]}
    files = {module.title: module.code for module in SAMPLE}
    files |= {mistake_file(index): PRELUDE.code + module.code for index, module in enumerate(MISTAKES)}
    for name, code in {**files, "pyrightconfig.json": json.dumps(settings)}.items():
        (project / name).write_text(code, encoding="utf-8")
    python = sys.executable
    command = [python, "-m", "pyright", "--outputjson", "--pythonpath", python, "--project", str(project)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(ran.stdout)
    assert report["summary"]["filesAnalyzed"] == len(files), ran.stdout
    found: dict[str, Findings] = {}
    for diagnostic in report["generalDiagnostics"]:
        lines = found.setdefault(Path(diagnostic["file"]).name, {})
        lines.setdefault(diagnostic["range"]["start"]["line"] + 1, set()).add(diagnostic.get("rule", "syntax"))
    return found


@pytest.mark.parametrize("name", [module.title for module in SAMPLE])
def test_right_files_are_clean(name: str, reports: dict[str, Findings]) -> None:
    assert reports.get(name, {}) == {}


@pytest.mark.parametrize("index", range(len(MISTAKES)), ids=[module.title for module in MISTAKES])
def test_a_mistake_is_reported_on_its_line(index: int, reports: dict[str, Findings]) -> None:
    code = PRELUDE.code + MISTAKES[index].code
    wanted = expected(code)
    assert wanted, "a mistake says where its error is"
    assert complaints(wanted, reports.get(mistake_file(index), {})) == []


def test_a_missing_and_a_needless_error_are_found() -> None:
    wanted = expected("x = 1\ny = 2  # error: reportCallIssue\n")
    assert complaints(wanted, {2: {"reportCallIssue", "reportOther"}}) == []
    assert complaints(wanted, {}) == ["line 2: reportCallIssue is not reported, but nothing"]
    assert complaints({}, {1: {"reportOther"}}) == ["line 1: {'reportOther'} is reported"]

"""What pyright and mypy, both strict, say of users' files: nothing of right ones, and of each mistake the error on its
line.

All modules are written into one project, and both check it at the same time, once, which takes some seconds.
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
CHECKERS = ("pyright", "mypy")
_SECTION = re.compile(r"^## ([^\n]+)\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"# (?:(pyright|mypy) )?error(?:: (\w+))?$")
_OF_MYPY = re.compile(r"(\w+\.py):(\d+): error: .*\[([\w-]+)\]$", re.MULTILINE)

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


def expected(code: str, checker: str) -> Findings:
    """The lines with an error, and of pyright the rules."""
    found = ((number, _EXPECTED.search(line)) for number, line in enumerate(code.splitlines(), 1))
    rules = {number: match[2] for number, match in found if match and match[1] in (None, checker)}
    return {number: {rule} if checker == "pyright" else set() for number, rule in rules.items()}


def complaints(wanted: Findings, reported: Findings) -> list[str]:
    """What is reported and not wanted, and the other way round. Other rules may be broken on a wanted line."""
    missing = [
        f"line {line}: {', '.join(rules) or 'an error'} is not reported, but {reported.get(line, 'nothing')}"
        for line, rules in wanted.items()
        if line not in reported or not rules <= reported[line]
    ]
    return missing + [f"line {line}: {rules} is reported" for line, rules in reported.items() if line not in wanted]


def of_pyright(output: str, files: int) -> dict[str, Findings]:
    report: dict[str, Any] = json.loads(output)
    assert report["summary"]["filesAnalyzed"] == files, output
    found: dict[str, Findings] = {}
    for diagnostic in report["generalDiagnostics"]:
        lines = found.setdefault(Path(diagnostic["file"]).name, {})
        lines.setdefault(diagnostic["range"]["start"]["line"] + 1, set()).add(diagnostic.get("rule", "syntax"))
    return found


def of_mypy(output: str, files: int) -> dict[str, Findings]:
    assert f"(checked {files} source files)" in output, output
    found: dict[str, Findings] = {}
    for file, line, rule in _OF_MYPY.findall(output):
        found.setdefault(file, {}).setdefault(int(line), set()).add(rule)
    return found


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Findings]]:
    """What each checker reports, by file and line."""
    project = tmp_path_factory.mktemp("typing")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(SOURCES)]}
    files = {module.title: module.code for module in SAMPLE}
    files |= {mistake_file(index): PRELUDE.code + module.code for index, module in enumerate(MISTAKES)}
    for name, code in {**files, "pyrightconfig.json": json.dumps(settings)}.items():
        (project / name).write_text(code, encoding="utf-8")
    (project / "mypy.ini").write_text(f"[mypy]\nstrict = True\nmypy_path = {SOURCES}\n", encoding="utf-8")
    python = sys.executable
    commands = {
        "pyright": ["pyright", "--outputjson", "--pythonpath", python, "--project", str(project)],
        "mypy": ["mypy", "--python-version=3.11", "--follow-imports=silent", "--no-pretty", "."],
    }
    running = {
        checker: subprocess.Popen([python, "-m", *command], cwd=project, stdout=subprocess.PIPE, text=True)
        for checker, command in commands.items()
    }
    said = {checker: process.communicate()[0] for checker, process in running.items()}
    return {"pyright": of_pyright(said["pyright"], len(files)), "mypy": of_mypy(said["mypy"], len(files))}


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("name", [module.title for module in SAMPLE])
def test_right_files_are_clean(name: str, checker: str, reports: dict[str, dict[str, Findings]]) -> None:
    assert reports[checker].get(name, {}) == {}


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("index", range(len(MISTAKES)), ids=[module.title for module in MISTAKES])
def test_a_mistake_is_reported_on_its_line(index: int, checker: str, reports: dict[str, dict[str, Findings]]) -> None:
    code = PRELUDE.code + MISTAKES[index].code
    wanted = expected(code, checker)
    assert wanted, "a mistake says where its error is"
    assert complaints(wanted, reports[checker].get(mistake_file(index), {})) == []


def test_a_missing_and_a_needless_error_are_found() -> None:
    code = "x = 1\ny = 2  # error: reportCallIssue\nz = 3  # mypy error\n"
    wanted = expected(code, "pyright")
    assert complaints(wanted, {2: {"reportCallIssue", "reportOther"}}) == []
    assert complaints(wanted, {}) == ["line 2: reportCallIssue is not reported, but nothing"]
    assert complaints({}, {1: {"reportOther"}}) == ["line 1: {'reportOther'} is reported"]
    wanted = expected(code, "mypy")
    assert complaints(wanted, {2: {"call-arg"}, 3: {"no-redef"}}) == []
    assert complaints(wanted, {2: {"call-arg"}}) == ["line 3: an error is not reported, but nothing"]

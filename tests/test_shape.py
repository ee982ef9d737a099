"""The shape of the tree: sizes, mirrors, names, words, the core's purity, the pinned packages.

Each check takes the root of a tree and returns its complaints, so that it can be run on a planted defect
too: a check that can't fail checks nothing. Exceptions stand by name, with their reasons, in these tables.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

Check = Callable[[Path], list[str]]

ROOT = Path(__file__).parents[1]
ROOMS = (".ci", "bench", "docs", "examples", "requirements", "src", "tests")
CACHES = {"__pycache__", ".ruff_cache"}
CODE = ("src", "tests", "examples", "bench")

LINES_MAX = 400
FUNCTION_LINES_MAX = 60
POSITIONAL_MAX = 6

# file, or file:function -> why it may be larger
LARGE: dict[str, str] = {
    "src/pectin/core/explanation.py": "one table of texts, an entry a code, which people look up in one place",
}
# file under src/pectin -> why no test file mirrors it
UNMIRRORED: dict[str, str] = {}
# test file -> why it sleeps
SLEEPERS: dict[str, str] = {}

FORBIDDEN_WORDS = {
    r"(?<![\w.~-])/(wor[k]|hom[e]|roo[t]|User[s])/": "a path of one machine",
    r"pyp[i]\.org|python[h]osted|npm[j]s|crates\.i[o]|anaconda\.or[g]": "a package host",
    r"\b(TOD[O]|FIXM[E])\b": "unfinished work",
}
FORBIDDEN_NAMES = re.compile(r"(^|_)(handler|manager|util|helper)s?(_|$)")
WORLDLY_CALLS = {"open", "input", "eval", "exec", "compile", "__import__"}


def files(root: Path, *rooms: str, suffix: str = "") -> Iterator[tuple[str, Path]]:
    """The files of these rooms, each with its name relative to the root."""
    for room in rooms:
        for path in sorted((root / room).rglob("*" + suffix)):
            if path.is_file() and not CACHES.intersection(path.parts):
                yield path.relative_to(root).as_posix(), path


def modules(root: Path, *rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for name, path in files(root, *rooms, suffix=".py"):
        yield name, parse(path, path.stat().st_mtime_ns)


@cache
def parse(path: Path, _changed: int) -> ast.Module:
    """The module, parsed once for all checks."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=path.name)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# -- the checks --------------------------------------------------------------------------------------------


def file_lengths(root: Path) -> list[str]:
    return [
        f"{name}: {length} lines, at most {LINES_MAX}: split it by what its parts are for"
        for name, path in files(root, *CODE, suffix=".py")
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > LINES_MAX and name not in LARGE
    ]


def function_lengths(root: Path) -> list[str]:
    return [
        f"{place}: {length} lines, at most {FUNCTION_LINES_MAX}: give its steps names"
        for name, tree in modules(root, *CODE)
        for function in functions(tree)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
        if (place := f"{name}:{function.name}") not in LARGE
    ]


def positional_parameters(root: Path) -> list[str]:
    def count(arguments: ast.arguments) -> int:
        names = [argument.arg for argument in arguments.posonlyargs + arguments.args]
        return len(names) - (names[:1] in (["self"], ["cls"]))

    return [
        f"{place}: {count(function.args)} positional parameters, at most {POSITIONAL_MAX}: name some with *"
        for name, tree in modules(root, *CODE)
        for function in functions(tree)
        if count(function.args) > POSITIONAL_MAX
        if (place := f"{name}:{function.name}") not in LARGE
    ]


def has_code(tree: ast.Module) -> bool:
    """Whether a function does anything. Records, errors that hold data and Protocols have none that does."""

    def is_empty(statement: ast.stmt) -> bool:
        return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)

    working = (function for function in functions(tree) if function.name != "__init__")
    return any(not all(map(is_empty, function.body)) for function in working)


def mirrors(root: Path) -> list[str]:
    def test_of(name: str) -> Path:
        source = Path(name).relative_to("src/pectin")
        return Path("tests", source.parent, f"test_{source.name}")

    return [
        f"{name}: its test {test_of(name).as_posix()} is missing"
        for name, tree in modules(root, "src/pectin")
        if not Path(name).name.startswith("__") and name not in UNMIRRORED
        if has_code(tree) and not (root / test_of(name)).exists()
    ]


def module_names(root: Path) -> list[str]:
    return [
        f"{name}: name it for what it holds, not {match[2]}"
        for name, path in files(root, *CODE, suffix=".py")
        for part in (path.stem, path.parent.name)
        if (match := FORBIDDEN_NAMES.search(part))
    ]


def words(root: Path) -> list[str]:
    top = ((path.name, path) for path in sorted(root.iterdir()) if path.is_file() and path.name != ".git")
    return [
        f"{name}:{number}: {match[0]!r} is {what}"
        for name, path in (*top, *files(root, *ROOMS))
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for pattern, what in FORBIDDEN_WORDS.items()
        if (match := re.search(pattern, line))
    ]


def sleeps(root: Path) -> list[str]:
    return [
        f"{name}:{node.lineno}: a test sleeps: wait for the thing itself, or move the virtual clock"
        for name, tree in modules(root, "tests")
        if name not in SLEEPERS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"sleep", "time.sleep", "asyncio.sleep"}
        if [ast.unparse(argument) for argument in node.args] != ["0"]
    ]


def core_purity(root: Path) -> list[str]:
    """What the bans in src/pectin/core/ruff.toml can't name: third parties, async, builtins."""
    allowed = {*sys.stdlib_module_names, "msgspec", "pectin"}

    def impurity(node: ast.AST) -> str | None:
        match node:
            case ast.Import(names=names):
                strangers = {alias.name.partition(".")[0] for alias in names} - allowed
            case ast.ImportFrom(module=str(module)):
                strangers = {module.partition(".")[0]} - allowed
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                return "has no async"
            case ast.Call(func=ast.Name(id=name)) if name in WORLDLY_CALLS:
                return f"doesn't call {name}"
            case _:
                return None
        return f"doesn't import {', '.join(sorted(strangers))}" if strangers else None

    return [
        f"{name}:{getattr(node, 'lineno', 0)}: the core {rule}"
        for name, tree in modules(root, "src/pectin/core")
        for node in ast.walk(tree)
        if (rule := impurity(node))
    ]


def pins(root: Path) -> list[str]:
    """Users, the demo and the tests run the same versions of the same core dependencies."""

    def lines(name: str) -> set[str]:
        text = (root / "requirements" / name).read_text(encoding="utf-8")
        return {line.partition(" ")[0] for line in text.splitlines() if line and line[0] not in " #-"}

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    uneven = set[str](project["dependencies"]) ^ lines("core.in")
    drifted = lines("core.txt") - lines("dev.txt")
    return [f"{name}: only in one of pyproject.toml and requirements/core.in" for name in sorted(uneven)] + [
        f"{pin}: requirements/dev.txt has another version; run make lock" for pin in sorted(drifted)
    ]


CHECKS: tuple[Check, ...] = (
    file_lengths,
    function_lengths,
    positional_parameters,
    mirrors,
    module_names,
    words,
    sleeps,
    core_purity,
    pins,
)


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_its_shape(check: Check) -> None:
    complaints = check(ROOT)
    assert not complaints, "\n" + "\n".join(complaints)


def test_an_exception_is_of_something_that_is_there() -> None:
    gone = [name for name in (*LARGE, *UNMIRRORED, *SLEEPERS) if not (ROOT / name.partition(":")[0]).exists()]
    assert not gone, "take them out of their tables"


# -- each check can fail, and lets pass the fine thing beside the defect -----------------------------------

DEFECTS: list[tuple[Check, str, str, str]] = [
    (file_lengths, "src/pectin/core/a.py", "x = 1\n" * 401, "a.py: 401 lines"),
    (function_lengths, "tests/test_a.py", "def f():\n" + "    pass\n" * 60, "test_a.py:f: 61 lines"),
    (positional_parameters, "src/pectin/a.py", "def f(a, b, /, c, d, e, f, g): ...", "a.py:f: 7 positional"),
    (mirrors, "src/pectin/core/b.py", "def f(): return 1", "tests/core/test_b.py is missing"),
    (module_names, "src/pectin/core/retry_helpers.py", "", "not helper"),
    (module_names, "src/pectin/utils/a.py", "", "not util"),
    (words, "docs/a.md", "look into /" + "home/main", "docs/a.md:1: '/ho" + "me/' is a path"),
    (words, "Makefile", "\n# from npm" + "js.com", "Makefile:2: 'npm" + "js' is a package host"),
    (words, "src/pectin/a.py", "# TO" + "DO: more", "'TO" + "DO' is unfinished work"),
    (sleeps, "tests/test_a.py", "time.sleep(0.1)", "test_a.py:1: a test sleeps"),
    (
        sleeps,
        "tests/test_a.py",
        "async def f():\n    await asyncio.sleep(delay)",
        "test_a.py:2: a test sleeps",
    ),
    (core_purity, "src/pectin/core/a.py", "from pydantic import BaseModel", "doesn't import pydantic"),
    (core_purity, "src/pectin/core/a.py", "async def f(): ...", "has no async"),
    (core_purity, "src/pectin/core/a.py", "text = open(name)", "doesn't call open"),
    (pins, "requirements/core.in", "msgspec", "apsw: only in one"),
    (pins, "requirements/dev.txt", "apsw==2", "apsw==1: requirements/dev.txt has another version"),
]

FINE = {
    "src/pectin/core/__init__.py": "",
    "src/pectin/core/a.py": "import json\nimport msgspec\nimport pectin.core.b\n\nclass A: ...\n",
    "src/pectin/ports/a.py": 'class A(Protocol):\n    async def f(self, a):\n        """Says what."""\n',
    "src/pectin/a.py": "class A:\n    def f(self, a, b, c, d, e, f, *, g): return 1\n",
    "tests/test_a.py": "async def f():\n    await asyncio.sleep(0)\n",
    "docs/a.md": "`Todo` lists live in docs/work/notes.md\n",
    "pyproject.toml": "[project]\ndependencies = ['apsw']",
    "requirements/core.in": "# why\napsw\n",
    "requirements/core.txt": "apsw==1 \\\n    --hash=sha256:0\n",
    "requirements/dev.txt": "apsw==1 \\\n    --hash=sha256:0\nruff==1\n",
}


def plant(root: Path, tree: dict[str, str]) -> None:
    for name, text in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("check", "name", "text", "complaint"), DEFECTS)
def test_a_planted_defect_is_found(tmp_path: Path, *, check: Check, name: str, text: str, complaint: str) -> None:
    plant(tmp_path, FINE | {name: text})
    assert any(complaint in found for found in check(tmp_path)), check(tmp_path)


@pytest.mark.parametrize("check", CHECKS)
def test_a_fine_tree_has_no_complaints(tmp_path: Path, check: Check) -> None:
    plant(tmp_path, FINE)
    assert check(tmp_path) == []


def test_every_check_has_a_defect() -> None:
    assert {check for check, *_ in DEFECTS} == set(CHECKS)

"""What the documentation shows is what happens.

The blocks of a page that are marked are executed in its order, in a directory of the page's own:

    python run                 as part of the page's one module, `await` at its top level too; its tests are called
    python file=refund.py      written to that file
    console run                each line after `$` is run; what stands under it is what it prints
    console run exit=4         … and the last one ends with this code

In a printed line `…` stands for anything. Times, dates and ids differ from run to run: any will do.
"""

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.docs import markdown
from tests.docs.markdown import Block

ROOT = Path(__file__).parents[2]
NAME = "the_page"

VARIABLE = (
    (re.compile(r"\b\d+(\.\d+)? (ms|s|min|h|d)\b( \d+ (ms|s|min|h)\b)?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{6,}(-[0-9a-f]+)*\b|\b(?=\w*\d)[0-9a-f]{6}\b"), "<id>"),
    (re.compile(r"\b((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{1,2} [A-Z][a-z]{2}\b"), "<date>"),
    (re.compile(r"\b\d{2}:\d{2}(:\d{2})?\b"), "<clock>"),
)


def is_marked(block: Block) -> bool:
    return any(mark == "run" or mark.startswith("file=") for mark in block.marks)


def pages() -> list[Path]:
    return [path for path in markdown.pages(ROOT) if any(map(is_marked, markdown.read(path).blocks))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_works(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delenv("PECTIN_STORE", raising=False)
    before = set(sys.modules)
    module = ModuleType(NAME)
    monkeypatch.setitem(sys.modules, NAME, module)
    try:
        for block in filter(is_marked, markdown.read(page).blocks):
            execute(block, module, page)
    finally:
        for name in set(sys.modules) - before:
            if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def execute(block: Block, module: ModuleType, page: Path) -> None:
    place = f"{page.name}:{block.line}"
    for mark in block.marks:
        if mark.startswith("file="):
            path = Path(mark.removeprefix("file="))
            path.write_text(block.code, encoding="utf-8")
            sys.modules.pop(path.stem, None)  # another page, or an example, may have a module of that name
    if "run" not in block.marks:
        return
    if block.language == "python":
        run_python(block.code, module, place)
    else:
        run_console(block, place)


def run_python(code: str, module: ModuleType, place: str) -> None:
    before = set(module.__dict__)
    compiled: CodeType = compile(code, place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    tests = [FunctionType(compiled, module.__dict__)]
    for function in tests:
        ran = function()
        if inspect.iscoroutine(ran):
            asyncio.run(ran)
        new = module.__dict__.keys() - before
        tests += [module.__dict__[name] for name in sorted(new) if name.startswith("test_")]
        before |= new


def run_console(block: Block, place: str) -> None:
    expected_code = next((int(mark[5:]) for mark in block.marks if mark.startswith("exit=")), 0)
    sessions = re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]
    for index, session in enumerate(sessions):
        command, _, shown = session.partition("\n")
        ran = shell(command)
        code = ran.returncode if ran.returncode >= 0 else 128 - ran.returncode  # killed: as shells say it
        wanted = expected_code if index == len(sessions) - 1 else 0
        assert code == wanted, f"{place}: `{command}` ended with {code}:\n{ran.stdout}"
        missing = [line for line in shown.splitlines() if line.strip() and not is_printed(line, ran.stdout)]
        assert not missing, f"{place}: `{command}` doesn't print {missing}, but:\n{ran.stdout}"


def shell(command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1", "NO_COLOR": "1"}
    return subprocess.run(
        command,
        shell=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def is_printed(line: str, output: str) -> bool:
    wanted = ".*".join(re.escape(steady(part)) for part in line.split("…"))
    return any(re.fullmatch(wanted, steady(printed)) for printed in output.splitlines())


def steady(text: str) -> str:
    """The text with one word for every time, date and id, and one space for many."""
    for pattern, word in VARIABLE:
        text = pattern.sub(word, text)
    return " ".join(text.split())


# -- the test can fail -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("  ✓ look_up   1.0 s   amount 1299.00", "  ✓ look_up  3 ms  amount 1299.00", True),
        ("  ✓ look_up   1.0 s   amount 1299.00", "  ✓ look_up  3 ms  amount 1300.00", False),
        ("asked … ago", "asked 2 h ago", True),
        ("until Thu 26 Nov 09:14 (72 h)", "until Fri 27 Nov 10:02 (72 h)", True),
        ("exec …3f7c41", "exec …8ae001", True),
    ],
)
def test_a_printed_line_is_compared(shown: str, printed: str, same: bool) -> None:
    assert is_printed(shown, f"before\n{printed}\nafter") is same


def test_a_wrong_example_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page, module = tmp_path / "a.md", ModuleType(NAME)
    execute(Block("python", 1, "x = 1\n", ("file=a.py", "run")), module, page)
    execute(Block("console", 1, "$ cat a.py\nx = 1\n", ("run",)), module, page)
    with pytest.raises(AssertionError):
        execute(Block("python", 1, "assert x == 2\n", ("run",)), module, page)
    with pytest.raises(AssertionError, match="doesn't print"):
        execute(Block("console", 1, "$ cat a.py\nx = 2\n", ("run",)), module, page)
    with pytest.raises(AssertionError, match="ended with 3"):
        execute(Block("console", 1, "$ exit 3\n", ("run",)), module, page)

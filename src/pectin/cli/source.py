"""The author's file: which one is meant, and the workflows in it.

A document is read. A Python file is run as a module of its own, with its folder on the path as Python does it for a
script; what goes wrong in it is the author's business, so it is shown with the author's frames and none of ours.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pectin.authoring.document.functions import Functions
from pectin.authoring.workflow import Workflow
from pectin.cli.document import SUFFIXES, Given, find_document, guess_functions, need_functions, read_documents
from pectin.cli.exit import BadUsage
from pectin.cli.words import show_path
from pectin.core.hint import did_you_mean

_HERE = str(Path(__file__).resolve().parents[1])
_FRAMES_MAX = 5
_MADE = re.compile(r"""\bWorkflow(?:\[[^\]]*\])?\(\s*(?:id\s*=\s*)?["']([^"']+)["']""")


class Target(NamedTuple):
    """`FILE` or `FILE:NAME`."""

    file: Path
    name: str | None


def parse_target(text: str) -> Target:
    """Which file, and which workflow of it; raises `BadUsage` if there is no such file."""
    file, colon, name = text.rpartition(":")
    target = Target(Path(file), name) if colon and not Path(text).exists() else Target(Path(text), None)
    if not target.file.is_file():
        what = "is a folder" if target.file.is_dir() else "is not there"
        raise BadUsage(f"{target.file} {what}: name the file that your workflow is in")
    if target.file.suffix not in (".py", *SUFFIXES):
        known = ", ".join(SUFFIXES)
        raise BadUsage(f"{target.file} holds no workflow: name a Python file, or a document ({known})")
    return target


def load_workflow(given: Given, command: str = "run") -> Workflow[Any]:
    """The workflow that is meant: the only one of the file, or the one that is named. `command` is what runs it."""
    return load_with_file(given, command)[0]


def load_with_file(given: Given, command: str) -> tuple[Workflow[Any], Mapping[str, object]]:
    """The workflow that is meant, and everything that its file, or the one of its functions, has by a name."""
    workflow, members = _load_only(given)
    need_functions(given, workflow, command)
    return workflow, members


def only_workflow(given: Given) -> Workflow[Any]:
    """The workflow that is meant, if need be without its functions: it isn't run."""
    return _load_only(given)[0]


def _load_only(given: Given) -> tuple[Workflow[Any], Mapping[str, object]]:
    target = parse_target(given.file)
    found, members = _load(target, given)
    if len(found) > 1:
        raise BadUsage(f"{target.file} has {len(found)} workflows: say which, as {_list(target.file, found)}")
    return next(iter(found.values())), members


def load_workflows(given: Given, command: str | None = None) -> dict[str, Workflow[Any]]:
    """All workflows of a file, or the one that is named, by their variables; those of documents by their ids.

    If `command` runs them, they need their functions.
    """
    found, _ = _load(parse_target(given.file), given)
    for workflow in found.values() if command is not None else ():
        need_functions(given, workflow, command or "")
    return found


def load_members(given: Given) -> tuple[dict[str, Workflow[Any]], Mapping[str, object]]:
    """All workflows of a file, or the one that is named, and everything that its Python file has by a name."""
    return _load(parse_target(given.file), given)


def _load(target: Target, given: Given) -> tuple[dict[str, Workflow[Any]], Mapping[str, object]]:
    """The workflows that are meant, and what the Python file has by a name."""
    if target.file.suffix in SUFFIXES:
        members: Mapping[str, object] = {} if given.functions is None else _run_functions(given.functions)
        functions = None if given.functions is None else Functions(members, show_path(given.functions))
        documents = read_documents(target.file, functions)
        return _named(target, documents) or documents, members
    if given.functions is not None:
        raise BadUsage(f"--functions is for documents: {target.file} is Python, and has its functions itself")
    members = vars(_run_file(target.file))
    found: dict[str, Workflow[Any]] = {name: value for name, value in members.items() if isinstance(value, Workflow)}
    if not found and target.name is None:
        raise BadUsage(f'{target.file} has no workflow: make one at its top level, such as  w = Workflow("w", …)')
    return _named(target, found) or _unique(found), members


def _named(target: Target, found: Mapping[str, Workflow[Any]]) -> dict[str, Workflow[Any]] | None:
    return None if target.name is None else {target.name: _pick(target.file, target.name, found)}


def _run_functions(file: str) -> Mapping[str, object]:
    path = Path(file)
    if path.suffix != ".py" or not path.is_file():
        what = "is not there" if not path.exists() else "is a folder" if path.is_dir() else "is no Python file"
        raise BadUsage(f"--functions {file}: it {what}; name the Python file with the functions that `run` names")
    return vars(_run_file(path))


def guess_file(workflow_id: str, folder: Path | None = None) -> list[str]:
    """The words by which `run` takes the file here that seems to hold the workflow, or `FILE`. It is never run."""
    here = Path.cwd() if folder is None else folder
    found: list[list[str]] = []
    for pattern in ("*.py", "examples/*.py"):
        for path in sorted(here.glob(pattern)):
            ids = _MADE.findall(path.read_text("utf-8", "replace"))
            if workflow_id in ids:
                found.append([f"{path.relative_to(here)}{f':{workflow_id}' if len(ids) > 1 else ''}"])
    for path in (path for suffix in SUFFIXES for path in sorted(here.glob(f"*{suffix}"))):
        ids = find_document(path)
        if workflow_id in ids:
            functions = guess_functions(ids[workflow_id], here) if ids[workflow_id] else None
            name = f"{path.relative_to(here)}{f':{workflow_id}' if len(ids) > 1 else ''}"
            found.append(Given(name, None if functions is None else str(Path(functions).relative_to(here))).words)
    return found[0] if len(found) == 1 else ["FILE"]


def _run_file(path: Path) -> ModuleType:
    file = path.resolve()
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = file.stem if file.stem.isidentifier() and file.stem not in sys.modules else f"pectin_file_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None, "a .py file has a loader"
    assert spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        sys.modules.pop(name, None)
        raise BadUsage(_tell_syntax(error)) from error
    except Exception as error:
        sys.modules.pop(name, None)
        raise BadUsage(_tell_error(path, error)) from error
    except SystemExit as error:
        sys.modules.pop(name, None)
        raise BadUsage(f"{path} ended the process when it was loaded (exit {error.code})") from error
    return module


def _pick(file: Path, name: str, found: Mapping[str, Workflow[Any]]) -> Workflow[Any]:
    """The workflow of this variable, or else of this id."""
    by_id = {workflow.id: workflow for workflow in found.values()}
    workflow = found.get(name) or by_id.get(name)
    if workflow is None:
        hint = did_you_mean(name, [*found, *by_id]) or _list(file, found)
        raise BadUsage(f"{file} has no workflow `{name}`; {hint}")
    return workflow


def _unique(found: Mapping[str, Workflow[Any]]) -> dict[str, Workflow[Any]]:
    """Each workflow once, by its first name."""
    unique: dict[str, Workflow[Any]] = {}
    for name, workflow in found.items():
        if all(workflow is not other for other in unique.values()):
            unique[name] = workflow
    return unique


def _list(file: Path, found: Mapping[str, Workflow[Any]]) -> str:
    return " or ".join(f"{file}:{name}" for name in found) or "it has none"


def _tell_syntax(error: SyntaxError) -> str:
    lines = traceback.format_exception_only(error)
    shown = "".join(line for line in lines[1:] if line.strip()).rstrip()
    return f"{show_path(error.filename or '')}:{error.lineno}: it is no Python\n{shown}"


def _tell_error(path: Path, error: Exception) -> str:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_HERE, "<frozen")) and frame.lineno is not None
    ]
    lines = [f"  {show_path(frame.filename)}:{frame.lineno}  {frame.line}" for frame in frames[-_FRAMES_MAX:]]
    what = "".join(traceback.format_exception_only(error)).strip()
    return "\n".join([f"{path} can't be loaded: {what}", *lines])

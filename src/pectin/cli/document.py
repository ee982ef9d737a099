"""Files with documents, YAML or JSON: their workflows, and the functions that they run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pectin.cli.exit import BadUsage
from pectin.cli.jamjet import is_ir
from pectin.core.error import BadValue

if TYPE_CHECKING:
    from pectin.authoring.document.functions import Functions
    from pectin.authoring.draft import Draft
    from pectin.authoring.workflow import Workflow

SUFFIXES = (".yaml", ".yml", ".json")
"""How the name of a file with documents ends."""

_WORKFLOW = re.compile(r"""^[\s{,[]*["']?workflow["']?\s*:\s*["']?([\w-]+)""", re.MULTILINE)
_RUN = re.compile(r"""\brun["']?\s*:\s*["']?([A-Za-z_]\w*)""")
_SHOWN = 5


class Given(NamedTuple):
    """What the command line names: a file, and the one with the functions that its documents run."""

    file: str
    functions: str | None = None

    @property
    def words(self) -> list[str]:
        """The words that name the same once more."""
        return [self.file] if self.functions is None else [self.file, "--functions", self.functions]


def read_documents(file: Path, functions: Functions | None) -> dict[str, Workflow[Any]]:
    """The workflows of a file by their ids; by id and version, where it has several of one id.

    Raises `BadUsage`, and `DefinitionError` if it can't be read as YAML or JSON.
    """
    from pectin.authoring.document.reading import read_file
    from pectin.authoring.workflow import Workflow

    try:
        documents = read_file(file, functions)
    except OSError as error:
        raise BadUsage(f"{file} can't be read: {error.strerror}") from error
    except BadValue as error:
        raise BadUsage(str(error)) from error
    if any(is_ir(document.tree) for document in documents):
        again = shlex.join(["pectin", "convert", str(file), "--from", "jamjet", "-o", f"{file.stem}.workflow.yaml"])
        raise BadUsage(f"{file} is an IR of JamJet: make a document of it first", again)
    workflows = [Workflow[Any].from_draft(document.draft) for document in documents]
    ids = [workflow.id for workflow in workflows]
    return {
        workflow.id if ids.count(workflow.id) == 1 else f"{workflow.id}@{workflow.version}": workflow
        for workflow in workflows
    }


def lacking_functions(workflow: Workflow[Any]) -> list[str]:
    """The functions that a workflow and its children run, where none were handed in. Raises `DefinitionError` for a
    workflow that can't run anyhow."""
    from pectin.authoring.document.reading import needed_functions

    blueprint = workflow.build()
    drafts: list[Draft] = [blueprint.draft, *(child.draft for child in blueprint.children)]
    return list(dict.fromkeys(name for draft in drafts if draft.lacks_functions for name in needed_functions(draft)))


def need_functions(given: Given, workflow: Workflow[Any], command: str) -> None:
    """Raise `BadUsage` for a workflow that lacks its functions, with the command that has them."""
    names = lacking_functions(workflow)
    if not names:
        return
    listed = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    found = guess_functions(names, Path(given.file).parent) or "FUNCTIONS.py"
    again = shlex.join(["pectin", command, given.file, "--functions", found])
    raise BadUsage(f"{given.file} runs {listed}{more}: name the Python file that has the functions", again)


def guess_functions(names: list[str], folder: Path) -> str | None:
    """The Python file of a folder that has all of these functions and tools, if there is just one. It is never run."""
    found = [path for path in sorted(folder.glob("*.py")) if _defines(path, names)]
    return str(found[0]) if len(found) == 1 else None


def find_document(path: Path) -> Mapping[str, list[str]]:
    """The ids of the workflows that a file seems to hold, with the functions that it names."""
    text = path.read_text("utf-8", "replace")
    names = _RUN.findall(text)
    return dict.fromkeys(_WORKFLOW.findall(text), names)


def _defines(path: Path, names: list[str]) -> bool:
    text = path.read_text("utf-8", "replace")
    words = map(re.escape, names)
    return all(re.search(rf"\bdef {word}\b|^{word} *=|[\"']{word}[\"']", text, re.MULTILINE) for word in words)

"""Broken documents with what is said of each: files of cases, in each a title, a fragment of a document, and the words.

    #### title
    fragment
    >>>>
    what is said

What surrounds the fragments of a file stands in `AROUND`. A line `....` divides Python from the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

from pectin.authoring.document.functions import Functions
from pectin.authoring.document.reading import Document, read_text
from pectin.authoring.workflow import Workflow
from pectin.core.problem import DefinitionError, Problem, render
from pectin.nodes import examine

FOLDER = Path(__file__).with_name("broken")

HEAD = "workflow: w\nversion: 1.0.0\n"
STATE = """\
state:
  order: string
  amount: decimal = 0
  risk: unknown | low | high = unknown
  receipt: string?
  total: int = 0
  items: [{sku: string, count: int}]
"""
NODES = "nodes:\n  a: {run: f}\n"

AROUND = {
    "syntax": "%(fragment)s",
    "json": "%(fragment)s",
    "document": "%(fragment)s",
    "state": f"{HEAD}state:\n%(indented)s{NODES}",
    "header": f"{HEAD}{STATE}%(fragment)s{NODES}",
    "nodes": f"{HEAD}{STATE}nodes:\n%(indented)s",
    "functions": f"{HEAD}{STATE}nodes:\n%(indented)s",
    "tools": f"{HEAD}{STATE}%(fragment)s",
}


class Case(NamedTuple):
    """A broken document: the file of its case, its title, the fragment, and what is said of it."""

    topic: str
    title: str
    fragment: str
    said: str


def cases() -> Iterator[Case]:
    """Every case there is."""
    for path in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"^#### ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = part.partition("\n")
            fragment, _, said = rest.partition("\n>>>>\n")
            yield Case(
                path.stem, title, fragment.encode().decode("unicode_escape") if "\\" in title else fragment, said
            )


def document_of(case: Case) -> tuple[str, str, Functions | None]:
    """The whole document of a case, the name of its file, and its functions."""
    code, _, fragment = case.fragment.rpartition("\n....\n")
    around = AROUND[case.topic] % {"fragment": f"{fragment}\n", "indented": f"{indent(fragment, '  ')}\n"}
    functions = None
    if code:
        members: dict[str, object] = {"__name__": "functions_of_a_case"}
        exec(compile(code, "functions.py", "exec", dont_inherit=True), members)
        functions = Functions(members, "functions.py")
    return around, "w.json" if case.topic == "json" else "w.yaml", functions


def told(text: str, file: str = "w.yaml", functions: Functions | None = None) -> str:
    """All that is said of a document, warnings too, in the order of places."""
    return "".join(f"{render(problem)}\n" for problem in problems(text, file, functions))


def problems(text: str, file: str = "w.yaml", functions: Functions | None = None) -> tuple[Problem, ...]:
    """All that is wrong with a document, each once."""
    found: list[Problem] = []
    try:
        documents = read_text(text, file, functions)
    except DefinitionError as error:
        return error.problems
    for document in documents:
        found += _problems(document)
    return DefinitionError(list(dict.fromkeys(found))).problems


def _problems(document: Document) -> list[Problem]:
    try:
        blueprint = Workflow[Any].from_draft(document.draft).build()
    except DefinitionError as error:
        return list(error.problems)
    return list(map(document.draft.locate, examine(blueprint.definition, blueprint.places)))

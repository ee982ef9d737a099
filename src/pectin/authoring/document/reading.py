"""From a text to drafts, and from a file to workflows that can run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pectin.authoring.document.functions import Functions, GivenFunctions, read_functions
from pectin.authoring.document.header import HEADER, read_header
from pectin.authoring.document.nodes import read_nodes
from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.pointing import Pointer
from pectin.authoring.document.syntax import BYTES_MAX, decode, problem_at
from pectin.authoring.document.tools import refuse_uncalled
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Source, Tree, name_of
from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.places import relative_to_here
from pectin.authoring.tool import WrittenTool
from pectin.authoring.workflow import Workflow
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.problem import DefinitionError, Problem

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""What a file with documents is called at its end."""


class Document(NamedTuple):
    """One document of a file: as it was written, and as a draft."""

    draft: Draft
    tree: Tree
    source: Source


def read_workflow(path: str | Path, functions: GivenFunctions | None = None) -> Workflow[Any]:
    """The workflow of a file: its first document, which may run the others as its children.

    `functions` are those that `run: NAME` means: a module, a mapping or a list. Raises `DefinitionError` with
    everything that is wrong, and `OSError` if the file can't be read.
    """
    return read_workflows(path, functions)[0]


def read_workflows(path: str | Path, functions: GivenFunctions | None = None) -> list[Workflow[Any]]:
    """The workflows of a file, a document each. Raises as `read_workflow`."""
    given = None if functions is None else read_functions(functions)
    documents = read_file(Path(path), given)
    problems: list[Problem] = []
    workflows = [Workflow[Any].from_draft(document.draft) for document in documents]
    for workflow in workflows:
        try:
            workflow.build()
        except DefinitionError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    problems += [_lacks_functions(document.draft) for document in documents if document.draft.lacks_functions]
    if problems:
        raise DefinitionError(problems)
    return workflows


def read_file(path: Path, functions: Functions | None) -> list[Document]:
    """The documents of a file. Raises `DefinitionError` if it can't be read as YAML or JSON at all."""
    if path.suffix not in SUFFIXES:
        raise BadValue(str(path), "is no document", f"name a file that ends in {', '.join(SUFFIXES)}")
    with path.open("rb") as stream:
        data = stream.read(BYTES_MAX + 1)
    file = relative_to_here(str(path.absolute()))
    return read_text(decode(data, file), file, functions)


def read_text(text: str, file: str, functions: Functions | None = None) -> list[Document]:
    """The documents of a text; it is JSON where the file's name ends so, else YAML.

    What is wrong with one that can be read as such is noted in its draft.
    """
    source = Source(text, file)
    trees = read_trees(source)
    problems = [_refuse(source, tree) for tree in trees if not isinstance(tree, MappingTree)]
    if not trees:
        problems = [problem_at(source, 0, 1, "E044", "there is no workflow here", "begin it with `workflow: ID`")]
    if problems:
        raise DefinitionError(problems)
    pointer = Pointer(source, trees)
    pages = [_read_page(source, tree, pointer, functions) for tree in trees if isinstance(tree, MappingTree)]
    _find_children(pages)
    return [Document(page.draft, tree, source) for page, tree in zip(pages, trees, strict=True)]


def read_trees(source: Source) -> Sequence[Tree]:
    """The documents of a text, as they were written; it is JSON where the file's name ends so, else YAML.

    Raises `DefinitionError`.
    """
    if source.file.endswith(".json"):
        from pectin.authoring.document.json import read_json

        return read_json(source)
    from pectin.authoring.document.yaml import read_yaml  # not before: JSON needs no YAML

    return read_yaml(source)


def _read_page(source: Source, tree: MappingTree, pointer: Pointer, functions: Functions | None) -> Page:
    named = next((key for key, _ in tree.entries if key.text == "workflow"), None)
    draft = Draft("workflow", source.place(tree.start if named is None else named.start), dict, pointer)
    page = Page(source, draft)
    fields = Fields(page, tree, "the document", (*HEADER, "nodes"))
    fields.require("workflow", "ID")
    fields.require("version", "1.0.0")
    read_header(page, fields)
    if (nodes := fields.get("nodes")) is not None:
        read_nodes(page, nodes, functions)
        refuse_uncalled(page)
    return page


def _find_children(pages: Sequence[Page]) -> None:
    """Give each node that runs a child the draft of its document."""
    known: dict[tuple[str, str], Draft] = {}
    for page in pages:
        id, version = page.draft.header.id, page.draft.header.version
        first = known.setdefault((id, version), page.draft)
        if first is not page.draft:
            message = f"`{id}` {version} stands twice in this file, first in line {first.place.line}"
            page.draft.note(page.draft.place, "E001", message, "give each an id or a version of its own")
    for page in pages:
        for node, id, version, tree in page.children:
            draft = known.get((id, version))
            if draft is None:
                versions = [other for name, other in known if name == id]
                hint = did_you_mean(id, [other for other, _ in known])
                if versions:
                    hint = f"it has version {' and '.join(versions)}"
                message = f"no document of this file is the workflow {quote(id)} in version {quote(version)}"
                page.note(tree, "E041", message, hint or "write it into this file, behind `---`")
            _give(node, draft)


def _give(node: DraftNode, draft: Draft | None) -> None:
    assert node.child is not None, "the node was noted because it has a child"
    node.child = node.child._replace(draft=draft)


def _refuse(source: Source, tree: Tree) -> Problem:
    message = f"a document is a mapping of keys, not {name_of(tree)}"
    return problem_at(source, tree.start, tree.end, "E044", message, "begin it with `workflow: ID`")


def _lacks_functions(draft: Draft) -> Problem:
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(needed_functions(draft)))
    message = f"{draft.header.id} runs {names}, and no functions were handed in"
    return draft.locate(Problem("E046", "", message, "hand in `functions`", draft.place))


def needed_functions(draft: Draft) -> list[str]:
    """The names of the functions and tools that a document runs."""
    found = [(node.config.get("function"), _needed_tool(node), node.reconcile_name) for node in draft.nodes.values()]
    return [name for names in found for name in names if isinstance(name, str)]


def _needed_tool(node: DraftNode) -> str | None:
    """The name of the tool that a node calls, if that is a function."""
    tool = None if node.call is None else node.call.tool
    return tool.name if isinstance(tool, WrittenTool) and tool.endpoint is None else None

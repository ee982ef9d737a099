"""What the documents of a file mean, told by hashes: the same before and after it is written in another way."""

from __future__ import annotations

from pectin.authoring.document.reading import read_text
from pectin.authoring.document.tree import Mapping, Tree
from pectin.authoring.lowering import lower
from pectin.core.definition import definition_hash


def hashes(text: str, file: str) -> list[str]:
    """The hash of each document's definition, as far as it says one; an empty text for what names no workflow.

    What may be wrong with a definition makes no difference here. Raises `DefinitionError` for what is no document.
    """
    return [
        definition_hash(lower(document.draft).definition) if _names_workflow(document.tree) else ""
        for document in read_text(text, file)
    ]


def _names_workflow(tree: Tree) -> bool:
    return isinstance(tree, Mapping) and tree.find("workflow") is not None

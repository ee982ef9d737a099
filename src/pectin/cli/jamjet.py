"""JamJet's IR on the command line: which files hold one, and what `pectin convert` makes of it and into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from pectin.authoring.document.tree import Mapping, Source, Tree
from pectin.cli.exit import BadUsage
from pectin.core.problem import DefinitionError

if TYPE_CHECKING:
    from pectin.cli.document import Given
    from pectin.core.definition import Definition

_NOTES: Final = ("name", "description", "labels")
"""What a definition says and doesn't mean; a node has no name."""

_SHOWN: Final = 20


class Written(NamedTuple):
    """A text, the functions that it names, and what is left out of it."""

    text: str
    functions: Sequence[str] = ()
    left_out: Sequence[str] = ()


def is_ir(tree: Tree) -> bool:
    """Whether a document looks like JamJet's IR, and not like one of ours."""
    fields = ("workflow_id", "start_node")
    return isinstance(tree, Mapping) and tree.find("workflow") is None and all(map(tree.find, fields))


def holds_ir(text: str, name: str) -> bool:
    """Whether the text of a file looks like JamJet's IR."""
    from pectin.authoring.document.reading import read_trees

    try:
        trees = read_trees(Source(text, name))
    except DefinitionError:
        return False
    return len(trees) == 1 and is_ir(trees[0])


def from_ir(text: str, name: str, *, as_json: bool) -> Written:
    """The document of ours that says what an IR says. Raises `DefinitionError`, and `BadUsage` for what no document of
    ours says."""
    from pectin.authoring.document.format import write_sheets
    from pectin.authoring.document.layout import Sheet, lay_out
    from pectin.authoring.document.reading import needed_functions, read_text
    from pectin.authoring.document.write import write_document
    from pectin.authoring.jamjet.reading import read_definition
    from pectin.authoring.lowering import lower

    definition = read_definition(text, name)
    _refuse(definition, list(_children(definition)))
    said = write_sheets([Sheet(lay_out(write_document(definition)))], as_json=as_json)
    (document,) = read_text(said, f"converted.{'json' if as_json else 'yaml'}")
    missing = lost(definition, lower(document.draft).definition)
    _refuse(definition, [f"{what} has no place in a document" for what in missing])
    title = definition.state.name
    left_out = [f"the name of the state's type, `{title}`, is left out: a document lists its fields"] if title else []
    return Written(said, list(dict.fromkeys(needed_functions(document.draft))), left_out)


def from_ir_again(text: str, name: str) -> Written:
    """An IR as JSON, with all that JamJet takes for granted."""
    from pectin.authoring.jamjet.reading import read_definition
    from pectin.authoring.jamjet.writing import dump_ir

    return Written(dump_ir(read_definition(text, name)))


def to_ir(given: Given) -> Written:
    """The IR of the only workflow of a file, or of the one that is named. Raises `DefinitionError`."""
    from pectin.authoring.jamjet.writing import write_jamjet
    from pectin.cli.source import only_workflow
    from pectin.cli.streams import lent_streams

    with lent_streams():
        workflow = only_workflow(given)
    return Written(write_jamjet(workflow))


def _children(definition: Definition) -> Iterator[str]:
    for node in definition.nodes:
        if node.child is not None:
            what = f"`{node.child.workflow}` {node.child.version}"
            yield f"`{node.id}` runs the workflow {what}, which would have to stand in the same file"


def lost(given: Definition, again: Definition) -> Iterator[str]:
    """What is another thing when the document is read again. The names of types aren't meant."""
    from pectin.core.definition import definition_hash
    from pectin.core.schema import to_document

    is_meant = definition_hash(given) != definition_hash(again)
    for name in given.__struct_fields__ if is_meant else _NOTES:
        if name not in ("nodes", "state") and getattr(given, name) != getattr(again, name):
            yield f"`{name}` of the workflow"
    if to_document(given.state, titles=False) != to_document(again.state, titles=False):
        yield "`state` of the workflow"
    known = {node.id: node for node in again.nodes}
    for node in given.nodes:
        other = known.get(node.id)
        if other is None:
            yield f"the node `{node.id}`"
            continue
        for name in node.__struct_fields__ if is_meant else _NOTES[1:]:
            if getattr(node, name) != getattr(other, name):
                yield f"`{name}` of the node `{node.id}`"


def _refuse(definition: Definition, reasons: Sequence[str]) -> None:
    if reasons:
        more = [f"and {len(reasons) - _SHOWN} more"] if len(reasons) > _SHOWN else []
        listed = "".join(f"\n  {reason}" for reason in (*reasons[:_SHOWN], *more))
        raise BadUsage(f"`{definition.id}` can't be written as a document:{listed}")

"""Each kind of node as a document writes it is what the Python builder makes of the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.authoring.document.nodes import FORMS
from pectin.authoring.document.reading import Document, read_text
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Contract, Definition, Json, definition_hash
from pectin.core.schema import Null, Object, to_document
from pectin.nodes import KINDS
from tests.authoring.document import golden

FOLDER = Path(__file__).with_name("golden")


def normal(definition: Definition) -> Definition:
    """Without the names of types; its parts in the order of their names, and functions by their nodes'."""
    nodes = {node.id: node for node in definition.nodes}
    for name, node in nodes.items():
        if "function" in node.config:
            nodes[name] = replace(node, config={"function": ""})
    edges = sorted(definition.edges, key=lambda edge: edge.source)
    return replace(definition, nodes=tuple(nodes[name] for name in sorted(nodes)), edges=tuple(edges))


def shapes(tool: Contract) -> tuple[Contract, Json, Json]:
    """A contract, and the shapes in it without the names of types."""
    bare = replace(tool, input=Object({}), output=Null())
    return bare, to_document(tool.input, titles=False), to_document(tool.output, titles=False)


def read(kind: str) -> list[Document]:
    return read_text((FOLDER / f"{kind}.yaml").read_text("utf-8"), f"{kind}.yaml")


@pytest.mark.parametrize("make", golden.KINDS, ids=lambda make: make.__name__)
def test_a_document_says_what_python_says(make: Callable[[], Workflow[Any]]) -> None:
    document = read(make.__name__)[0]
    ours = Workflow[Any].from_draft(document.draft).build().definition
    theirs = make().build().definition
    assert to_document(ours.state, titles=False) == to_document(theirs.state, titles=False)
    assert list(map(shapes, ours.tools)) == list(map(shapes, theirs.tools))
    one, other = normal(replace(ours, state=theirs.state, tools=theirs.tools)), normal(theirs)
    assert one == other
    assert definition_hash(normal(ours)) == definition_hash(other)


def test_every_kind_there_is_can_be_written() -> None:
    found = {node.kind for make in golden.KINDS for each in read(make.__name__) for node in each.draft.nodes.values()}
    assert found == {kind.NAME for kind in KINDS}
    assert {form.kind for form in FORMS.values()} | {"finalizer"} == found


def test_edges_stand_in_the_order_of_their_nodes() -> None:
    (document,) = read("python_fn")
    order = list(document.draft.nodes)
    sources = [order.index(edge.source) for edge, _ in document.draft.edges]
    assert sources == sorted(sources)
    triggers = [edge.trigger for edge, _ in document.draft.edges if edge.source == "a"]
    assert triggers == ["always", "when", "otherwise", "repeat", "on_limit", "on_error"]

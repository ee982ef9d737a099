"""The nodes of a document: which key says the kind, what else a node may have then, and how that becomes a draft.

A new kind is a row of `FORMS`, and its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pectin.authoring.document.functions import Functions
from pectin.authoring.document.page import Fields, Page, list_keys
from pectin.authoring.document.routing import (
    read_condition,
    read_join,
    read_limit_exceeded,
    read_parallel,
    read_rules,
)
from pectin.authoring.document.running import read_child, read_run
from pectin.authoring.document.subject import NodeFields
from pectin.authoring.document.tools import read_call
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of
from pectin.authoring.document.waiting import read_approval, read_wait
from pectin.authoring.document.ways import WAYS, read_ways
from pectin.authoring.draft import DraftNode
from pectin.core.hint import did_you_mean
from pectin.nodes import LATER


class Form(NamedTuple):
    """How nodes of one sort are written: the kind that they are, the keys beside the one that says so, the keys that
    lead on, and what reads the rest."""

    kind: str
    keys: tuple[str, ...]
    ways: tuple[str, ...]
    read: Callable[[NodeFields, Tree], None]


_MAP: Final = ("each", "max_concurrency", "on_item_failure")
_RUNS: Final = ("effect", "retry", "timeout")
_GOVERNED: Final = ("policy", "ceiling")
_MAPPINGS: Final = ("input", "output", "output_key")

NOTES: Final = ("description", "labels")
"""The keys that any node may have."""

FORMS: Final[Mapping[str, Form]] = {
    "run": Form("python_fn", (*_RUNS, "output_key", "reconcile", *_GOVERNED, "run_on", *_MAP), WAYS, read_run),
    "tool": Form("tool", (*_MAPPINGS, *_RUNS[1:], "reconcile", *_GOVERNED, *_MAP), WAYS, read_call),
    "child": Form("subgraph", (*_MAPPINGS, "ceiling", *_MAP), WAYS, read_child),
    "approval": Form("human_approval", ("deadline", "decisions", "options", "editable"), WAYS, read_approval),
    "wait": Form("wait", ("deadline", "output_key"), WAYS, read_wait),
    "condition": Form("condition", ("default",), WAYS[1:], read_condition),
    "parallel": Form("parallel", (), WAYS, read_parallel),
    "join": Form("join", ("output_key",), WAYS, read_join),
    "rules": Form("policy", ("on_violation", "output_key"), WAYS, read_rules),
    "limit_exceeded": Form("limit_exceeded", (), (), read_limit_exceeded),
}
"""The sorts of nodes, by the key that says which one it is."""


def read_nodes(page: Page, tree: Tree, functions: Functions | None) -> None:
    """Declare the nodes of a document, with their edges."""
    if not isinstance(tree, MappingTree):
        hint = "write a mapping of names to nodes, such as `pay: {run: pay}`"
        page.note(tree, "E044", f"the nodes are {name_of(tree)}, and have to be a mapping", hint)
        return
    for key, value in tree.entries:
        _read_node(page, key, value, functions)


def _read_node(page: Page, key: Scalar, tree: Tree, functions: Functions | None) -> None:
    name = key.text
    if not isinstance(tree, MappingTree):
        example = tree.text if isinstance(tree, Scalar) and tree.text else name
        hint = f"write a mapping, such as `{name}: {{run: {example}}}`"
        page.note(key, "E044", f"node `{name}` is {name_of(tree)}, and has to say what it does", hint)
        page.draft.add(DraftNode(name=name, kind="python_fn", place=page.place(key), config={"function": name}))
        return
    given = [word for word, _ in tree.entries if word.text in FORMS]
    if len(given) > 1:
        message = f"node `{name}` is both `{given[0].text}` and `{given[1].text}`"
        page.note(given[1], "E044", message, "make two nodes of it")
        tree = MappingTree(tuple(entry for entry in tree.entries if entry[0] not in given[1:]), tree.start, tree.end)
    if not given:
        _refuse_no_kind(page, key, tree)
        page.draft.add(DraftNode(name=name, kind="python_fn", place=page.place(key), config={"function": name}))
        return
    word = given[0].text
    form = FORMS[word]
    fields = Fields(page, tree, f"node `{name}`", (word, *form.keys, *form.ways, *NOTES))
    node = DraftNode(name=name, kind=form.kind, place=page.place(key))
    value = fields.get(word)
    assert value is not None, "the key was found"
    subject = NodeFields(page, fields, node, functions)
    form.read(subject, value)
    subject.read_notes()
    page.draft.add(node)
    if node.run_on is None:
        read_ways(fields, name, form.ways)


def _refuse_no_kind(page: Page, key: Scalar, tree: MappingTree) -> None:
    for word, _ in tree.entries:
        if word.text not in LATER and (hint := did_you_mean(word.text, FORMS)):
            page.note(word, "E044", f"node `{key.text}` has no key `{word.text}`", hint)
            return
    for word, _ in tree.entries:
        if word.text in LATER:
            page.note(word, "E023", f"node `{key.text}`: kind `{word.text}` is not there yet", list_keys(FORMS))
            return
    message = f"node `{key.text}` doesn't say what it does"
    page.note(key, "E044", message, f"give it one of {', '.join(f'`{word}`' for word in FORMS)}")

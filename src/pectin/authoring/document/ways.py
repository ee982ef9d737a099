"""How a node of a document leads on: `then`, `decisions`, `repeat`, `on_limit`, `on_error`, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of
from pectin.core.activation import NODE_ID
from pectin.core.definition import Edge, Trigger

WAYS: Final = ("then", "repeat", "on_limit", "on_error")
"""The keys that lead on from any node that may have them."""

_TARGET: Final = "write a node's name, or `end`"
_TAKES: Final[Mapping[Trigger, tuple[str, ...]]] = {
    Trigger.ALWAYS: ("to", "when", "otherwise"),
    Trigger.REPEAT: ("to", "when", "max_iterations"),
    Trigger.LIMIT: ("to",),
    Trigger.ERROR: ("to", "when"),
}
"""What may be said of one way, by the word that it stands under."""


def read_ways(fields: Fields, source: str, keys: tuple[str, ...] = WAYS) -> None:
    """The edges that the keys of a node say."""
    triggers = (Trigger.ALWAYS, Trigger.REPEAT, Trigger.LIMIT, Trigger.ERROR)
    for key, trigger in zip(WAYS, triggers, strict=True):
        value = fields.get(key)
        if value is not None and key in keys:
            for way in fields.page.items(value):
                _read_way(fields, source, key, trigger, way)


def read_decisions(fields: Fields, source: str, decisions: MappingTree, known: tuple[str, ...], *, guess: bool) -> None:
    """An edge for each target of each decision. With `guess`, what isn't known may be explained by what was noted."""
    page = fields.page
    for key, value in decisions.entries:
        if key.text not in known and guess:
            continue
        if key.text not in known:
            hint = "give it a `deadline`, which decides so, or delete it"
            page.note(key, "E016", f"approval `{source}` has no decision `{key.text}`", hint)
        elif NODE_ID.fullmatch(key.text):  # else the kind complains of the name
            condition = f"output.decision == '{key.text}'"
            for item in page.items(value):
                target = read_target(page, item, f"the decision `{key.text}` of `{source}`")
                if target is not None:
                    add_edge(page, Edge(source, target, Trigger.WHEN, condition), item, condition=key)


def read_target(page: Page, tree: Tree, what: str) -> str | None:
    """The name of a target; whether there is such a node is the core's to check."""
    if isinstance(tree, Scalar) and tree.text:
        if "," in tree.text:
            names = ", ".join(name.strip() for name in tree.text.split(","))
            page.note(tree, "E006", f"{what} leads to {name_of(tree)}", f"write a list: `[{names}]`")
            return None
        return tree.text
    page.note(tree, "E044", f"{what} leads to {name_of(tree)}", _TARGET)
    return None


def add_edge(
    page: Page, edge: Edge, target: Tree, *, condition: Tree | None = None, max_iterations: Tree | None = None
) -> None:
    """Add an edge, which stands where its target does."""
    place = page.place(target)
    page.draft.edges.append((edge, place))
    for part, tree in (("condition", condition), ("max_iterations", max_iterations)):
        if tree is not None:
            page.point(place, part, tree)


def _read_way(fields: Fields, source: str, key: str, trigger: Trigger, way: Tree) -> None:
    page, what = fields.page, f"`{key}` of `{source}`"
    if not isinstance(way, MappingTree):
        if trigger is Trigger.REPEAT:
            hint = "write `repeat: {to: NODE, when: CONDITION, max_iterations: N}`"
            page.note(way, "E044", f"{what} is {name_of(way)}, and has to say when", hint)
        elif (target := read_target(page, way, what)) is not None:
            add_edge(page, Edge(source, target, trigger), way)
        return
    said = Fields(page, way, what, _TAKES[trigger])
    to = said.require("to", "NODE")
    condition: str | None = said.read("when", page.expression)
    limit: int | None = said.read("max_iterations", page.number)
    target = None if to is None else read_target(page, to, what)
    if to is None or target is None:
        return
    edge = Edge(source, target, _trigger(said, trigger), condition, limit)
    add_edge(page, edge, to, condition=said.get("when"), max_iterations=said.get("max_iterations"))


def _trigger(said: Fields, trigger: Trigger) -> Trigger:
    """`then` with a condition, or for when none holds."""
    otherwise: bool | None = said.read("otherwise", said.page.boolean)
    if otherwise is False:
        said.page.note(said.key("otherwise"), "E044", "`otherwise` is false", "write `otherwise: true`, or delete it")
    if otherwise and "when" in said:
        message = "a way has both `when` and `otherwise`, which is for when no `when` holds"
        said.page.note(said.key("otherwise"), "E013", message, "keep one")
    elif otherwise:
        return Trigger.OTHERWISE
    return Trigger.WHEN if trigger is Trigger.ALWAYS and "when" in said else trigger

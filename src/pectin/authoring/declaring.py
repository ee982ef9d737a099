"""Nodes that run functions, maps, and nodes that run another workflow: what a workflow notes down of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from pectin.authoring.draft import Draft, DraftChild, DraftFunction, DraftNode, Duration
from pectin.authoring.handle import Finalizer, Map, Node
from pectin.authoring.places import find_caller
from pectin.core.error import quote


def function_node(
    draft: Draft,
    function: Callable[..., Any],
    kind: str,
    *,
    name: str | None,
    effect: str,
    retry: object,
    timeout: Duration | None,
) -> DraftNode:
    """A node that runs a function, named like it where nothing else is said."""
    place, names = find_caller()
    own = str(getattr(function, "__name__", "function")).replace("<lambda>", "function")
    node = DraftNode(name=name or own, kind=kind, place=place, function=DraftFunction(function, place, names))
    subject = f"node `{node.name}`"
    node.effect = draft.read_effect(effect, place, subject)
    node.retry = draft.read_retry(retry, place, subject)
    node.timeout_ms = draft.read_duration(timeout, place, f"the timeout of {subject}")
    return node


def set_items(
    draft: Draft,
    node: DraftNode,
    items: object,
    *,
    max_concurrency: int | None,
    on_item_failure: str,
    output_key: str | None,
) -> None:
    """Make the node a map."""
    node.items = draft.read_items(items, node)
    node.on_item_failure = draft.read_on_item_failure(on_item_failure, node)
    what = f"max_concurrency of map `{node.name}`"
    node.max_concurrency = draft.read_number(max_concurrency, node.place, "E017", what)
    node.output_key = output_key


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a node that is declared once more under another name."""
    made: Any = function
    return made.function if isinstance(function, Node | Map | Finalizer) else function


def read_child(
    draft: Draft, node: DraftNode, given: object, child: Draft | None, input: object, output: object = None
) -> DraftChild:
    """Which workflow the node runs, and its mappings. `child` is the draft of `given`, None if that is no workflow."""
    if child is None:
        hint = "hand in the `Workflow` itself"
        draft.note(node.place, "E041", f"`{node.name}` runs {quote(given)}, which is no workflow", hint)
    return DraftChild(child, read_mapping(draft, node, "input", input), read_mapping(draft, node, "output", output))


def read_mapping(draft: Draft, node: DraftNode, side: str, mapping: object) -> Mapping[str, str]:
    """A mapping of keys to expressions, after noting what is none."""
    if mapping is None:
        return {}
    hint = f'write `{side}={{"key": "{"state" if side == "input" else "output"}.key"}}`'
    if not isinstance(mapping, Mapping):
        draft.note(node.place, "E017", f"the {side} of `{node.name}`, {quote(mapping)}, is no mapping", hint)
        return {}
    read: dict[str, str] = {}
    for key, source in cast("Mapping[Any, object]", mapping).items():
        if isinstance(key, str) and isinstance(source, str):
            read[key] = source
        else:
            message = f"the {side} of `{node.name}` maps {quote(key)} to {quote(source)}, which is no expression"
            draft.note(node.place, "E017", message, hint)
    return read

"""Nodes that run functions, and maps: what the decorators of a workflow note down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pectin.authoring.draft import Draft, DraftFunction, DraftNode, Duration
from pectin.authoring.handle import Finalizer, Map, Node
from pectin.authoring.places import find_caller


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

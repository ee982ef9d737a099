"""What stands on a workflow's arrows and under its nodes' names, in the words of whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, cast

from pectin.core.definition import Edge, Effect, Join, Node, Trigger
from pectin.core.duration import format_duration
from pectin.core.program import Program

_DECISION = re.compile(r"output\.decision == ['\"]([\w-]+)['\"]")


def decision_of(way: Edge) -> str | None:
    """The decision of an approval that an edge is taken on, if it is one of those."""
    match = _DECISION.fullmatch(way.condition or "")
    return match[1] if match is not None else None


def label_of(program: Program, edge: Edge) -> str:
    """What an edge is taken on; nothing for one that always is."""
    when = f"when {edge.condition}" if edge.condition else ""
    match edge.trigger:
        case Trigger.ALWAYS:
            return " or ".join(_branches(program.nodes[edge.source], edge.target))
        case Trigger.WHEN:
            return decision_of(edge) or when
        case Trigger.REPEAT:
            limit = f", at most {edge.max_iterations}" if edge.max_iterations is not None else ""
            return f"repeat {when}{limit}"
        case _:
            return f"{edge.trigger} {when}".strip()


def details_of(node: Node) -> list[str]:
    """What belongs to a node's name: the child that it is, what it waits for, which ends it runs on."""
    if node.child is not None:
        return [f"{node.child.workflow} {node.child.version}"]
    if node.run_on is not None:
        return [f"on {node.run_on}" if node.run_on != "always" else "always"]
    return [" or ".join(_awaited(node))] if node.kind == "wait" and _awaited(node) else []


def items_of(node: Node) -> str:
    """What a map runs its items for, and how many at once; nothing for another node."""
    if node.each is None:
        return ""
    at_once = f", {node.each.max_concurrency} at once" if node.each.max_concurrency is not None else ""
    return f"each of {node.each.items}{at_once}"


def caption_of(node: Node, item: Node | None = None) -> list[str]:
    """What a node is, in a line or two; `item` is the item node of a map. A plain function needs no words."""
    if node.each is not None and item is not None:
        own = [] if item.id == f"{node.id}-item" else [f"runs {item.id}"]
        return [items_of(node), *own, *details_of(item), *_effect(item)]
    details = [text(node) for text in (_CAPTIONS.get(node.kind, _kind),)]
    return [text for text in (*details, *_effect(node)) if text]


def _kind(node: Node) -> str:
    return node.kind.replace("_", " ")


def _finalizer(node: Node) -> str:
    return ", ".join(["finalizer", *details_of(node)])


def _approval(node: Node) -> str:
    deadline = node.config.get("deadline_ms")
    return f"approval, {format_duration(deadline)}" if isinstance(deadline, int) else "approval"


def _wait(node: Node) -> str:
    deadline = node.config.get("deadline_ms")
    at_most = f", at most {format_duration(deadline)}" if isinstance(deadline, int) else ""
    what = " or ".join(_awaited(node))
    return f"waits {'' if what.startswith('until ') else 'for '}{what}{at_most}"


def _join(node: Node) -> str:
    match node.join:
        case Join(at_least=int(count)):
            return "first of them" if count == 1 else f"at least {count}"
        case Join(fires_when=str(condition)):
            return f"when {condition}"
        case _:
            return "all of them"


_CAPTIONS: Final[Mapping[str, Callable[[Node], str]]] = {
    "python_fn": lambda _: "",
    "human_approval": _approval,
    "wait": _wait,
    "join": _join,
    "subgraph": lambda node: f"runs {' '.join(details_of(node))}",
    "finalizer": _finalizer,
    "limit_exceeded": lambda _: "ends the execution",
}


def _effect(node: Node) -> list[str]:
    """The effect of a function, where it isn't the ordinary one."""
    return [str(node.effect)] if "function" in node.config and node.effect is not Effect.IDEMPOTENT else []


def _awaited(node: Node) -> list[str]:
    awaited = [f"{name} {node.config[name]}" for name in ("event", "signal") if node.config.get(name)]
    duration = node.config.get("duration_ms")
    if isinstance(duration, int):
        awaited.append(format_duration(duration))
    if isinstance(until := node.config.get("until"), str):
        awaited.append(f"until {until}")
    return awaited


def _branches(node: Node, target: str) -> list[str]:
    """On which branches a `condition` leads there."""
    branches = node.config.get("branches")
    if not isinstance(branches, list):
        return []
    whens = [f"when {branch['when']}" for branch in cast("list[dict[str, str]]", branches) if branch["to"] == target]
    return [*whens, *(["otherwise"] if node.config.get("default") == target else [])]

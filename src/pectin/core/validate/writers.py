"""Who may write one key side by side: two nodes with one `output_key`, on ways that can both be taken.

Where both run and give different values, the execution fails with `state_conflict`, so it is told before. It is a
warning, because they may give the same. A key with a reducer takes what all of them write. What a function patches by
itself isn't in a definition, and isn't seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.kind import Kind
from pectin.core.validate.parts import leads
from pectin.core.validate.report import Report

Ways = Mapping[str, Sequence[Edge]]
"""The edges that lead to each node, those of `repeat` left out: what loops repeat is one after another."""


def check_writers(definition: Definition, nodes: Mapping[str, Node], kinds: Mapping[str, Kind], report: Report) -> None:
    """Tell of each node that another one, written before it, can write its key beside it."""
    ways: dict[str, list[Edge]] = {name: [] for name in nodes}
    for edge in definition.edges:
        if edge.trigger is not Trigger.REPEAT and edge.target != END and leads(edge, nodes):
            ways[edge.target].append(edge)
    try:
        order = tuple(TopologicalSorter({name: [edge.source for edge in ways[name]] for name in ways}).static_order())
    except CycleError:
        return
    choosing = {name for name, node in nodes.items() if node.kind in kinds and kinds[node.kind].CHOOSES}
    places = {name: place for place, name in enumerate(order)}
    for key, names in _writers(nodes).items():
        if key in definition.reducers:
            continue
        before = _find_earlier(order, ways, names)
        for number, name in enumerate(names):
            for other in names[:number]:
                in_turn = other in before[name] or name in before[other]
                if not in_turn and _can_both_run(name, other, ways, places, choosing):
                    message = f"`{other}` and `{name}` can run side by side, and both write `{key}`"
                    report.node(
                        name,
                        "W002",
                        message,
                        "give each a key of its own, or let one lead to the other",
                        part="output_key",
                    )
                    break


def _writers(nodes: Mapping[str, Node]) -> dict[str, list[str]]:
    """The nodes that write a key, for each key that several do."""
    writers: dict[str, list[str]] = {}
    for name, node in nodes.items():
        for key in _keys(node):
            writers.setdefault(key, []).append(name)
    return {key: names for key, names in writers.items() if len(names) > 1}


def _keys(node: Node) -> dict[str, None]:
    """The keys that a node says it writes."""
    mapped = node.child.output if node.child is not None else ()
    return dict.fromkeys((*([node.output_key] if node.output_key is not None else []), *mapped))


def _find_earlier(order: Sequence[str], ways: Ways, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each node those of `names` that lead to it."""
    found: dict[str, frozenset[str]] = {}
    for name in order:
        parts = {found[edge.source] | ({edge.source} & set(names)) for edge in ways[name]}
        found[name] = next(iter(parts)) if len(parts) == 1 else frozenset[str]().union(*parts)
    return found


def _can_both_run(one: str, other: str, ways: Ways, places: Mapping[str, int], choosing: set[str]) -> bool:
    """Whether two edges that can both be taken part at some node, and lead on to the one and the other.

    It goes back from both at once, always from the one that comes later, so that the two ways share no node before
    they meet.
    """
    pending = [(first, second) for first in ways[one] for second in ways[other]]
    seen = set(pending)
    while pending:
        first, second = pending.pop()
        if first.source == second.source:
            if _go_together(first, second, first.source in choosing):
                return True
            continue
        if places[first.source] < places[second.source]:
            first, second = second, first
        for edge in ways[first.source]:
            if (edge, second) not in seen:
                seen.add((edge, second))
                pending.append((edge, second))
    return False


def _go_together(one: Edge, other: Edge, chosen: bool) -> bool:
    """Whether two edges of one node can both be taken. Two different conditions are taken for exclusive ones."""
    words = {one.trigger, other.trigger}
    alike = one.condition == other.condition
    if Trigger.LIMIT in words:  # where it is taken, it is the only way on
        return words == {Trigger.LIMIT}
    if words == {Trigger.ERROR}:
        return alike or one.condition is None or other.condition is None
    if Trigger.ERROR in words or words == {Trigger.WHEN, Trigger.OTHERWISE}:
        return False
    return alike if words == {Trigger.WHEN} else not chosen

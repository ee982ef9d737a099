"""What there is to draw of a workflow: boxes and arrows, before anybody asks how.

A map and its item node are one box. Edges of one source and one target are one arrow. Each node that leads to the end
has an end of its own. What the ways from the start don't lead to has a beginning of its own: the node for a passed
limit, and the finalizers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from pectin.cli.picture.labels import caption_of, label_of
from pectin.core.definition import END, Trigger
from pectin.core.program import Program

# No node's id has brackets.
START, STOP, AT_LIMIT, AT_END = "(start)", "(stop)", "(limit)", "(finalizers)"

MAP = "map"
"""The kind of a `parallel` that runs items, in drawings."""


class Box(NamedTuple):
    """A node, or one of the four above, which is its `kind` then, with what stands in it."""

    id: str
    kind: str
    name: str
    caption: tuple[str, ...] = ()


class Way(NamedTuple):
    """An arrow, with what it is taken on. `is_aside` if it leads away from the ordinary course: on failure, at a
    limit."""

    source: str
    target: str
    labels: tuple[str, ...] = ()
    is_aside: bool = False
    repeats: bool = False


class Chart(NamedTuple):
    """A whole workflow."""

    title: str
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]

    def describe(self) -> str:
        """The same in sentences, for those who don't see the picture."""
        names = {box.id: box.name for box in self.boxes}
        leads = [
            f"{names[source]} leads to {', '.join(_describe(way, names) for way in ways)}."
            for source, ways in itertools.groupby(self._in_order(), key=lambda way: way.source)
        ]
        return " ".join(leads)

    def _in_order(self) -> list[Way]:
        places = {box.id: place for place, box in enumerate(self.boxes)}
        return sorted(self.ways, key=lambda way: places[way.source])


def chart_of(program: Program) -> Chart:
    """The chart of a workflow."""
    definition = program.definition
    items = definition.item_nodes()
    boxes = [Box(START, START, "start")]
    for node in definition.nodes:
        if node.id not in items:
            item = program.nodes[node.each.node] if node.each is not None else None
            kind = node.kind if item is None else MAP
            boxes.append(Box(node.id, kind, node.id, tuple(caption_of(node, item))))
    ways = [Way(START, definition.start), *_ways(program)]
    boxes += [Box(way.target, STOP, "end") for way in ways if way.target.startswith(STOP)]
    if definition.on_limit is not None:
        boxes.append(Box(AT_LIMIT, AT_LIMIT, "when a limit is passed"))
        ways.append(Way(AT_LIMIT, definition.on_limit, is_aside=True))
    if program.graph.finalizers:
        boxes.append(Box(AT_END, AT_END, "at the end"))
        ways += [Way(one, other) for one, other in itertools.pairwise((AT_END, *program.graph.finalizers))]
    return Chart(f"{definition.id} {definition.version}", tuple(boxes), tuple(ways))


def _ways(program: Program) -> Iterator[Way]:
    """The edges, those with the same ends as one; a way back is never one with a way on."""
    ways: dict[tuple[str, str, bool], Way] = {}
    for edge in program.definition.edges:
        target = f"{STOP}{edge.source}" if edge.target == END else edge.target
        label = label_of(program, edge)
        is_aside = edge.trigger in (Trigger.ERROR, Trigger.LIMIT)
        way = Way(edge.source, target, (label,) if label else (), is_aside, edge.trigger is Trigger.REPEAT)
        ends = (way.source, target, way.repeats)
        same = ways.get(ends)
        ways[ends] = way if same is None else _joined(same, way)
    return iter(ways.values())


def _joined(one: Way, other: Way) -> Way:
    labels = tuple(dict.fromkeys(label for way in (one, other) for label in way.labels or ("completed",)))
    return one._replace(labels=labels, is_aside=one.is_aside and other.is_aside)


def _describe(way: Way, names: dict[str, str]) -> str:
    labels = " or ".join(way.labels)
    return f"{names[way.target]} ({labels})" if labels else names[way.target]

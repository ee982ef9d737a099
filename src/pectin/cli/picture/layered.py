"""Boxes and arrows in layers: every arrow leads down, in steps from one layer to the next.

Boxes stand in the layers of odd number. Those between are for labels. An arrow over several layers is a chain of
points, one a layer, so that nothing else is put there. What leads back goes up beside the boxes: its chain begins below
its source and ends above its target.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_SWEEPS_MAX = 16
_PATIENCE = 4
_STEPS_MAX = 100_000
"""How many boxes and points the sweeps sort in all. A graph of many long arrows has fewer sweeps."""


class Size(NamedTuple):
    """How wide and how high something is."""

    width: int
    height: int


class Arrow(NamedTuple):
    """A way from a box to a box, perhaps with a label of that size. One of more `weight` is drawn straighter."""

    source: str
    target: str
    label: Size | None = None
    weight: float = 1.0


class Chain(NamedTuple):
    """An arrow in its layers: the points between its boxes, in its direction; the one of them that has its label."""

    points: tuple[int, ...]
    label: int | None
    leads_back: bool


class Layered(NamedTuple):
    """Boxes and points by number, the boxes first. `layers` have them in their order from left to right, `above` and
    `below` what each is joined with in the layers beside its own. A point of the middle of a chain is `inner`."""

    boxes: Mapping[str, int]
    sizes: Sequence[Size]
    layer_of: Sequence[int]
    layers: list[list[int]]
    above: Sequence[Sequence[int]]
    below: Sequence[Sequence[int]]
    chains: Sequence[Chain]
    weights: Sequence[float]


def put_in_layers(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layered:
    """The boxes in as few layers as there are steps in the longest way, in an order with few crossings."""
    numbers = {name: number for number, name in enumerate(boxes)}
    ends = [(numbers[arrow.source], numbers[arrow.target]) for arrow in arrows]
    back = _find_back(len(numbers), ends)
    layer_of = [2 * depth + 1 for depth in _find_depths(len(numbers), ends, back)]
    sizes = list(boxes.values())
    weights = [1.0] * len(sizes)
    chains: list[Chain] = []
    links: list[tuple[int, int]] = []
    for index, (arrow, (source, target)) in enumerate(zip(arrows, ends, strict=True)):
        step = -1 if index in back else 1
        first = layer_of[source] + 1
        route = list(range(first, layer_of[target] - 1 + step, step))
        labelled = _layer_of_label(layer_of[source], layer_of[target], index in back) if arrow.label else None
        points = tuple(range(len(layer_of), len(layer_of) + len(route)))
        for layer in route:
            layer_of.append(layer)
            sizes.append(arrow.label if layer == labelled and arrow.label is not None else Size(0, 0))
            weights.append(arrow.weight)
        label = points[route.index(labelled)] if labelled is not None else None
        chains.append(Chain(points, label, index in back))
        links += zip((source, *points), (*points, target), strict=True)
    layers, above, below = _join(len(numbers), layer_of, chains, links)
    layered = Layered(numbers, sizes, layer_of, layers, above, below, chains, weights)
    _order(layered)
    return layered


def _layer_of_label(source: int, target: int, leads_back: bool) -> int:
    """Labels stand near the source, where the ways part; the label of a way back beside what it goes past."""
    if not leads_back:
        return source + 1
    return source if source == target else source - 1


def _find_back(count: int, ends: Sequence[tuple[int, int]]) -> set[int]:
    """The arrows that close a cycle, as a walk in depth meets them."""
    out: list[list[int]] = [[] for _ in range(count)]
    has_entry = [False] * count
    for index, (source, target) in enumerate(ends):
        out[source].append(index)
        has_entry[target] = has_entry[target] or source != target
    back: set[int] = set()
    is_on_walk, is_seen = [False] * count, [False] * count
    for root in sorted(range(count), key=lambda box: (has_entry[box], box)):
        walk = [(root, iter(out[root]))] if not is_seen[root] else []
        is_seen[root] = is_on_walk[root] = True
        while walk:
            box, ways = walk[-1]
            for index in ways:
                target = ends[index][1]
                if is_on_walk[target]:
                    back.add(index)
                elif not is_seen[target]:
                    is_seen[target] = is_on_walk[target] = True
                    walk.append((target, iter(out[target])))
                    break
            else:
                is_on_walk[box] = False
                walk.pop()
        is_on_walk[root] = False
    return back


def _find_depths(count: int, ends: Sequence[tuple[int, int]], back: set[int]) -> list[int]:
    """How many steps the longest way to each box has. One that no way leads to stands right above what follows it."""
    out: list[list[int]] = [[] for _ in range(count)]
    entries = [0] * count
    for index, (source, target) in enumerate(ends):
        if index not in back:
            out[source].append(target)
            entries[target] += 1
    depths = [0] * count
    left = entries.copy()
    ready = [box for box in range(count) if not entries[box]]
    for box in ready:
        for target in out[box]:
            depths[target] = max(depths[target], depths[box] + 1)
            left[target] -= 1
            if not left[target]:
                ready.append(target)
    for box in range(count):
        if not entries[box] and out[box]:
            depths[box] = min(depths[target] for target in out[box]) - 1
    return depths


def _join(
    boxes: int, layer_of: Sequence[int], chains: Sequence[Chain], links: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """The layers in their first order, and what each is joined with above and below."""
    above: list[list[int]] = [[] for _ in layer_of]
    below: list[list[int]] = [[] for _ in layer_of]
    for one, other in links:
        upper, lower = (one, other) if layer_of[one] < layer_of[other] else (other, one)
        below[upper].append(lower)
        above[lower].append(upper)
    layers: list[list[int]] = [[] for _ in range(max(layer_of, default=-1) + 1)]
    leading_back = {point for chain in chains if chain.leads_back for point in chain.points}
    for item in _walk(boxes, below, layer_of):
        if item not in leading_back:
            layers[layer_of[item]].append(item)
    for item in sorted(leading_back):  # beside all else, as far as the sweeps leave it there
        layers[layer_of[item]].append(item)
    return layers, above, below


def _walk(boxes: int, below: Sequence[Sequence[int]], layer_of: Sequence[int]) -> list[int]:
    """Everything, in the order in which a walk in depth meets it: what hangs together stands together."""
    seen: dict[int, None] = {}
    for root in (*sorted(range(boxes), key=lambda box: (layer_of[box], box)), *range(boxes, len(layer_of))):
        pending = [root]
        while pending:
            item = pending.pop()
            if item not in seen:
                seen[item] = None
                pending += reversed(below[item])
    return list(seen)


# -- crossings ------------------------------------------------------------------------------------------------------


def _order(layered: Layered) -> None:
    """Sweeps down and up: each layer is sorted by where its neighbours in the layer before stand, on average."""
    layers = layered.layers
    best, fewest = [list(layer) for layer in layers], count_crossings(layered)
    waited = 0
    for sweep in range(sweeps_for(layered, _SWEEPS_MAX)):
        if not fewest or waited == _PATIENCE:
            break
        is_down = sweep % 2 == 0
        beside = layered.above if is_down else layered.below
        for number in range(1, len(layers)) if is_down else range(len(layers) - 2, -1, -1):
            before = layers[number - 1 if is_down else number + 1]
            places = {item: place for place, item in enumerate(before)}
            _sort_layer(layers[number], beside, places, -1 if sweep % 4 > 1 else 1)
        crossings = count_crossings(layered)
        waited += 1
        if crossings < fewest:
            best, fewest, waited = [list(layer) for layer in layers], crossings, 0
    layers[:] = best


def sweeps_for(layered: Layered, sweeps_max: int) -> int:
    """How many sweeps there is time for."""
    return max(min(sweeps_max, _STEPS_MAX // (len(layered.sizes) + 1)), 2)


def _sort_layer(layer: list[int], beside: Sequence[Sequence[int]], places: Mapping[int, int], ties: int) -> None:
    """Sort by the means of the neighbours' places. What has none keeps its own; ties are kept, or turned round (-1)."""
    means = {
        item: (sum(places[other] for other in beside[item]) / len(beside[item]), place * ties)
        for place, item in enumerate(layer)
        if beside[item]
    }
    sorted_items = iter(sorted(means, key=means.__getitem__))
    layer[:] = [next(sorted_items) if item in means else item for item in layer]


def count_crossings(layered: Layered) -> int:
    """How many pairs of links cross."""
    crossings = 0
    for upper, lower in zip(layered.layers, layered.layers[1:], strict=False):
        places = {item: place for place, item in enumerate(lower)}
        passed: list[int] = []
        for item in upper:
            targets = sorted(places[other] for other in layered.below[item])
            crossings += sum(len(passed) - bisect_right(passed, target) for target in targets)
            for target in targets:
                insort(passed, target)
    return crossings

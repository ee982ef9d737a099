"""Where the boxes and points of layers stand: across, in their order and apart from each other; and down.

Each wants to stand where its neighbours do on average. Of all rows that keep order and distance the one is taken that
is nearest to these wishes, in the sense of least squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pectin.cli.picture.layered import Layered, sweeps_for

BOX_GAP = 28
POINT_GAP = 14
STEP = 24
"""How far two layers are apart, where something stands in both."""

_SWEEPS_MAX = 20
_STIFFNESS = 6.0
"""How much more a straight line counts inside of a chain than at its ends."""


class Band(NamedTuple):
    """What a layer takes of the height, from top to bottom."""

    top: float
    bottom: float


def place_across(layered: Layered) -> list[float]:
    """The centre of each box and point."""
    gaps = [_gaps(layered, layer) for layer in layered.layers]
    across = [0.0] * len(layered.sizes)
    for layer, offsets in zip(layered.layers, gaps, strict=True):
        for item, offset in zip(layer, offsets, strict=True):
            across[item] = offset
    order = range(len(layered.layers))
    for sweep in range(sweeps_for(layered, _SWEEPS_MAX)):
        is_down = sweep % 2 == 0
        sides = (is_down, not is_down) if sweep < 2 else (True, True)
        for number in order if is_down else reversed(order):
            _settle(layered, layered.layers[number], gaps[number], across, sides)
    _straighten(layered, across)
    left = min((across[item] - size.width / 2 for item, size in enumerate(layered.sizes)), default=0.0)
    return [centre - left for centre in across]


def place_down(layered: Layered) -> list[Band]:
    """The bands of the layers. A layer of points without labels has no height."""
    bands: list[Band] = []
    top = 0.0
    for number, layer in enumerate(layered.layers):
        if number:
            top += STEP
        height = max((layered.sizes[item].height for item in layer), default=0)
        bands.append(Band(top, top + height))
        top += height
    return bands


def spread(wishes: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Places near the wishes, of which each keeps at least the distance of its offset to the one before.

    Without the offsets this is isotonic regression: neighbours that would pass each other form a block, at their mean.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        mean, total, count = wish - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, more, others = blocks.pop()
            mean = (mean * total + before * more) / (total + more)
            total, count = total + more, count + others
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _gaps(layered: Layered, layer: Sequence[int]) -> list[float]:
    """How far each must at least be from the first, centre to centre."""
    offsets: list[float] = []
    for place, item in enumerate(layer):
        if not place:
            offsets.append(0.0)
            continue
        before = layer[place - 1]
        gap = BOX_GAP if max(item, before) < len(layered.boxes) else POINT_GAP
        offsets.append(offsets[-1] + (layered.sizes[before].width + layered.sizes[item].width) / 2 + gap)
    return offsets


def _settle(
    layered: Layered, layer: Sequence[int], offsets: Sequence[float], across: list[float], sides: tuple[bool, bool]
) -> None:
    """Put a layer where its neighbours above, below or on both sides want it."""
    wishes: list[float] = []
    weights: list[float] = []
    boxes = len(layered.boxes)
    for item in layer:
        others = [*(layered.above[item] if sides[0] else ()), *(layered.below[item] if sides[1] else ())]
        strengths = [
            layered.weights[max(item, other)] * (_STIFFNESS if min(item, other) >= boxes else 1.0) for other in others
        ]
        total = sum(strengths)
        wish = sum(across[other] * strength for other, strength in zip(others, strengths, strict=True))
        wishes.append(wish / total if total else across[item])
        weights.append(total or 0.1)
    for item, place in zip(layer, spread(wishes, weights, offsets), strict=True):
        across[item] = place


def _straighten(layered: Layered, across: list[float]) -> None:
    """Make each chain of as few straight pieces as there is room for between what stands beside it."""
    places = {item: (number, place) for number, layer in enumerate(layered.layers) for place, item in enumerate(layer)}
    for chain in layered.chains:
        piece: list[int] = []
        low, high = float("-inf"), float("inf")
        for point in chain.points:
            left, right = _room(layered, point, places[point], across)
            if piece and max(low, left) > min(high, right):
                _put(piece, low, high, across)
                piece, low, high = [], float("-inf"), float("inf")
            piece.append(point)
            low, high = max(low, left), min(high, right)
        _put(piece, low, high, across)


def _room(layered: Layered, point: int, place: tuple[int, int], across: Sequence[float]) -> tuple[float, float]:
    """Between which centres a point may stand, with everything else where it is."""
    layer, index = layered.layers[place[0]], place[1]
    half = layered.sizes[point].width / 2 + POINT_GAP
    low, high = float("-inf"), float("inf")
    if index:
        low = across[layer[index - 1]] + layered.sizes[layer[index - 1]].width / 2 + half
    if index + 1 < len(layer):
        high = across[layer[index + 1]] - layered.sizes[layer[index + 1]].width / 2 - half
    return min(low, across[point]), max(high, across[point])


def _put(piece: Sequence[int], low: float, high: float, across: list[float]) -> None:
    if not piece:
        return
    mean = sum(across[point] for point in piece) / len(piece)
    for point in piece:
        across[point] = min(max(mean, low), high)

"""How the arrows run between boxes that have their places: from the bottom of one to the top of another.

An arrow moves across only between two layers, where nothing stands, and straight down through them. So no arrow runs
through a box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from pectin.cli.picture.layered import Arrow, Chain, Layered
from pectin.cli.picture.placing import STEP, Band, spread

_PORT_GAP = 14.0
_CORNER = 14.0
_FAR = 1e6
_TURN = 1.2
"""How far the control points of a turn lie, in steps: its lowest point lies at three quarters of that."""

Point = tuple[float, float]


class Piece(NamedTuple):
    """A cubic curve from where the last one ended."""

    one: Point
    other: Point
    end: Point


class Route(NamedTuple):
    """The course of an arrow, and where the centre of its label is."""

    start: Point
    pieces: tuple[Piece, ...]
    label: Point | None

    @property
    def end(self) -> Point:
        """Its head."""
        return self.pieces[-1].end


class Router:
    """Knows where everything stands."""

    def __init__(self, layered: Layered, across: Sequence[float], bands: Sequence[Band]) -> None:
        self._layered = layered
        self._across = across
        self._bands = bands

    def routes(self, arrows: Sequence[Arrow]) -> list[Route]:
        """The arrows' courses."""
        boxes, chains = self._layered.boxes, self._layered.chains
        ends = [(boxes[arrow.source], boxes[arrow.target]) for arrow in arrows]
        wanted = [self._wish(chain, 0, end[0], self._across[end[1]]) for chain, end in zip(chains, ends, strict=True)]
        starts = self._ports([source for source, _ in ends], wanted)
        places = zip(chains, ends, starts, strict=True)
        wanted = [self._wish(chain, -1, end[1], start) for chain, end, start in places]
        heads = self._ports([target for _, target in ends], wanted)
        return [
            self._route(end, chain, start, head)
            for end, chain, start, head in zip(ends, chains, starts, heads, strict=True)
        ]

    def _points(self, chain: Chain) -> tuple[int, ...]:
        """The points that an arrow goes through: those in layers in which something stands. A turn is at no point."""
        points = chain.points[1:-1] if chain.leads_back else chain.points
        return tuple(point for point in points if self._height(point))

    def _wish(self, chain: Chain, place: int, box: int, otherwise: float) -> float:
        """Where an arrow goes from a box, or comes from: its next point, or else the other end. A turn is outside of
        all others."""
        points = self._points(chain)
        wish = self._across[points[place]] if points else otherwise
        return wish + math.copysign(_FAR, wish - self._across[box]) if chain.leads_back else wish

    def _height(self, item: int) -> float:
        band = self._bands[self._layered.layer_of[item]]
        return band.bottom - band.top

    def _ports(self, boxes: Sequence[int], wanted: Sequence[float]) -> list[float]:
        """Where on its box each arrow begins or ends: as near as may be to where it goes."""
        ports = list(wanted)
        for box in set(boxes):
            mine = sorted((index for index, other in enumerate(boxes) if other == box), key=wanted.__getitem__)
            half = max(self._layered.sizes[box].width / 2 - _CORNER, 0.0)
            gap = min(_PORT_GAP, 2 * half / (len(mine) - 1)) if len(mine) > 1 else 0.0
            centre = self._across[box]
            offsets = [gap * place for place in range(len(mine))]
            near = [min(max(wanted[index], centre - half), centre + half) for index in mine]
            for index, offset, place in zip(mine, offsets, spread(near, [1.0] * len(mine), offsets), strict=True):
                low, high = centre - half + offset, centre + half - offsets[-1] + offset
                ports[index] = min(max(place, low), high)
        return ports

    def _route(self, ends: tuple[int, int], chain: Chain, start: float, head: float) -> Route:
        source, target = ends
        pen = _Pen((start, self._edge(source, 1)))
        upper, lower = self._bands[self._layered.layer_of[source]], self._bands[self._layered.layer_of[target]]
        pen.down_to(upper.bottom)
        points = self._points(chain)
        if chain.leads_back:
            pen.turn(self._across[points[0]], _TURN * STEP)
        for point in points:
            band = self._bands[self._layered.layer_of[point]]
            first, last = (band.bottom, band.top) if chain.leads_back else band
            pen.bend((self._across[point], first))
            pen.down_to(last)
        if chain.leads_back:
            pen.turn(head, -_TURN * STEP)
        pen.bend((head, lower.top))
        pen.down_to(self._edge(target, -1))
        label = None
        if chain.label is not None:
            band = self._bands[self._layered.layer_of[chain.label]]
            label = (self._across[chain.label], (band.top + band.bottom) / 2)
        return Route((start, self._edge(source, 1)), tuple(pen.pieces), label)

    def _edge(self, box: int, side: int) -> float:
        """The bottom (1) or the top (-1) of a box. It stands in the middle of its layer."""
        band = self._bands[self._layered.layer_of[box]]
        return (band.top + band.bottom + side * self._layered.sizes[box].height) / 2


class _Pen:
    """Draws, from where it is."""

    def __init__(self, at: Point) -> None:
        self.at = at
        self.pieces: list[Piece] = []

    def down_to(self, y: float) -> None:
        """Straight down, or up."""
        if y != self.at[1]:
            self._draw(Piece(self.at, (self.at[0], y), (self.at[0], y)))

    def bend(self, to: Point) -> None:
        """Down and across, upright at both ends."""
        if to != self.at:
            middle = (self.at[1] + to[1]) / 2
            self._draw(Piece((self.at[0], middle), (to[0], middle), to))

    def turn(self, x: float, depth: float) -> None:
        """Across, to go back the way it came."""
        y = self.at[1] + depth
        self._draw(Piece((self.at[0], y), (x, y), (x, self.at[1])))

    def _draw(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.at = piece.end

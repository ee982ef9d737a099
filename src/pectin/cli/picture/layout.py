"""A layered layout of boxes and arrows, from their sizes alone. The same input always gives the same layout.

The steps are Sugiyama's: layers by the longest way, few crossings by sweeps, then places, then the arrows' courses.
What hangs together is laid out for itself; the parts stand side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pectin.cli.picture.layered import Arrow, Size, put_in_layers
from pectin.cli.picture.placing import BOX_GAP, place_across, place_down
from pectin.cli.picture.routes import Piece, Point, Route, Router

PART_GAP = 2 * BOX_GAP


class Place(NamedTuple):
    """A box in its place: its left upper corner and its size."""

    x: float
    y: float
    width: int
    height: int


class Layout(NamedTuple):
    """How large the whole is, where the boxes are, and the courses of the arrows in their order."""

    width: float
    height: float
    boxes: dict[str, Place]
    routes: list[Route]


def lay_out(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layout:
    """The layout. Boxes that come first are further to the left where nothing else decides."""
    places: dict[str, Place] = {}
    routes: dict[int, Route] = {}
    width = height = 0.0
    for names in _parts(boxes, arrows):
        own = [index for index, arrow in enumerate(arrows) if arrow.source in names]
        part = _lay_out_part({name: boxes[name] for name in boxes if name in names}, [arrows[index] for index in own])
        left = width + PART_GAP if places else 0.0
        places |= {name: place._replace(x=place.x + left) for name, place in part.boxes.items()}
        routes |= {index: _moved(route, left, 0.0) for index, route in zip(own, part.routes, strict=True)}
        width, height = left + part.width, max(height, part.height)
    return Layout(width, height, places, [routes[index] for index in range(len(arrows))])


def _lay_out_part(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layout:
    layered = put_in_layers(boxes, arrows)
    across = [float(round(place)) for place in place_across(layered)]
    bands = place_down(layered)
    places = {
        name: Place(
            across[number] - size.width / 2,
            (bands[layered.layer_of[number]].top + bands[layered.layer_of[number]].bottom - size.height) / 2,
            *size,
        )
        for (name, size), number in zip(boxes.items(), layered.boxes.values(), strict=True)
    }
    routes = Router(layered, across, bands).routes(arrows)
    return _trimmed(places, routes, arrows)


def _trimmed(places: Mapping[str, Place], routes: Sequence[Route], arrows: Sequence[Arrow]) -> Layout:
    """The layout without the room at its sides that nothing takes."""
    points = [(place.x, place.y) for place in places.values()]
    points += [(place.x + place.width, place.y + place.height) for place in places.values()]
    for route, arrow in zip(routes, arrows, strict=True):
        points += [route.start, *(point for piece in route.pieces for point in piece)]
        if route.label is not None and arrow.label is not None:
            (x, y), (width, height) = route.label, arrow.label
            points += [(x - width / 2, y - height / 2), (x + width / 2, y + height / 2)]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return Layout(
        max(x for x, _ in points) - left,
        max(y for _, y in points) - top,
        {name: place._replace(x=place.x - left, y=place.y - top) for name, place in places.items()},
        [_moved(route, -left, -top) for route in routes],
    )


def _parts(boxes: Mapping[str, Size], arrows: Sequence[Arrow]) -> list[set[str]]:
    """What hangs together, in the order of the first boxes."""
    beside: dict[str, list[str]] = {name: [] for name in boxes}
    for arrow in arrows:
        beside[arrow.source].append(arrow.target)
        beside[arrow.target].append(arrow.source)
    parts: list[set[str]] = []
    seen: set[str] = set()
    for name in boxes:
        if name in seen:
            continue
        part, pending = set[str](), [name]
        while pending:
            if (box := pending.pop()) not in part:
                part.add(box)
                pending += beside[box]
        seen |= part
        parts.append(part)
    return parts


def _moved(route: Route, x: float, y: float) -> Route:
    def move(point: Point) -> Point:
        return point[0] + x, point[1] + y

    pieces = tuple(Piece(*map(move, piece)) for piece in route.pieces)
    return Route(move(route.start), pieces, None if route.label is None else move(route.label))

"""The outlines of boxes, one for each kind. Top and bottom are flat where arrows begin and end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pectin.cli.picture.chart import AT_END, AT_LIMIT, MAP, START, STOP
from pectin.cli.picture.layered import Size
from pectin.cli.picture.layout import Place

STACK = 4
"""How far the cards of a map stand out behind one another."""

_SLANT = 10
_BAR = 4

PLAIN: Final[Mapping[str, Size | None]] = {START: Size(16, 16), STOP: Size(18, 18), AT_LIMIT: None, AT_END: None}
"""What is no node, and its size if it isn't its name alone."""


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _rectangle(radius: int) -> Callable[[Place], str]:
    return lambda place: _rect(place, radius)


def _rect(place: Place, radius: float, style: str = "shape") -> str:
    return (
        f'<rect class="{style}" x="{number(place.x)}" y="{number(place.y)}" width="{place.width}" '
        f'height="{place.height}" rx="{number(radius)}"/>'
    )


def _polygon(place: Place, *corners: tuple[float, float]) -> str:
    points = " ".join(f"{number(place.x + x)},{number(place.y + y)}" for x, y in corners)
    return f'<polygon class="shape" points="{points}"/>'


def _hexagon(place: Place) -> str:
    width, height = place.width, place.height
    top = [(_SLANT, 0.0), (width - _SLANT, 0.0)]
    return _polygon(
        place, *top, (width, height / 2), (width - _SLANT, float(height)), (_SLANT, float(height)), (0.0, height / 2)
    )


def _octagon(place: Place) -> str:
    width, height, cut = float(place.width), float(place.height), 9.0
    right = [(width, cut), (width, height - cut), (width - cut, height)]
    return _polygon(place, (cut, 0.0), (width - cut, 0.0), *right, (cut, height), (0.0, height - cut), (0.0, cut))


def _slanted(place: Place) -> str:
    width, height = float(place.width), float(place.height)
    return _polygon(place, (_SLANT, 0.0), (width, 0.0), (width - _SLANT, height), (0.0, height))


def _pill(place: Place) -> str:
    return _rect(place, place.height / 2)


def _doubled(place: Place) -> str:
    x, right = place.x + 6, place.x + place.width - 6
    top, bottom = number(place.y), number(place.y + place.height)
    bars = f"M{number(x)} {top}V{bottom}M{number(right)} {top}V{bottom}"
    return f'{_rect(place, 3)}<path class="bar" d="{bars}"/>'


def _barred(at_top: bool) -> Callable[[Place], str]:
    def draw(place: Place) -> str:
        y = place.y if at_top else place.y + place.height - _BAR
        return _rect(place, 3) + _rect(Place(place.x, y, place.width, _BAR), 2, "thick")

    return draw


def _stack(place: Place) -> str:
    card = Place(place.x, place.y, place.width - 2 * STACK, place.height - 2 * STACK)
    return "".join(_rect(card._replace(x=card.x + off, y=card.y + off), 6) for off in (2 * STACK, STACK, 0))


def _dot(place: Place) -> str:
    return _circle(place, place.width / 2, "dot")


def _ring(place: Place) -> str:
    return _circle(place, place.width / 2 - 1, "ring") + _circle(place, place.width / 2 - 5, "dot")


def _circle(place: Place, radius: float, style: str) -> str:
    x, y = place.x + place.width / 2, place.y + place.height / 2
    return f'<circle class="{style}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


SHAPES: Final[Mapping[str, Callable[[Place], str]]] = {
    "python_fn": _rectangle(6),
    "tool": _rectangle(0),
    "condition": _hexagon,
    "policy": _hexagon,
    "human_approval": _slanted,
    "wait": _pill,
    "subgraph": _doubled,
    "parallel": _barred(at_top=False),
    "join": _barred(at_top=True),
    "finalizer": _rectangle(14),
    "limit_exceeded": _octagon,
    MAP: _stack,
    START: _dot,
    STOP: _ring,
    AT_LIMIT: lambda _: "",
    AT_END: lambda _: "",
}

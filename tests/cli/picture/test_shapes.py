"""The outlines of boxes."""

from __future__ import annotations

import re

import pytest

from pectin.cli.picture.layout import Place
from pectin.cli.picture.shapes import PLAIN, SHAPES, number
from pectin.nodes import KINDS

PLACE = Place(10.0, 20.0, 100, 40)


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (1.26, "1.3"), (-0.04, "0"), (-0.5, "-0.5"), (120.0, "120")])
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_every_kind_has_a_shape() -> None:
    assert {kind.NAME for kind in KINDS} <= SHAPES.keys()
    assert PLAIN.keys() <= SHAPES.keys()


@pytest.mark.parametrize("kind", sorted(SHAPES.keys() - PLAIN.keys()))
def test_a_shape_fills_its_place_and_is_flat_at_the_top_and_the_bottom(kind: str) -> None:
    drawn = SHAPES[kind](PLACE)
    xs, ys = list[float](), list[float]()
    for rectangle in re.finditer(r'<rect [^>]*x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawn):
        x, y, width, height = map(float, rectangle.groups())
        xs, ys = [*xs, x, x + width], [*ys, y, y + height]
    for polygon in re.finditer(r'points="([^"]+)"', drawn):
        corners = [tuple(map(float, corner.split(","))) for corner in polygon[1].split()]
        xs, ys = [*xs, *(corner[0] for corner in corners)], [*ys, *(corner[1] for corner in corners)]
        for side in (20, 60):
            flat = [corner[0] for corner in corners if corner[1] == side]
            assert max(flat) - min(flat) >= 80
    assert (min(xs), max(xs), min(ys), max(ys)) == (10, 110, 20, 60)
